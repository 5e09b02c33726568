#!/bin/bash
# SPDX-License-Identifier: MIT
# label and labels: the owner's names for what is in photos, and searches that speak of them.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh

few_pictures
cd "$work" || exit 1

fails 1 "there is no gallery at .* yet" "label without a gallery" label photos/red.png Anna
fails 1 "there is no gallery at .* yet" "labels without a gallery" labels
"$program" -q index photos >/dev/null
"$program" -q search --json -k 9 a square >all.json
id_of() { json '"$_->{id} $_->{path}"' <all.json | awk -v p="/$1" 'index($0, p) { print $1 }'; }

run labels
is "$status:$out" "0:" "no labels yet: an empty list"
like "$err" "there are no labels: .keepsake label PHOTO NAME. adds one" "and how to make one"

run label photos/red.png Anna Maria
is "$status" 0 "label: status 0"
is "$out" "photos/red.png: Anna Maria" "says what; the words need no quotes"
run label --json photos/green.png 4,8,20,10 Opa
is "$(json 'join " ", @{$_}{qw(id name photo path)}, @{$_->{box}}{qw(x y width height)}' <<<"$out")" \
    "2 Opa $(id_of green.png) $work/photos/green.png 0.1 0.2 0.5 0.25" "--json: a box in pixels, as fractions"
run label --json "$(id_of green.png)" "10%, 20%, 50%, 25%" opa
is "$(json '$_->{id}' <<<"$out")" 2 "the same in percent, by id, in lower case: the label that is there"
run label photos/green.png 66.7%,0,33.4%,40 Emil
is "$status:$out" "0:photos/green.png at 66.7%,0%,33.3%,100%: Emil" "rounded percent, and pixels"
run label photos/trip/grey.png Ömer
run label photos/blue.png "Anna"
is "$(cd photos/trip && "$program" label ./grey.png 爷爷)" "grey.png: 爷爷" "from where one is"

run labels
is "$status" 0 "labels: status 0"
is "$(awk '{ print $NF }' <<<"$out" | xargs)" \
    "photos/blue.png photos/red.png photos/green.png photos/green.png photos/trip/grey.png photos/trip/grey.png" \
    "by name"
like "$out" "2  Opa +10%,20%,50%,25% +photos/green.png" "number, name, place, photo"
run labels --json
is "$(json '"$_->{id} $_->{name}" . ($_->{box} ? " $_->{box}{width}" : "")' <<<"$out" | grep -c .)" 6 "--json: one a line"
is "$(json '$_->{box} ? 1 : 0' <<<"$out" | xargs)" "0 0 1 1 0 0" "with boxes where there are some"
is "$("$program" labels --name OPA --json | json '$_->{id}')" 2 "--name, whatever its case"
run labels --name Nobody
is "$status:$out" "0:" "a name that no label has"
like "$err" "no photo has this label" "and says so"

# Searches.
first() { "$program" -q search --json -k 9 "$@" | json '($_->{names} // "-") . " $_->{path}"' | sed "s|$work/photos/||" | head -1; }
is "$(first what is my OPA holding?)" "Opa green.png" "a question that speaks of a name"
is "$(first opa\'s hat)" "Opa green.png" "with an apostrophe"
is "$(first opal)" "- $("$program" -q search --json opal | json '$_->{path}' | head -1 | sed "s|$work/photos/||")" \
    "not as a part of a word"
is "$(first anna maria)" "Anna Maria red.png" "the longer name"
is "$("$program" -q search --json -k 9 anna maria | json '$_->{names} // "-"' | xargs)" "Anna Maria - - -" \
    "hides the shorter one inside"
is "$(first anna)" "Anna blue.png" "the shorter alone"
is "$(first ÖMER)" "Ömer trip/grey.png" "other letters than a to z"
is "$(first 爷爷拿着什么)" "爷爷 trip/grey.png" "a language without spaces"
run label photos/blue.png Emil
is "$(first emil and anna)" "Anna, Emil blue.png" "a photo with both names is first"
is "$("$program" -q search --json -k 9 emil and anna | json '$_->{names} // "-"' | xargs)" "Anna, Emil Emil - -" "then one"
is "$(first --label emil anna)" "Anna blue.png" "--label with a name in the query"
is "$("$program" -q search --json --label emil anna | wc -l)" 2 "... gives only photos with that label"
is "$("$program" -q search --json --label OPA square | json '$_->{path}')" "$work/photos/green.png" "search with --label alone"
run search --label Nobody square
is "$status:$out" "0:" "a label that no photo has"
run -q search emil
like "$out" "^1 +-?0\.[0-9]{3}  Emil +-  " "the list shows the name"

# They belong to the content.
mv photos/green.png photos/trip/moved.png
cp photos/red.png photos/copy.png
"$program" -q index photos >/dev/null
is "$(first opa)" "Opa trip/moved.png" "a label follows the file"
is "$("$program" -q search --copies --json -k 2 anna maria | json '"$_->{names}"' | xargs)" "Anna Maria Anna Maria" "and holds for copies"
"$program" -q forget photos/trip/moved.png >/dev/null
is "$("$program" labels --name Opa --json | json '$_->{path}')" "(none)" "it stays when the photo is forgotten"
like "$("$program" labels --name Opa)" "photo not in the gallery" "which the list says"
"$program" -q index photos >/dev/null
is "$(first opa)" "Opa trip/moved.png" "and is there when it comes back"
run labels
[[ -z $(find photos -newer all.json -name 'red.png') ]]
ok $? "no photo was changed"

run labels edit 2 Opa Karl
is "$status:$out" "0:label 2 is now: Opa Karl" "labels edit renames a label"
is "$("$program" labels edit --json 2 Karl)" '{"id":2,"name":"Karl"}' "labels with --json"
is "$(first karl)" "Karl trip/moved.png" "the new name is found"
run labels remove 2 1
is "$status:$out" $'0:label 2 removed\nlabel 1 removed' "labels remove deletes a label"
run labels remove 2 3
is "$status:$out" "1:label 3 removed" "an unknown one: the others are removed, status 1"
like "$err" "no label 2" "and says so"
is "$(first karl)" "- $(first carl | cut -d' ' -f2)" "a removed name is a word like others"

# Bad input.
fails 2 "label needs a PHOTO and a NAME" "label of nothing" label
fails 2 "label needs a PHOTO and a NAME" "label without a name" label photos/red.png
fails 2 "label needs a NAME after the box" "label with a box only" label photos/red.png 1,2,3,4
fails 1 "the gallery has no photo photos/nowhere.png: run .keepsake index. to add it" "an unknown photo" label photos/nowhere.png Anna
fails 1 ".*99" "an unknown id" label 99 Anna
fails 1 ".*99999999999999999999" "an id beyond all numbers" label 99999999999999999999 Anna
for box in 1,2,3 1,2,3,4,5 1,2,3,x% ",,," 1,2,,4 1,-2,3,4 1,2,3,4% 10%%,1,1,1 1.2.3,1,1,1; do
    run label photos/red.png $box Anna
    if [[ $box == 1,2,3,4% ]]; then
        is "$status" 0 "pixels and percent may be mixed: $box"
    elif [[ $box == *x* ]]; then
        is "$status:$out" "0:photos/red.png: $box Anna" "what cannot be a box belongs to the name"
    else
        is "$status" 1 "no box: $box"
        like "$err" "^keepsake: invalid box .*: write LEFT,TOP,WIDTH,HEIGHT" "says so"
    fi
done
fails 1 "invalid box 0,0,0,10: it is empty" "an empty box" label photos/red.png 0,0,0,10 Anna
fails 1 "invalid box 0,0,41,10: it extends beyond the photo, which is 40 x 40 pixels" "a box beyond the photo" \
    label photos/red.png 0,0,41,10 Anna
fails 1 ".*extends beyond" "one far beyond" label photos/red.png 0,0,999999999999999999999,10 Anna
fails 1 "the name is longer than the limit of 200 bytes" "a long name" label photos/red.png "$(printf 'x%.0s' {1..201})"
fails 1 ".*invalid characters" "a name that is no text" label photos/red.png $'\xff'
fails 1 ".*name" "an empty name" label photos/red.png " "
fails 1 ".*name" "a control character" label photos/red.png $'a\tb\nc'
fails 2 "unknown command 'labels edti'; did you mean 'labels edit'" "a mistyped verb" labels edti 3 Anna
fails 2 "labels edit needs an ID and a NAME" "edit of nothing" labels edit
fails 2 "labels edit needs an ID and a NAME" "edit without a name" labels edit 3
fails 2 "'x' is not the ID of a label" "edit of what is no id" labels edit x Anna
fails 1 ".*no label 99" "edit of an unknown label" labels edit 99 Anna
fails 2 "labels remove needs the ID" "remove of nothing" labels remove
fails 2 "'0' is not the ID of a label" "remove of 0" labels remove 0
fails 2 "'-1' is not the ID of a label" "remove of -1" labels remove -- -1

# ---- albums ----
rm -r photos
few_pictures
export KEEPSAKE_GALLERY=$work/albums.db
"$program" -q index photos >/dev/null
"$program" -q search --json -k 9 a square >all.json
fails 1 "there is no album Trip: .keepsake album NAME QUERY. makes one" "an album that does not exist" album Trip
run albums
like "$status:$out:$err" "^0::.*there are no albums" "no albums yet: an empty list"
run album " " in:trip
is "$status:$err" "1:keepsake: the name is empty: say who or what it is" "an empty name is no mistake of the query"
run album Ausflüge in:trip
is "$status:$out" "0:album Ausflüge: 1 photo" "a QUERY makes an album"
run album AUSFLÜGE
like "$status:$out" "^0:1 +- +- +- +photos/trip/grey.png$" "a NAME in another case shows its photos"
run album Ausflüge --add photos/red.png "$(id_of blue.png)"
is "$status:$out" "0:album Ausflüge: 3 photos" "--add puts photos in by hand"
run album Ausflüge --remove photos/trip/grey.png
is "$status:$out" "0:album Ausflüge: 2 photos" "--remove leaves one out by hand"
paths_of() { "$program" --json album "$@" | json '$_->{path} =~ s{.*/}{}r' | sort | xargs; }
is "$(paths_of Ausflüge)" "blue.png red.png" "--json: the photos as search prints them"
is "$("$program" -q search --json 'album:ausflüge -name:red*' | json '$_->{path} =~ s{.*/}{}r')" blue.png "album: is a criterion of queries"
like "$("$program" search --explain -- '-album:ausflüge')" "in the album ausflüge \([12] photos\)" "and explained"
run album "Rot, grün" 'name:red* OR name:green*'
run album Beide 'album:Ausflüge OR album:"Rot, grün"'
is "$status:$out" "0:album Beide: 3 photos" "an album of albums"
run album Ausflüge --rename "Im Freien"
is "$("$program" albums --json | json 'join "|", $_->{name}, $_->{query} // "null", @{$_}{qw(photos put_in left_out)}')" \
    'Beide|album:"Im Freien" OR album:"Rot, grün"|3|0|0
Im Freien|in:trip|2|2|1
Rot, grün|name:red* OR name:green*|2|0|0' "albums: by name; another name is followed"
run album Wand --add photos/red.png
is "$status:$out" "0:album Wand: 1 photo" "an album without a query"
run album Wand --remove photos/red.png
is "$("$program" albums --json | json '"$_->{name} $_->{photos} $_->{left_out}"' | grep Wand)" "Wand 0 0" "whose photo is just taken away"
run album Farbe a red square
like "$status:$out" "^0:album Farbe: [0-9]+ photos?$" "an album of what photos show is counted by grading"
is "$(paths_of Farbe)" "$("$program" -q search -k 9 --json a red square | json '$_->{strength} eq "none" ? "" : $_->{path} =~ s{.*/}{}r' | sort | xargs)" \
    "it has the photos that match at least weakly"
run album Beide 'album:Beide'
is "$status" 2 "an album of itself: status 2"
like "$err" "the album Beide would contain itself.*
  album:Beide
 +\^~~~~$" "with a mark under the place"
fails 2 "the album \"?Im Freien\"? would contain itself" "through another" album "Im Freien" album:Beide
fails 2 ".*there is no criterion|.*unknown criterion|.*colour" "a wrong query" album X colour:red
fails 2 "label:Nobdy: .*|no photo has the label Nobdy.*" "a label that no photo has" album X label:Nobdy
fails 1 ".*there is an album named beide already" "a name that another album has" album Wand --rename beide
fails 2 "album needs the NAME" "no name" album
fails 2 "--add and --remove need a PHOTO" "no photo" album Wand --add
fails 2 "--add, --remove, --rename and --delete do not go together" "two deeds" album Wand --add --delete photos/red.png
fails 1 ".*no-such.png" "a file that is not in the gallery" album Wand --add photos/no-such.png
fails 2 "albums takes no arguments" "an argument" albums x
run album Wand --delete
is "$status:$out" "0:album Wand removed; its photos are untouched" "--delete removes an album"
sqlite3 "$KEEPSAKE_GALLERY" "UPDATE album SET query = 'album:Beide' WHERE name = 'Im Freien'"
run album Beide
is "$status" 1 "an album that another program made contain itself: an error, not a loop"
like "$err" "the album Beide would contain itself" "with the reason"
run albums
like "$status:$out" "^0:.*would contain itself.*" "and the list tells it"
like "$("$program" doctor 2>&1)" "album 1 \(Im Freien\) is not as it was written" "doctor finds the change"
done_testing
