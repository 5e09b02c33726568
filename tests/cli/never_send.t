#!/bin/bash
# SPDX-License-Identifier: MIT
# never-send: the owner's rules; that every sender keeps them is tested with the senders.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh

few_pictures
cd "$work" || exit 1

fails 1 "there is no gallery at .* yet" "without a gallery" never-send photos
fails 1 "there is no gallery at .* yet" "the list without a gallery" never-send
"$program" -q index photos >/dev/null
"$program" -q label photos/red.png Mia >/dev/null

# "added folder /photos/trip 1", of a line of --json.
changed() { json 'join " ", $_->{removed} ? "removed" : $_->{added} ? "added" : "?", grep { defined } @{$_}{qw(kind value covers)}' <<<"$out"; }

run never-send
is "$status:$out" "0:" "no rules yet: an empty list"
like "$err" "no rules: .ask. may send every photo that it finds" "and what that means"
run never-send photos/trip
is "$status:$out" "0:added: folder $work/photos/trip" "a folder, by its full path"
is "$err" "keepsake: it covers 1 photo now" "and how many photos it covers"
run never-send --label Mia photos/blue.png
is "$status" 0 "a photo and a label"
is "$out" $'added: folder '"$work"$'/photos/blue.png\nadded: label Mia' "both are told"
run never-send photos/trip/
is "$status" 0 "the same again"
run never-send
is "$out" "$(printf '%s\n' "folder $work/photos/blue.png" "folder $work/photos/trip" "label Mia")" "the list: each once"
run never-send --json
is "$(json '"$_->{kind} $_->{value}"' <<<"$out")" "$(printf '%s\n' "folder $work/photos/blue.png" "folder $work/photos/trip" "label Mia")" \
    "--json: one a line"
is "$(json '$_->{folder} // "label $_->{label}"' <<<"$out" | xargs)" "$work/photos/blue.png $work/photos/trip label Mia" "the kind is still a key, too"

run never-send photos/tripp
is "$status" 0 "a folder without photos is a rule, too"
like "$err" "has no photo at or below $work/photos/tripp: check the spelling" "with a warning"
run never-send --label Mai
like "$err" "no photo has the label Mai: check the spelling" "a label that no photo has"
ln -s photos/trip link
run never-send link
is "$out" "added: folder $work/photos/trip" "a link stands for what it leads to"
like "$err" "it covers 1 photo now" "and covers what is there"
for way in "./photos/../photos//trip/" "$work/photos/trip/." link/ ../"${work##*/}"/link; do
    run never-send --json "$way"
    is "$(changed)" "added folder $work/photos/trip 1" "the same folder as ${way#"$work"/}"
done

run never-send remove photos/tripp --label MAI
is "$status:$err" "0:" "never-send remove deletes rules"
is "$out" $'removed: folder '"$work"$'/photos/tripp\nremoved: label MAI' "says what"
run never-send remove --json photos/blue.png
is "$(changed)" "removed folder $work/photos/blue.png" "never-send list with --json"
run never-send remove nowhere photos/trip
is "$status:$out" "1:removed: folder $work/photos/trip" "an unknown one: the others are removed, status 1"
like "$err" "keepsake: .*nowhere" "and says so"
run never-send
is "$out" "label Mia" "one is left"
mkdir remove
run never-send ./remove
is "$out" "added: folder $work/remove" "a folder named as the verb"

# A photo that is known by a link, by its own place, and by a copy: a rule for any place covers all.
mkdir -p real/sub elsewhere
cp photos/red.png real/sub/one.png
cp photos/blue.png elsewhere/two.png
cp real/sub/one.png elsewhere/copy.png
ln -s ../real/sub elsewhere/way
"$program" -q --gallery linked.db index elsewhere >/dev/null
linked() { run --gallery linked.db "$@"; }
is "$("$program" --gallery linked.db search --copies --json -k 9 red | json '$_->{path}' | sort | xargs -n1 basename | xargs)" \
    "copy.png two.png one.png" "three photos, one of them only through a link"
linked never-send --json real
is "$(changed)" "added folder $work/real 2" "a rule for the real folder covers the photo behind the link, and its copy"
linked never-send remove real
linked never-send --json elsewhere/way
is "$(changed)" "added folder $work/elsewhere/way 2" "so does one for the link"
linked search --json -k 9 --folder elsewhere/way red
is "$(json '$_->{path}' <<<"$out")" "$work/elsewhere/way/one.png" "search --folder takes the link as well"
linked never-send remove elsewhere/way/
is "$status" 0 "and removes it"
linked never-send --json --label nobody
is "$(changed)" "added label nobody 0" "a label without photos covers none"
"$program" -q --gallery linked.db label elsewhere/copy.png Mia >/dev/null
linked never-send --json --label MIA
is "$(changed)" "added label MIA 2" "a label covers copies, whatever its case"

fails 2 "never-send remove needs a FOLDER or --label NAME" "remove of nothing" never-send remove
fails 2 ".*--label" "--label without a name" never-send --label
fails 1 "the name is empty" "an empty label" never-send --label ""
fails 1 ".*name" "a label of blanks" never-send --label "  "
fails 1 ".*invalid characters" "a label that is no text" never-send --label $'\xff'
fails 2 "unknown option --folder" "an option that is none" never-send --folder x
run never-send $'bad\xff\033[31m'
unlike "$out$err" $'[\033\xff]' "no path reaches the terminal raw"
run never-send --json
is "$(json '$_->{folder_base64} // ()' <<<"$out" | grep -v none | base64 -d)" "$work/"$'bad\xff\033[31m' "--json: path_base64 is exact"
done_testing
