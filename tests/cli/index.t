#!/bin/bash
# SPDX-License-Identifier: MIT
# index: the gallery matches the folders.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh

few_pictures
cd "$work" || exit 1

fails 1 "cannot index .*nowhere: No such file" "a path that is not there" index photos nowhere
[[ ! -e $XDG_DATA_HOME ]]
ok $? "and no gallery is made for it"

run index photos
is "$status" 0 "index: status 0"
like "$out" "^4 photos: 4 added" "says what it did"
like "$err" "using the small built-in model 'mini'.*model pull clip-vit-b-32" "names the small model"
run search dog
unlike "$err" "small built-in" "once a day"
touch -d '2 days ago' "$HOME/.local/state/keepsake/small-model-remark"
run search --like nowhere.jpg
unlike "$err" "small built-in" "not beside an error"
run search dog
like "$err" "small built-in" "the next day again"
is "$(stat -c %a "$XDG_DATA_HOME/keepsake")" 700 "the gallery's folder is private"
[[ -f $XDG_DATA_HOME/keepsake/gallery.db ]]
ok $? "the default gallery is there"

run -q index photos
is "$err" "" "--quiet: nothing on stderr"
like "$out" "4 unchanged" "a second run finds them unchanged"

run index --json photos
is "$(json 'join " ", @{$_}{qw(found unchanged added decoded failed interrupted)}' <<<"$out")" \
    "4 4 0 0 0 0" "--json: one object, nothing decoded again"
is "$(json '$_->{seconds} > 0 && $_->{seconds} < 60' <<<"$out")" 1 "with the seconds it took"

is "$(json '$_->{by_others}' <<<"$out")" 0 "and what other processes did"
KEEPSAKE_LEASE=soon run index photos
is "$status" 1 "a lease that is no number: status 1"
like "$err" "KEEPSAKE_LEASE is \"soon\"" "names the variable"

mv photos/red.png photos/trip/rouge.png
cp photos/blue.png photos/azure.png
rm photos/green.png
picture photos/trip/grey.png 90 90 90
run index --json photos
is "$(json 'join " ", @{$_}{qw(found moved copied removed updated decoded)}' <<<"$out")" \
    "4 1 1 1 1 1" "moved, copied, removed, updated; only the new content is decoded"

echo "not a picture" >photos/broken.jpg
printf '\xff\xd8\xff\xe0 cut off' >photos/cut.jpg
run index photos
is "$status" 3 "files that cannot be read: status 3"
like "$err" "keepsake: $work/photos/broken.jpg: " "the first is named"
like "$err" "keepsake: $work/photos/cut.jpg: " "the second is named"
like "$out" "2 failed" "both are counted"
run --json index photos
is "$status" 0 "unchanged failures are no news: status 0"
is "$(json 'join " ", @{$_}{qw(failed failed_before)}' <<<"$out")" "0 2" "counted as old ones"
run --json index --retry-failed photos
is "$status" 0 "--retry-failed: the same failures are no news"
is "$(json 'join " ", @{$_}{qw(failed failed_before)}' <<<"$out")" "0 2" "counted as old ones again"
rm photos/broken.jpg photos/cut.jpg
run index photos
is "$status" 0 "without them: status 0"

"$program" -q --gallery one.db index photos/azure.png photos/trip >"$work/log"
is "$?" 0 "a gallery of its own, a file and a folder"
run --gallery one.db status --json
is "$(json '$_->{photos}' <<<"$out")" 3 "has those three"
is "$(json '$_->{gallery}' <<<"$out")" "$work/one.db" "and an absolute path"
run -- index photos
is "$status" 0 "-- before the command"
picture ./-x.png 1 2 3
run index -- -x.png
is "$status" 0 "-- before a path that starts with a dash"

mkdir "$work/photos/"$'tab\there' "$work/photos/"$'bad\xff'
picture "$work/photos/"$'tab\there/a\033[31m.png' 10 200 200
picture "$work/photos/"$'bad\xff/b.png' 200 10 200
echo no >"$work/photos/"$'bad\xff/\033]0;x.jpg'
run index photos
is "$status" 3 "odd names are indexed"
unlike "$err$out" $'[\033\xff]' "and no control character reaches the terminal"

mkdir -p "$work/more/@Recycle" "$work/more/private"
for name in a.mpo no-extension @Recycle/b.png private/c.jpg; do
    picture "$work/more/x.png" "$((RANDOM % 256))" "$((RANDOM % 256))" 99
    mv "$work/more/x.png" "$work/more/$name"
done
touch "$work/more/"{d.CR2,e.cr2,f.mov,g.txt}
run --gallery more.db index more
like "$out" "^3 photos: 3 added" "names that say nothing are looked at, junk is left out"
like "$out" "3 files of kinds that keepsake does not read \(2 cr2, 1 mov\)" "what is not read is counted"
echo private/ >"$work/more/.keepsakeignore"
run --gallery more.db index --json more
is "$(json 'join " ", @{$_}{qw(found removed unread_files)}, $_->{unread_kinds}{cr2}' <<<"$out")" \
    "2 1 3 2" "what .keepsakeignore says leaves the gallery"
[[ -f $work/more/private/c.jpg ]]
ok $? "but not the disk"
rm "$work/more/.keepsakeignore"
run --gallery more.db index --exclude 'priv*' --exclude '*.mpo' more
like "$out" "^1 photo: 1 removed, 1 unchanged" "--exclude: what the gallery has leaves it"
run --gallery more.db index more
like "$out" "^1 photo: 1 unchanged" "a later run brings nothing back"
run --gallery more.db --json status
is "$(json 'join " ", @{$_->{excluded}}, $_->{unread_files}, $_->{unread_kinds}{mov}' <<<"$out")" \
    "priv* *.mpo 3 1" "status lists the patterns, and what is not read"
run --gallery more.db status
like "$out" "not read +3 files .*2 cr2" "also for people"
run --gallery more.db index --exclude-none more
like "$out" "^3 photos: 2 added, 1 unchanged" "--exclude-none: everything is back"
run --gallery more.db forget more
run --gallery more.db --json status
is "$(json '$_->{unread_files}' <<<"$out")" 0 "what is forgotten is not counted any more"
fails 1 ".*would exclude everything" "--exclude /" --gallery more.db index --exclude / more

fails 1 "cannot index a path: its name is empty" "an empty path" index ""
fails 1 ".*photos is a folder, but a gallery is a file" "a folder as gallery" --gallery "$work/photos" index photos
head -c 5000 /dev/urandom >"$work/noise.db"
fails 1 ".*noise.db" "noise as gallery" --gallery "$work/noise.db" index photos
is "$(stat -c %s "$work/noise.db")" 5000 "is left alone"
fails 1 ".*postgres" "a server as gallery" --gallery postgres://localhost/photos index photos
if [[ $(id -u) != 0 ]]; then
    mkdir "$work/locked" && chmod 500 "$work/locked"
    fails 1 ".*Permission denied" "no permission" --gallery "$work/locked/g.db" index photos
else
    fails 1 ".*proc" "a place where nothing can be written" --gallery /proc/keepsake/g.db index photos
fi

if type script >/dev/null 2>&1; then
    seen=$(TERM=xterm script -qec "'$program' --gallery pty.db index '$work/photos'" /dev/null </dev/null)
    like "$seen" $'\033\\[K' "a terminal gets a line that is redrawn"
    like "$seen" "photos" "with the count"
    seen=$(TERM=dumb script -qec "'$program' --gallery pty3.db index '$work/photos'" /dev/null </dev/null)
    unlike "$seen" $'\033' "a dumb one gets none"
    seen=$(script -qec "'$program' -q --gallery pty2.db index '$work/photos'" /dev/null </dev/null)
    unlike "$seen" $'\033' "and with --quiet none"
else
    skip "script is not installed"
fi

# ---- metadata files beside photos ----

# Prints the photos of beside.db that a query of criteria finds, with one of their facts.
found() { # QUERY FACT
    run --gallery beside.db search --copies --json "$1"
    [[ -n $out ]] && json '($_->{path} =~ m{([^/]*)$})[0] . "=" . ($_->{'"$2"'} // "")' <<<"$out" | sort | paste -sd' '
}
packet() { # FILE RATING KEYWORD
    cat >"$1" <<END
<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>
<rdf:Description xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmlns:dc='http://purl.org/dc/elements/1.1/' xmp:Rating='$2'>
<dc:subject><rdf:Bag><rdf:li>$3</rdf:li></rdf:Bag></dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>
END
}
mkdir beside
picture beside/one.png 10 200 90
picture beside/two.png 200 10 90
picture "beside/two(1).png" 90 200 10
cp beside/one.png beside/same.png
packet beside/one.png.xmp 4 sea
printf '{"photoTakenTime":{"timestamp":"1562265000"}}' >beside/two.png.supplemental-metadata.json
printf '{"photoTakenTime":{"timestamp":"1162265000"}}' >'beside/two.png(1).json'
run --gallery beside.db index --json beside
is "$(json 'join " ", @{$_}{qw(found added copied)}' <<<"$out")" "4 3 1" "sidecars are no photos"
is "$(found tag:sea path)" "one.png=$work/beside/one.png" "an XMP file is of its photo, not of a copy without one"
is "$(found rating:4 taken_from)" "one.png=" "that has no date"
is "$(found before:2030 taken)" "two(1).png=2006-10-31T03:23:20+00:00 two.png=2019-07-04T18:30:00+00:00" \
    "the dates of Google Takeout"
is "$(found date:2019 taken_from)" "two.png=sidecar" "say where they are from"
run --gallery beside.db index --json beside
is "$(json 'join " ", @{$_}{qw(unchanged updated decoded)}' <<<"$out")" "4 0 0" "nothing is read again"
packet beside/one.png.xmp 2 'blue sea'
packet beside/same.xmp 5 gold
rm 'beside/two.png(1).json'
run --gallery beside.db index --json beside
is "$(json 'join " ", @{$_}{qw(unchanged updated decoded)}' <<<"$out")" "1 3 0" \
    "changed, added and removed sidecars: the facts are read, nothing is embedded"
is "$(found 'rating:>1' rating_)" "one.png= same.png=" "with the new ratings"
is "$(found rating:5 path)" "same.png=$work/beside/same.png" "also of a copy"
is "$(found tag:sea path)" "" "the old keyword is gone"
is "$(found before:2030 taken)" "two.png=2019-07-04T18:30:00+00:00" "and so is the date of the removed one"
mv beside moved
run --gallery beside.db index --json moved
is "$(json 'join " ", @{$_}{qw(found moved)}' <<<"$out")" "4 4" "a renamed folder keeps them"
is "$(found 'rating:>1' path)" "one.png=$work/moved/one.png same.png=$work/moved/same.png" "in their new place"
echo '<rdf' >moved/two.xmp
printf '{' >'moved/two.png(1).json'
run --gallery beside.db index moved
is "$status" 0 "a broken sidecar: status 0"
like "$err" "two.png: its metadata file two.xmp is not complete XML" "is named"
like "$err" "two\(1\).png: its metadata file two.png\(1\).json is not JSON" "with its photo"
is "$(found date:2019 path)" "two.png=$work/moved/two.png" "and costs nothing else"
run -q --gallery beside.db index moved
is "$err" "" "once"
echo '*.xmp' >moved/.keepsakeignore
run --gallery beside.db index --json moved
is "$(json 'join " ", @{$_}{qw(found updated)}' <<<"$out"):$(found 'rating:>0' path)" "4 3:" \
    "a sidecar that a pattern excludes is not read"
run --gallery beside.db index --json moved/one.png
is "$(json '$_->{updated}' <<<"$out"):$(found 'rating:>0' path)" "0:" "nor for a photo that is given by itself"
rm moved/.keepsakeignore
run --gallery beside.db index --json moved
is "$(found 'rating:>0' rating_)" "one.png= same.png=" "and is read when the pattern is gone"

# ---- places ----

run --gallery beside.db places
is "$status:$out" "0:" "places without a place: nothing"
like "$err" "no photo says where it was taken" "and says so"
# Lisbon, and the middle of the Atlantic.
printf '{"photoTakenTime":{"timestamp":"1562265000"},"geoData":{"latitude":38.71,"longitude":-9.14}}' >moved/one.png.json
printf '{"photoTakenTime":{"timestamp":"1562265000"},"geoData":{"latitude":-30,"longitude":-20}}' >moved/same.png.json
run -q --gallery beside.db index moved
run --gallery beside.db places --json
is "$(json '$_->{photos}' <<<"$out")" 2 "--json: the photos that have a place"
if [[ $("$program" version) == *"with names of places"* ]]; then
    is "$(json 'join " ", $_->{unnamed}, map { $_->{code}, $_->{towns}[0]{town}, $_->{towns}[0]{latitude} } @{$_->{countries}}' <<<"$out")" \
        "1 PT Lisbon 38.71" "and their towns"
    run --gallery beside.db places
    is "$status:$out" "0:1  Portugal  Lisbon  Lisbon" "photos, country, town and region"
    like "$err" "1 photo has a place with no town within 50 km" "and what has none"
else
    skip "built without the names of places"
fi
done_testing
