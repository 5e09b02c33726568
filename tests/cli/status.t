#!/bin/bash
# SPDX-License-Identifier: MIT
# status: what is in the gallery; forget: dropping from it.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh

few_pictures
cd "$work" || exit 1

fails 1 "there is no gallery at .* yet: .keepsake index" "status without a gallery" status
fails 1 "there is no gallery at .* yet" "forget without a gallery" forget photos
[[ ! -e $XDG_DATA_HOME ]]
ok $? "neither makes one"

mkdir empty
"$program" -q --gallery empty.db index empty >/dev/null
run --gallery empty.db status --json
is "$status" 0 "an empty gallery: status 0"
is "$(json 'join " ", $_->{photos}, $_->{failed}, $_->{store}' <<<"$out")" "0 0 sqlite" "with nothing in it"

run --gallery empty.db status --failures
is "$status:$out" "0:" "no failures: an empty list"
like "$err" "no file failed" "which is said"

run --gallery empty.db status --damaged
is "$status:$out" "0:" "no damaged photos: an empty list"
like "$err" "no photo is damaged" "which is said"
mkdir cut
head -c -20 photos/red.png >cut/red.png
"$program" -q --gallery cut.db index cut >/dev/null
run --gallery cut.db status
is "$status" 0 "a picture without its last bytes is indexed"
like "$out" "damaged +1 .*status --damaged" "and counted as damaged"
run --gallery cut.db status --damaged
like "$out" "cut/red.png: the PNG data ends early" "and listed, with what is wrong"
run --gallery cut.db --json status --damaged
like "$(json '$_->{damage}' <<<"$out")" "^the PNG data ends early" "as JSON, too"
run --gallery cut.db --json status
is "$(json '$_->{damaged}' <<<"$out")" 1 "and its number"
run --gallery cut.db doctor
like "$out" "damaged .*1 photo are damaged" "doctor tells of it"

echo no >photos/$'no\tpicture.jpg'
"$program" -q index photos >/dev/null 2>&1
run status
is "$status" 0 "status: status 0"
is "$err" "" "nothing on stderr"
like "$out" "gallery +$XDG_DATA_HOME/keepsake/gallery.db \(sqlite, format [0-9]+, [0-9.]+ KB\)" "status --json: the gallery"
like "$out" "model +mini \(256 numbers a photo, computed in (f32|bf16)\)" "status --json: the model"
like "$out" "photos +4"$'\n' "status --json: the photos"
like "$out" "failed +1 .*status --failures" "failures, and where to read of them"
now=$(TZ=IST-5:30 date +"%Y-%m-%d %H")
TZ=IST-5:30 run status
like "$out" "last change  ($now|$(TZ=IST-5:30 date +"%Y-%m-%d %H")):[0-9]{2}"$'\n' "last change, in local time"
like "$out" "signal +phash 1: [1-4] photos have it" "status --json: the signals"
run --json status
is "$(wc -l <<<"$out")" 1 "--json: one line"
is "$(json 'join " ", @{$_}{qw(photos failed model dim store gallery)}' <<<"$out")" \
    "4 1 mini 256 sqlite $XDG_DATA_HOME/keepsake/gallery.db" "with these values"
is "$(json 'join " ", map { "$_->{kind} $_->{version} $_->{failed} $_->{lacking}" } @{$_->{signals}}' <<<"$out")" "phash 1 0 0" "and signals"
is "$(json 'join " ", map { "$_->{model} $_->{lacking}" } @{$_->{models}}' <<<"$out")" "mini 0" "and models"
is "$(json '$_->{bytes} > 1000 && $_->{schema} >= 1 && $_->{last_change} =~ /^20.*Z$/' <<<"$out")" 1 \
    "and bytes, schema, last_change"
is "$(json 'join " ", @{$_}{qw(labels rules ledger_entries)}' <<<"$out")" "0 0 0" "and labels, rules, ledger_entries"
"$program" -q label "$work/photos/red.png" Mia >/dev/null
"$program" -q never-send --label Mia >/dev/null
run status
like "$out" "labels +1"$'\n'"never send +1 rule"$'\n'"ledger +0 entries" "which people see, too"
run --json status
is "$(json 'join " ", @{$_}{qw(labels rules ledger_entries)}' <<<"$out")" "1 1 0" "and as JSON"
run status --failures
is "$status" 0 "--failures: status 0"
like "$out" "^$work/photos/no\?picture.jpg: .*not a" "path and reason, safe to print"
run status --failures --json
is "$(json '$_->{path}' <<<"$out")" "$work/photos/"$'no\tpicture.jpg' "--json: the exact path"
like "$(json '$_->{reason}' <<<"$out")" "not a" "and the reason"

fails 1 ".*photos is a folder, but a gallery is a file" "a folder as gallery" --gallery photos status
head -c 5000 /dev/urandom >noise.db
fails 1 ".*noise.db" "noise as gallery" --gallery noise.db status
fails 1 ".*noise.db" "noise as gallery of forget" --gallery noise.db forget photos

run forget photos/trip
is "$status" 0 "forget a folder: status 0"
is "$out" "forgot 1 file: photos/trip" "says how many"
[[ -f photos/trip/grey.png ]]
ok $? "the photo is still on disk"
run status --json
is "$(json '$_->{photos}' <<<"$out")" 3 "but not in the gallery"
run forget photos/trip
is "$status" 1 "again: status 1"
like "$err" "cannot forget photos/trip: the gallery has nothing at or below it" "it is unknown now"
run forget --json "photos/../photos/./red.png"
is "$(json '$_->{forgotten}' <<<"$out")" 1 "--json, by a path with dots"
run forget $'photos/no\tpicture.jpg' nowhere
is "$status" 1 "one known, one unknown: status 1"
is "$out" "forgot 1 file: photos/no?picture.jpg" "the known one, a failure, is dropped"
like "$err" "^keepsake: cannot forget nowhere: the gallery has nothing at or below it$" "the other reported"

ln -s photos way
run forget way/blue.png
is "$out" "forgot 1 file: way/blue.png" "through a link"
mkdir gone && picture gone/a.png 1 2 3 && picture gone/b.png 3 2 1
"$program" -q index gone >/dev/null
rm -r gone
run forget gone//
is "$status" 0 "a vanished folder: status 0"
like "$out" "^forgot 2 files: " "by its text alone"
done_testing
