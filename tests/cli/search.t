#!/bin/bash
# SPDX-License-Identifier: MIT
# search: ranked photos for words or a picture.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh

few_pictures
cd "$work" || exit 1

fails 1 "there is no gallery at $XDG_DATA_HOME/keepsake/gallery.db yet: .keepsake index" \
    "without a gallery" search dog
SUDO_USER=ana run search dog
like "$err" "by sudo, this is root's; .* finds that of ana" "a gallery that is looked for as root"
[[ ! -e $XDG_DATA_HOME ]]
ok $? "searching makes none"

mkdir empty
run --gallery empty.db index empty
is "$status" 0 "indexing an empty folder: status 0"
like "$err" "no file there has the name of a photo" "and a remark"
run --gallery empty.db search dog
is "$status" 0 "an empty gallery: status 0"
is "$out" "" "an empty gallery: no photos"
like "$err" "has no photos yet: .keepsake index FOLDER. adds some" "and how to get some"
run --gallery empty.db search --json dog
is "$status:$out" "0:" "--json: no lines"

"$program" -q index photos >/dev/null

run search a red square
is "$status" 0 "search: status 0"
is "$(wc -l <<<"$out")" 4 "finds all four, ranked"
like "$out" "^1  -?0\.[0-9]{3}  (strong|fair|weak|none) +-  photos/" "rank, score, strength, no date, path from here"
run search -k2 a red square
is "$(wc -l <<<"$out")" 2 "-k 2: two of them"

run --json search a red square
is "$(json '$_->{rank}' <<<"$out" | xargs)" "1 2 3 4" "search --json: ranks ascend"
is "$(json '$_->{path} =~ m{^/} && $_->{id} > 0 && $_->{width} == 40 && $_->{height} == 40' <<<"$out" |
    sort -u)" 1 "absolute paths, ids, sizes"
is "$(json '$_->{score}' <<<"$out")" "$(json '$_->{score}' <<<"$out" | sort -gr)" "search: the best comes first"
words=$out
run --json search "a red" square
is "$out" "$words" "words are joined by a blank"
run search --json -- a red square
is "$out" "$words" "-- ends the options"
for thread in 1 2 3; do
    run --threads $thread --json search a red square
    is "$(json '$_->{path}' <<<"$out")" "$(json '$_->{path}' <<<"$words")" \
        "the same answer with $thread threads"
done

run --json search --like photos/blue.png -k 1
is "$(json '$_->{path}' <<<"$out")" "$work/photos/blue.png" "--like finds the picture itself"
is "$(json '$_->{score} > 0.9999 && $_->{score} < 1.0001' <<<"$out")" 1 "with a score of 1"

out=$("$program" -q --json search --like - -k 1 <photos/blue.png)
is "$(json '$_->{path}' <<<"$out")" "$work/photos/blue.png" "--like - searches by the picture on standard input"
out=$(printf 'a red\nsquare\n' | "$program" -q --json search -)
is "$out" "$words" "- searches by the words there"
run --json search --limit 2 a red square
is "$(wc -l <<<"$out")" 2 "--limit is --count"
run --json search --from never dog
is "$status:$(json '$_->{error}' <<<"$err")" 1:invalid "--json: what failed, for programs"
like "$(json '$_->{message}' <<<"$err")" "never" "and for people"

cp photos/blue.png photos/azure.png
"$program" -q index photos >/dev/null
run --json search --copies --like photos/blue.png -k 2
is "$(json '$_->{path}' <<<"$out" | xargs -n1 basename | xargs)" "azure.png blue.png" "ties by path"
run search -k 2 --like photos/blue.png
like "$out" "^1 .* photos/azure.png \(and 1 copy\)"$'\n'"2 .*[a-z].png$" "identical content counts once"
run --json search 'name:*.png sort:date' -k 9
is "$(json '$_->{copies}{count} . " " . join ",", map { $_->{path} =~ s{.*/}{}r } @{$_->{copies}{photos}}' <<<"$out" | sort | uniq -c | xargs)" \
    "3 0 1 1 blue.png" "--json: the number of copies, and where they are"
is "$("$program" --json search 'a blue square name:blue*' | json '$_->{path} =~ s{.*/}{}r')" blue.png "the copy that criteria admit is shown"

run search -k 1 собака в снегу
like "$out" "^1  .*  none " "a query in a script that the model does not read: none"
like "$err" "the model reads English in Latin letters" "and said so"
unlike "$err" "nothing in this gallery matches" "not that nothing matches"
run search --json -k 1 собака в снегу
is "$(json '$_->{language_unsupported} . $_->{strength}' <<<"$out")" 1none "--json says it, too"
run search --json -k 1 a red square
is "$(json 'exists $_->{language_unsupported} ? 1 : 0' <<<"$out")" 0 "of that query only"
run search -k 1 a red собака square
like "$err" "words in a script that the model does not read were left out" "a word among others is left out"

long=$(printf 'word %.0s' {1..200})
run search "$long"
is "$status" 0 "a long query is cut"
like "$err" "longer than the model's limit; its end was ignored" "and says so"
run -q search "$long"
is "$err" "" "not with --quiet"
head -c 70000 /dev/zero | tr '\0' 'a' >endless
fails 1 "the query is longer than the limit of 65536 bytes" "an endless query" search "$(<endless)"
fails 1 ".*UTF-8" "a query that is not UTF-8" search $'\xff\xfe'
fails 1 ".*nowhere.jpg" "--like a file that is not there" search --like nowhere.jpg
echo no >no.jpg
fails 1 "no.jpg: .*not a" "--like what is no picture" search --like no.jpg
fails 1 "photos is a folder, not a file" "--like a folder" search --like photos
fails 1 ".*photos is a folder, but a gallery is a file" "a folder as gallery" --gallery "$work/photos" search dog
head -c 5000 /dev/urandom >noise.db
fails 1 ".*noise.db" "noise as gallery" --gallery noise.db search dog
fails 1 ".*postgres" "a server as gallery" --gallery postgres://localhost/photos search dog

mkdir photos/$'bad\xff'
picture photos/$'bad\xff/a\033[31m.png' 10 200 200
"$program" -q index photos >/dev/null
run search --like photos/$'bad\xff/a\033[31m.png' -k 1
unlike "$out" $'[\033\xff]' "a path never reaches the terminal raw"
run search --json --like photos/$'bad\xff/a\033[31m.png' -k 1
is "$(json '$_->{path}' <<<"$out")" "$work/photos/bad"$'\xef\xbf\xbd/a\033[31m.png' \
    "--json: malformed bytes become U+FFFD, the rest is exact"
is "$(json '$_->{path_base64}' <<<"$out" | base64 -d)" "$work/photos/"$'bad\xff/a\033[31m.png' \
    "path_base64 is exact"
unlike "$out" $'\033' "and the line has no raw control character"

if type script >/dev/null 2>&1; then
    look() { TERM=xterm script -qec "'$program' search red" /dev/null </dev/null; }
    like "$(look)" $'\033\\[1m' "colours on a terminal"
    unlike "$(NO_COLOR=1 look)" $'\033\\[[0-9;]*m' "none with NO_COLOR"
    like "$(NO_COLOR=1 look)" "score  match +taken  photo" "a header on a terminal"
    run search red
    unlike "$out" "score" "none in a pipe"
    unlike "$out" $'\033' "none in a pipe"
else
    skip "script is not installed"
fi

if [[ -d $shared/photos/coco-by-86 ]]; then
    "$program" -q --gallery coco.db index "$shared/photos/coco-by-86" >/dev/null
    run --gallery coco.db search --json -k 3 a stop sign
    best=$(json '$_->{path}' <<<"$out" | xargs -n1 basename)
    captions=$(grep -F "$best" "$shared"/photos/coco-by-86/captions.tsv)
    like "$captions" "stop sign" "a stop sign is among the three best photos for 'a stop sign'"
else
    skip "no reference photos in $shared"
fi
done_testing
