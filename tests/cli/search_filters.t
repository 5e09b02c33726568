#!/bin/bash
# SPDX-License-Identifier: MIT
# search: which photos are meant (folder, dates, labels), and what it says when nothing matches.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh

cd "$work" || exit 1
mkdir -p photos/trip photos/trips
picture photos/red.png 200 20 20
picture photos/trip/old.png 20 180 40 40 "2018:12:31 23:59:59"
picture photos/trip/summer.png 20 30 210 40 "2019:07:04 18:30:05"
picture photos/trips/late.png 120 120 120 40 "2019:08:31 00:00:01"
picture photos/trips/new.png 20 120 120 40 "2021:01:01 00:00:00"
"$program" -q index photos >/dev/null

found() { # OPTION...: names of the photos found, in order of name
    "$program" -q search --json -k 50 "$@" a square | json '$_->{path}' | xargs -rn1 basename | sort | xargs
}
is "$(found)" "late.png new.png old.png red.png summer.png" "without limits: all"
is "$(found --folder photos/trip)" "old.png summer.png" "--folder: at and below, not 'trips'"
is "$(found --folder "$work/photos/trip/../trip/")" "old.png summer.png" "however it is written"
is "$(cd photos && found --folder .)" "late.png new.png old.png red.png summer.png" "from where one is"
is "$(found --folder photos/red.png)" "red.png" "--folder and --from leave one photo"
is "$(found --from 2019)" "late.png new.png summer.png" "--from a year"
is "$(found --until 2018)" "old.png" "--until a year: all of it"
is "$(found --from 2019-07 --until 2019-07)" "summer.png" "--from and --until of a month"
is "$(found --from 2019-07-05 --until 2019-08-31)" "late.png" "days, the last one, too"
is "$(found --from 2019 --folder photos/trip)" "summer.png" "folder and date"
is "$("$program" -q search --like photos/trip/old.png --from 2019 --until 2019 --json | wc -l)" 2 "with --like, too"

run search --from 2030 a square
is "$status:$out" "0:" "nothing within the limits: status 0, and no list"
like "$err" "there is no photo within these limits" "and says so"
run search --json --folder nowhere a square
is "$status:$out" "0:" "a folder that is not there: no photos"

fails 1 "soon is not a date: write a year" "a date that is none" search --from soon a square
fails 1 "2019-13 is not a date" "a month that is none" search --until 2019-13 a square
fails 1 "2019-02-30 is not a date" "a day that is none" search --from 2019-02-30 a square
fails 2 "--from is empty" "an empty date" search --from "" a square
fails 2 ".*--folder" "--folder without one" search a square --folder

run search --json a square
is "$(json '$_->{strength} =~ /^(none|weak|fair|strong)$/ ? 1 : 0' <<<"$out" | sort -u)" 1 "search --json: strength is given"
is "$(json 'defined $_->{names} ? 1 : 0' <<<"$out" | sort -u)" 0 "no names without labels"
run -q search -k 1 --like photos/red.png
like "$out" "^1  +1\.000  strong " "the picture itself is a strong match"

# ---- the language of queries ----
run search a square in tripz
is "$status:$(grep -c 'did you mean\|searched for as a word' <<<"$err")" "0:0" "a word that is almost the name of a folder is a word"
mark() { sed -n '2,3p' <<<"$err"; } # the query and the mark below it

run search "in:photos -red"
is "$status:$(wc -l <<<"$out")" "0:$(wc -l < <("$program" -q search -k 100 in:photos))" "a query: what should not be seen excludes nothing"
run search 'dog lable:Ana'
is "$status" 2 "an unknown criterion: status 2"
like "$err" "there is no criterion lable: did you mean label: \?" "and its neighbour"
is "$(mark)" $'  dog lable:Ana\n      ^~~~~~' "with a mark under the place"
run search '雪 (dog'
is "$(mark)" $'  雪 (dog\n     ^' "the mark counts columns, not bytes"
for criterion in in label near place country camera; do
    run search "$criterion:\" \",5km"
    like "$status:$err" "^2:keepsake: $criterion: a value is empty: write $criterion:" "$criterion: with an empty value"
done
run search 'in:nope'
is "$status" 2 "a folder that is not there: status 2"
like "$err" "no photo is in a folder named nope" "says so"
run search 'label:Nobody'
like "$err" "no photo has the label Nobody" "a label that is not there"
unlike "$err" "within these limits" "is called by its name"
run search 'a square type:heic'
is "$status:$out" "0:" "a criterion that no photo meets: no photo"
like "$err" "no photo meets type:heic" "which is named"
run search like:999999
like "$err" "like:999999: no photo has this number" "an example that is not there"
run search 'like:photos/red.png -in:nowhere'
is "$status" 2 "an excluded folder that is not there is a mistake, also"
run search -k 1 'like:photos/red.png'
like "$out" "photos/red.png" "like:FILE finds the picture itself"
run search '"RED.png"'
is "$(wc -l <<<"$out")" 1 "quoted words must be written down"
like "$out" "^1  -  -  .*photos/red.png" "a query of criteria alone is a list"
run search '"RED.png" OR name:old.*'
is "$(wc -l <<<"$out")" 2 "one of two criteria"
run search dog -snow
is "$status" 2 "a query without quotes: status 2"
like "$err" "put the query in quotes, as keepsake search 'dog -snow'" "and what to do"
run search -- -name:red.png
is "$status:$(grep -c red.png <<<"$out")" "0:0" "after -- everything is query"
run search 'a square 2019'
like "$err" "2019 was searched for as a word; exactly: keepsake search 'a square date:2019'" "a year is offered as a criterion"
is "$(wc -l <<<"$out")" 5 "and not applied"
run search 'a red.png'
like "$err" "keepsake search 'a name:red.png'" "the name of a file, also"
run search 'a square in Trips'
like "$err" "Trips was searched for as a word; exactly: keepsake search 'a square in:Trips'" "the name of a folder after a preposition"
run search 'a square in paint with nobody'
unlike "$err" "searched for as a word" "... not one that the gallery lacks"
run search 'a square 9999 date:2019 -2018'
unlike "$err" "searched for as a word" "no other number, nor what is excluded"
run search --explain 'red + square -in:nope'
is "$status" 2 "--explain of a mistake: status 2"
run search --explain '(red + square) "RED.png" sort:date'
is "$status" 0 "--explain: status 0"
like "$out" "all of these, the weaker decides:" "the tree in words"
like "$out" 'shows "square"' "a caption"
like "$out" '"RED.png" is written in its path.* \(1 photo\)' "how many photos a criterion lets through"
like "$out" "the criteria leave 1 photo, oldest first" "and all of them"
run search --explain --json 'red "RED.png"'
is "$(json '$_->{tree}{parts}[1]{photos} . $_->{read_as}' <<<"$out")" '1red "RED.png"' "--explain --json"
run help query
is "$status" 0 "help query: status 0"
like "$out" "date:2015-07..2016 +photos taken in this year, month or day" "lists criteria"
is "$(awk 'length > 100' <<<"$out")" "" "help query fits 100 columns"

# A gallery that a program without names of places has left.
"$program" -q --gallery old.db index photos >/dev/null
sqlite3 old.db "UPDATE photo SET latitude = 41.15, longitude = -8.61 WHERE id < 3; DELETE FROM note WHERE name = 'places'"
run --gallery old.db places
like "$status $err" "^0 keepsake: 2 photos have a place whose name is not in the gallery yet" "places: an old gallery has no names of places"
fails 2 "no photo is known to be from porto: the names of places are not in the gallery yet" \
    "an old gallery has no place to search for" --gallery old.db search place:porto
"$program" -q --gallery old.db index photos >/dev/null
run --gallery old.db places
is "$out" "2  Portugal  Porto  Porto" "an index run names the places of an old gallery"
fails 2 "no photo was taken in lisbon" "a town of no photo" --gallery old.db search place:lisbon

# What is among the photos of people and dogs, by their captions, and what is not.
if [[ -d $shared/photos/flickr8k-300 ]]; then
    mkdir few
    for photo in "$shared"/photos/flickr8k-300/images/10*.jpg; do cp "$photo" few/; done
    "$program" -q --gallery few.db index few >/dev/null
    run --gallery few.db search a vacuum cleaner
    is "$status" 0 "nothing matches: status 0"
    like "$err" "nothing in this gallery matches; these are nearest" "says so"
    is "$(wc -l <<<"$out")" 5 "and lists what is nearest"
    unlike "$out" "weak|fair|strong" "as no match"
    run --gallery few.db search --json a vacuum cleaner
    is "$(json '$_->{strength}' <<<"$out" | sort -u)" none "--json: strength none"
    run --gallery few.db search -k 1 a vacuum cleaner
    like "$err" "matches; this one is nearest" "one photo"
    run --gallery few.db search --folder few a vacuum cleaner
    like "$err" "no photo within these limits matches; these are nearest" "within limits"
    run --gallery few.db search two dogs in the snow
    unlike "$err" "matches;" "what is there is found without a remark"
    like "$out" "fair|strong" "and matches"
else
    skip "no reference photos in $shared"
fi
done_testing
