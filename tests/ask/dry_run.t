#!/bin/bash
# SPDX-License-Identifier: MIT
# ask --dry-run: what would be sent, to the byte, and that nothing is.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh
# shellcheck source=tests/ask/lib.sh
. tests/ask/lib.sh

few_photos
cd "$work" || exit 1
question="What is the dog doing?"

run ask --dry-run "$question"
is "$status" 0 "--dry-run needs no key: status 0"
like "$out" "^To claude-sonnet-5-5 at api.anthropic.com:" "a dry run names the recipient"
like "$out" "\[1\]  0\.[0-9]{3}  2019-07-[0-9]{2}  [0-9]+x[0-9]+ +[0-9.]+ KB  photos/dogs/[0-9]+.jpg" \
    "each photo with score, day, size and path"
is "$(grep -c '^\[' <<<"$out")" 5 "five of them"
like "$out" '5 photos: [0-9.]+ [KM]B, about [0-9]+ tokens; [$][0-9.]+, with the longest answer [$][0-9.]+ \(prices of 20[0-9-]{8}\)' \
    "bytes, tokens and price"
is "$(ledger '$_->{event}')" "" "nothing is in the ledger"

run ask --dry-run --json "$question"
is "$status" 0 "--json: status 0"
is "$(wc -l <<<"$out")" 1 "--json: one line is printed"
is "$(json 'join " ", sort keys %$_' <<<"$out")" "outbox request" "with outbox and request"
is "$(json 'join " ", map { $_->{number} } @{$_->{outbox}{photos}}' <<<"$out")" "1 2 3 4 5" "--json: five photos are listed"
is "$(json '$_->{outbox}{provider} . " " . $_->{outbox}{host}' <<<"$out")" "anthropic api.anthropic.com" "--json: the recipient is named"
is "$(json 'my $sum = 0; $sum += $_->{tokens} for @{$_->{outbox}{photos}}; $_->{outbox}{tokens} > $sum && $_->{outbox}{price} > 0' <<<"$out")" \
    1 "more tokens than those of the pictures, and a price"
# All of it is new to the cache, and writing there costs 1.25 times the input price.
is "$(json 'sprintf "%.7f", $_->{outbox}{tokens} * 2.5e-6' <<<"$out")" "$(json 'sprintf "%.7f", $_->{outbox}{price}' <<<"$out")" \
    "the price of writing it into the cache"
is "$(json 'sprintf "%.7f", $_->{outbox}{tokens} * 2.5e-6 + 8192 * 10e-6' <<<"$out")" "$(json 'sprintf "%.7f", $_->{outbox}{price_max}' <<<"$out")" \
    "and of the longest answer"
is "$(json 'my $ok = 1; $ok &&= $_->{tokens} == (int(($_->{width} + 27) / 28)) * (int(($_->{height} + 27) / 28)) for @{$_->{outbox}{photos}}; $ok' <<<"$out")" \
    1 "a token for each 28 x 28 pixels"
request=$out

body() { json "\$_->{request}$1" <<<"$request"; }
is "$(body '{model}')" claude-sonnet-5-5 "the default model"
is "$(body '{stream}')" 1 "the dry run is streamed"
is "$(json 'join " ", map { $_->{type} } @{$_->{request}{messages}[0]{content}}' <<<"$request")" \
    "text image text image text image text image text image text" "each picture after its label, the question last"
is "$(json 'join " ", map { $_->{text} =~ /^(Image \d:)/ } @{$_->{request}{messages}[0]{content}}' <<<"$request")" \
    "Image 1: Image 2: Image 3: Image 4: Image 5:" "Image 1: ..."
is "$(body '{messages}[0]{content}[-1]{text}')" "Question: $question" "the question is in the prompt"
like "$(body '{messages}[0]{content}[0]{text}')" \
    '^Image 1: [0-9]+x[0-9]+ pixels; taken 2019-07-[0-9]{2} 18:30; at latitude 48.86, longitude 2.29; camera "Kodak No. 2 \\"Brownie\\""(; in "Paris, [^"]*France")?$' \
    "date, place, and the camera, quoted"
is "$(json 'my %s; $s{$_->{source}{type} . " " . $_->{source}{media_type} . " " . $_->{transformations}{oversized_image}}++ for grep { $_->{type} eq "image" } @{$_->{request}{messages}[0]{content}}; join ",", keys %s' <<<"$request")" \
    "base64 image/jpeg error" "JPEGs that the server must not scale"
is "$(json 'join " ", grep { exists $_[0]{$_} } ()' <<<"$request")" "" "no sampling parameters"
like "$(body '{system}')" "Do not recognise or name a person" "the model is told to name nobody"
unlike "$(json 'my $r = $_->{request}; delete $_->{source} for @{$r->{messages}[0]{content}}; $r' <<<"$request")" "$work|dogs/" \
    "no path leaves"
run ask --dry-run --json "$question"
is "$out" "$request" "the same question makes the same bytes"

run ask --dry-run --save-request out "$question"
is "$status" 0 "--save-request: status 0"
is "$(cd out && echo *)" "1.jpg 2.jpg 3.jpg 4.jpg 5.jpg body.json" "the body and the pictures"
is "$(stat -c %a out/body.json)" 600 "for nobody else to read"
is "${request#*\"request\":}" "$(<out/body.json)}" "the body is the one that --json shows, to the byte"
for n in 1 2 3 4 5; do
    is "$(json "(grep { \$_->{type} eq 'image' } @{\$_->{messages}[0]{content}})[$n - 1]{source}{data}" <out/body.json | base64 -d | sha256sum)" \
        "$(sha256sum <"out/$n.jpg")" "$n.jpg is the picture in the body"
done
run ask --dry-run --save-request out "$question"
is "$status" 1 "a second time: status 1"
like "$err" "cannot save the request in out/body.json: it exists already" "says so"
rm out/body.json out/1.jpg
run ask --dry-run --save-request out "$question"
is "$status:$(cd out && echo *)" "1:2.jpg 3.jpg 4.jpg 5.jpg" "one picture there already: nothing is written"

run ask --dry-run --json -k 2 "$question"
is "$(json 'scalar @{$_->{outbox}{photos}}' <<<"$out")" 2 "-k 2 lists two photos"
run ask --dry-run --json --folder photos/others "$question"
is "$(json 'scalar grep { $_->{path} !~ m{/others/} } @{$_->{outbox}{photos}}' <<<"$out")" 0 "--folder limits the photos"
run ask --dry-run --json --from 2019-07-03 --until 2019-07-04 "$question"
is "$(json 'join " ", sort map { substr $_->{taken}, 0, 10 } @{$_->{outbox}{photos}}' <<<"$out")" "2019-07-03 2019-07-04" "--from and --until"
run ask --dry-run --json --from 1980 --until 1981 "$question"
is "$status:$(json '$_->{outbox}{bytes} . " " . defined $_->{request}' <<<"$out")" "0:0 " "nothing in these years: no request"
run ask --dry-run --from 1980 --until 1981 "$question"
like "$out" "Nothing is sent: no photo of this gallery matches" "says so"
fails 1 ".*1980-13" "a month that is none" ask --dry-run --from 1980-13 "$question"
fails 1 "claude-haiku-4-5 takes at most 100 photos" "more photos than the model takes" \
    ask --dry-run --llm-model claude-haiku-4-5 -k 101 "$question"
fails 2 "ask needs a question" "no question" ask --dry-run
fails 2 "ask needs a question" "an empty one" ask --dry-run " "
fails 1 ".*UTF-8" "one that is not UTF-8" ask --dry-run $'\xff'
fails 2 "--effort must be" "no such effort" ask --effort huge "$question"

first=$(json '$_->{outbox}{photos}[0]{path}' <<<"$request")
second=$(json '$_->{outbox}{photos}[1]{path}' <<<"$request")
rm "$first"
echo >>"$second"
run ask --dry-run --json --include-weak "$question"
is "$(json 'join ",", scalar @{$_->{outbox}{photos}}, $_->{outbox}{unreadable}' <<<"$out")" "5,2" \
    "a photo that is gone and one that changed: the next ones go"
run ask --dry-run "$question"
like "$out" "2 cannot be read: .*$first" "says so"
done_testing
