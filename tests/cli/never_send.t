#!/bin/bash
# never-send: the owner's rules; that every sender keeps them is tested with the senders.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh

few_pictures
cd "$work" || exit 1

fails 1 "there is no gallery at .* yet" "without a gallery" never-send photos
fails 1 "there is no gallery at .* yet" "the list without a gallery" never-send
"$program" -q index photos >/dev/null
"$program" -q label photos/red.png Mia >/dev/null

run never-send
is "$status:$out" "0:" "no rules yet: an empty list"
like "$err" "no rules: .ask. may send every photo that it finds" "and what that means"
run never-send photos/trip
is "$status:$out" "0:added: folder $work/photos/trip" "a folder, by its full path"
is "$err" "" "nothing else"
run never-send --label Mia photos/blue.png
is "$status" 0 "a photo and a label"
is "$out" $'added: folder '"$work"$'/photos/blue.png\nadded: label Mia' "both are told"
run never-send photos/trip/
is "$status" 0 "the same again"
run never-send
is "$out" "$(printf '%s\n' "folder $work/photos/blue.png" "folder $work/photos/trip" "label Mia")" "the list: each once"
run never-send --json
is "$(json 'join " ", %$_' <<<"$out")" "$(printf '%s\n' "folder $work/photos/blue.png" "folder $work/photos/trip" "label Mia")" \
    "--json: one a line"

run never-send photos/tripp
is "$status" 0 "a folder without photos is a rule, too"
like "$err" "has no photo at or below $work/photos/tripp now: is it spelt right\?" "with a warning"
run never-send --label Mai
like "$err" "no photo has the label Mai now: is it spelt right\?" "a label that no photo has"
ln -s photos/trip link
run never-send link
is "$out" "added: folder $work/photos/trip" "a link stands for what it leads to"

run never-send remove photos/tripp --label MAI
is "$status:$err" "0:" "remove"
is "$out" $'removed: folder '"$work"$'/photos/tripp\nremoved: label MAI' "says what"
run never-send remove --json photos/blue.png
is "$out" "{\"folder\":\"$work/photos/blue.png\",\"removed\":true}" "--json"
run never-send remove nowhere photos/trip
is "$status:$out" "1:removed: folder $work/photos/trip" "an unknown one: the others are removed, status 1"
like "$err" "keepsake: .*nowhere" "and says so"
run never-send
is "$out" "label Mia" "one is left"
mkdir remove
run never-send ./remove
is "$out" "added: folder $work/remove" "a folder named as the verb"

fails 2 "never-send remove needs a FOLDER or --label NAME" "remove of nothing" never-send remove
fails 2 ".*--label" "--label without a name" never-send --label
fails 1 "an empty name is no label" "an empty label" never-send --label ""
fails 1 ".*name" "a label of blanks" never-send --label "  "
fails 1 ".*no text" "a label that is no text" never-send --label $'\xff'
fails 2 "there is no option --folder" "an option that is none" never-send --folder x
run never-send $'bad\xff\033[31m'
unlike "$out$err" $'[\033\xff]' "no path reaches the terminal raw"
run never-send --json
is "$(json '$_->{folder_base64} // ()' <<<"$out" | grep -v none | base64 -d)" "$work/"$'bad\xff\033[31m' "--json: path_base64 is exact"
done_testing
