#!/bin/bash
# SPDX-License-Identifier: MIT
# export and import: a gallery in one file, and back.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh

few_pictures
cd "$work" || exit 1

fails 1 "there is no gallery at .* yet: .keepsake index" "export without a gallery" export x.keepsake
fails 2 "export needs one FILE" "export to nowhere" export
fails 2 "export needs one FILE" "export to two files" export a b
fails 2 "import needs one FILE" "import of nothing" import
fails 1 "cannot import nowhere.keepsake: there is no gallery" "import of no file" import nowhere.keepsake
head -c 5000 /dev/urandom >noise.keepsake
fails 1 ".*noise.keepsake is not a gallery" "import of noise" import noise.keepsake
[[ ! -e $XDG_DATA_HOME ]]
ok $? "none of them makes a gallery"

echo no >photos/broken.png
"$program" -q index photos >/dev/null 2>&1
run export x.keepsake
is "$status" 0 "export: status 0"
is "$err" "" "nothing on stderr"
like "$out" "^exported 4 photos and 1 failed file to x.keepsake \([0-9.]+ KB\)$" "says what"
is "$(find . -name '*.keepsake*' ! -name noise.keepsake)" ./x.keepsake "export writes one file"
is "$(stat -c %a x.keepsake)" 600 "for its owner only"
run --gallery x.keepsake search --json red
is "$status" 0 "the file can be searched"
found=$(json '$_->{path} . " " . $_->{score}' <<<"$out")
run search --json red
is "$(json '$_->{path} . " " . $_->{score}' <<<"$out")" "$found" "and finds the same, with the same scores"

before=$(md5sum <x.keepsake)
fails 1 "x.keepsake exists: .*--force" "an export onto a file" export x.keepsake
is "$(md5sum <x.keepsake)" "$before" "which stays as it was"
run export --force --json x.keepsake
is "$status" 0 "with --force: status 0"
is "$(json 'join " ", @{$_}{qw(file photos failures left_out kept)}, $_->{bytes} > 1000' <<<"$out")" \
    "x.keepsake 4 1 0 0 1" "--json: what was done"
gallery=$XDG_DATA_HOME/keepsake/gallery.db
fails 1 ".* is the gallery itself" "an export onto the gallery" export --force "$gallery"
ln "$gallery" hard.db
fails 1 "cannot export to hard.db: it is the gallery itself" "by another name" export --force hard.db
fails 1 ".* is the gallery itself" "an import of the gallery" import "$gallery"
rm hard.db
fails 1 "export writes to a file" "an export to a server" export postgresql://ana:secret@localhost/photos
unlike "$err" secret "whose password is not told"
fails 1 "cannot write none/x: No such file" "an export into no folder" export none/x

rows() {
    "$program" --gallery "$1" search --json -k 10 red | json 'join " ", @{$_}{qw(path score)}'
    "$program" --gallery "$1" status --json | json 'join " ", @{$_}{qw(photos failed model dim)}'
    "$program" --gallery "$1" status --failures --json | json 'join " ", @{$_}{qw(path reason)}'
}
run --gallery new.db import x.keepsake
is "$status" 0 "import: status 0"
is "$out" "imported 4 photos and 1 failed file from x.keepsake" "says what"
is "$(rows new.db)" "$(rows "$gallery")" "the new gallery is like the old one"
run --gallery new.db index --json photos
is "$(json '"$_->{unchanged} $_->{decoded}"' <<<"$out")" "4 0" "an index run has nothing to do"
run --gallery new.db import --json x.keepsake
is "$(json 'join " ", @{$_}{qw(file photos failures left_out kept)}' <<<"$out")" "x.keepsake 4 1 0 0" "import again with --json"
is "$(rows new.db)" "$(rows "$gallery")" "nothing is doubled"
is "$(md5sum <x.keepsake | cut -c1-32; ls x.keepsake*)" "$(md5sum <x.keepsake | cut -c1-32)"$'\n'x.keepsake \
    "nothing lies beside the file"

"$program" label photos/red.png Mia >/dev/null
"$program" never-send photos/nowhere >/dev/null
run export --force --json x.keepsake
is "$(json 'join " ", @{$_}{qw(labels rules ledger_entries)}' <<<"$out")" "1 1 0" "labels and rules are exported"
run --gallery named.db import x.keepsake
is "$out" "imported 4 photos and 1 failed file, 1 label, 1 never-send rule from x.keepsake" "and imported"
is "$("$program" --gallery named.db labels --json)" "$("$program" labels --json)" "each as it was"

mkdir other
picture other/teal.png 10 150 150
"$program" -q --gallery other.db index other >/dev/null
run --gallery other.db import x.keepsake
is "$status" 0 "into a gallery with photos: status 0"
is "$("$program" --gallery other.db status --json | json '"$_->{photos} $_->{failed}"')" "5 1" "both are in it"

cp -r "${KEEPSAKE_MODELS:-$OLDPWD/models/mini}" "$work/second"
"$program" -q --model "$work/second" --gallery second.db index other >/dev/null 2>&1
is "$?" 0 "a gallery of another model"
fails 1 "cannot import x.keepsake: .*mini" "refuses the import" --gallery second.db import x.keepsake
is "$("$program" --gallery second.db status --json | json '$_->{photos}')" 1 "and stays as it was"
done_testing
