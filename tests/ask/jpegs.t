#!/bin/bash
# SPDX-License-Identifier: MIT
# The pictures of a dry run: upright, without metadata, within the size rule, and the photo's own pixels.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh
# shellcheck source=tests/ask/lib.sh
. tests/ask/lib.sh

turned=$shared/torture/exif-orientation
python3=/usr/bin/python3 # Debian's, which has Debian's packages
$python3 -c 'import PIL' 2>/dev/null || leave "python3-pil is not installed"
[[ -f $turned/Landscape_1.jpg ]] || leave "no pictures of all orientations in $shared"
few_photos
mkdir "$work/turned"
cp "$turned"/Landscape_[1-8].jpg "$turned"/Portrait_[1-8].jpg "$work/turned/"
dog=$(find "$work/photos/dogs" -name '*.jpg' | head -1)
for orientation in 1 3 6 8; do # with EXIF of ours: camera, date and place
    exif "$work/photos/others/13.jpg" $orientation "2020:01:01 00:00:00" "$work/turned/exif$orientation.jpg"
done
"$program" -q --gallery "$work/turned.db" index "$work/turned" >/dev/null

checks() { # NAME GALLERY ARGUMENT...
    local name=$1 gallery=$2 line
    shift 2
    run --gallery "$gallery" ask --dry-run --json --save-request "$work/$name" "$@"
    is "$status" 0 "$name: dry run"
    while read -r line; do
        [[ $line == ok* ]]
        ok $? "${line#*ok }"
    done < <($python3 tests/ask/jpegs.py "$work/$name" <<<"$out")
}

checks sent-turned "$work/turned.db" --folder "$work/turned" -k 20 "a picture with a number"
is "$(find "$work/sent-turned" -name "*.jpg" | wc -l)" 20 "all twenty of them"
checks sent-dogs "$KEEPSAKE_GALLERY" -k 4 "What is the dog doing?"
like "$(head -c 4000 "$dog" | LC_ALL=C grep -c Kodak)" 1 "the photos have EXIF"
is "$(LC_ALL=C grep -lE 'Exif|Kodak|Brownie' "$work"/sent-*/*.jpg)" "" "what is sent has none"
done_testing
