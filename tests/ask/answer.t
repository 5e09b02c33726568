#!/bin/bash
# SPDX-License-Identifier: MIT
# An answer comes: streamed, with citations that were checked, what it cost, and the ledger.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh
# shellcheck source=tests/ask/lib.sh
. tests/ask/lib.sh

few_photos
need_stand_in
cd "$work" || exit 1
question="What is the dog doing?"

ask plain "$question"
is "$status" 0 "an answer: status 0"
like "$out" "You asked \"What is the dog doing\?\". Images seen: 5. Image 1 is [0-9]+x[0-9]+ px" \
    "the question and five pictures arrived"
like "$out" 'caption "Image 1: [0-9]+x[0-9]+ pixels; taken 2019-07-' "with their captions"
like "$out" "It is shown in \[1\] and \[2\]. Très joli: 很好, 🐕!"$'\n\n'"\[1\]  0\.[0-9]{3}  2019-07-[0-9]{2}  photos/dogs/[0-9]+.jpg" \
    "the text, then the cited photos with score, day and path"
like "$err" "To claude-sonnet-5-5 at 127.0.0.1:" "the outbox came first"
like "$err" "keepsake: claude-sonnet-5-5: [0-9]+ tokens in, [0-9]+ out; [$]0\.[0-9]+$" "usage and cost"
text=$out

is "$(asked plain '$_->{status}')" 200 "an answer: one request is sent"
is "$(asked plain '$_->{headers}{"anthropic-version"}')" 2026-10-21 "of the current version"
is "$(asked plain 'join " ", map { $_->{hasMetadata} ? "metadata" : "none" } @{$_->{images}}')" "none none none none none" \
    "no picture with metadata"
run ask --dry-run --save-request out "$question"
is "$(asked plain 'join " ", map { $_->{sha256} } @{$_->{images}}')" "$(sha256sum out/?.jpg | cut -d' ' -f1 | xargs)" \
    "the pictures of the dry run, to the byte"
is "$(asked plain '$_->{bytes}')" "$(stat -c %s out/body.json)" "and its body, as long"

is "$(ledger '$_->{event}' | xargs)" "sent answered" "the ledger: sent, answered"
is "$(ledger '$_->{request}' | uniq | wc -l)" 1 "a second answer: one request is sent"
is "$(ledger '$_->{purpose} . " " . $_->{provider} . " " . $_->{host} . " " . $_->{model}' | head -1)" \
    "ask anthropic 127.0.0.1 claude-sonnet-5-5" "to whom"
is "$(ledger 'join " ", map { $_->{path} } @{$_->{photos} // []}' | head -1)" \
    "$(run ask --dry-run --json "$question" && json 'join " ", map { $_->{path} } @{$_->{outbox}{photos}}' <<<"$out")" "which photos"
is "$(ledger '$_->{bytes}' | head -1)" "$(stat -c %s out/body.json)" "how many bytes"

for chunk in 1 2 7 64; do
    ask plain,chunk=$chunk "$question"
    is "$status:$out" "0:$text" "the same in pieces of $chunk bytes"
done

ask plain --json "$question"
is "$status:$(wc -l <<<"$out")" "0:1" "--json: one line"
is "$err" "" "and nothing else"
is "$(json '$_->{text}' <<<"$out")" "${text%%$'\n\n[1]'*}" "the same text"
is "$(json 'join " ", map { $_->{number} } @{$_->{citations}}' <<<"$out")" "1 2" "an answer: it has two citations"
is "$(json 'my $c = $_->{citations}[0]; $c->{id} > 0 && $c->{path} =~ m{^/} && $c->{taken} =~ /^2019-07/ && $c->{score} > 0 && !defined $c->{box}' <<<"$out")" \
    1 "with id, path, date and score"
is "$(json '$_->{model} . " " . $_->{stop_reason} . " " . $_->{requests}' <<<"$out")" "claude-sonnet-5-5 end_turn 1" "model, stop reason, requests"
is "$(json '$_->{usage}{input_tokens} + $_->{usage}{cache_write_tokens} + $_->{usage}{cache_read_tokens} > 1000 && $_->{usage}{output_tokens} > 0 && defined $_->{cost}' <<<"$out")" \
    1 "usage and cost"

ask cites-unsent "$question"
like "$out" "It is shown in \[9\?\] and \[1\]." "a number that was never sent is marked in the text"
like "$out" "\[9\?\] +- +- +this photo was not sent" "and in the list"
ask cites-unsent --json "$question"
is "$(json 'join(" ", map { $_->{number} } @{$_->{citations}}) . "; " . join " ", @{$_->{rejected}}' <<<"$out")" "1; 9" "a rejected photo is named"

ask box --json "$question"
unlike "$(json '$_->{text}' <<<"$out")" ":[ 0-9]+," "boxes are not in the text"
# The stand-in points at [w/4, h/4, w/4 + w/2, h/4 + h/2], whole pixels; photos this small go as they are.
is "$(json 'my %size = map { $_->{number} => $_ } (); my $ok = @{$_->{citations}} == 2; for (@{$_->{citations}}) { my $b = $_->{box}; $ok &&= abs($b->{x} - 0.25) < 0.003 && abs($b->{y} - 0.25) < 0.003 && abs($b->{width} - 0.5) < 0.003 && abs($b->{height} - 0.5) < 0.003 } $ok' <<<"$out")" \
    1 "boxes as fractions of the photo"

for scenario in thinking unknown-events other-forms; do
    ask "$scenario" "$question"
    is "$status" 0 "$scenario: status 0"
    like "$out" $'\n'"\[1\]  0\." "$scenario: an answer with its photos"
done

if type script >/dev/null 2>&1; then
    shown=$(KEEPSAKE_PREVIEW=kitty ANTHROPIC_API_KEY=$key ANTHROPIC_BASE_URL=$at/box TERM=xterm \
        script -qec "'$program' ask '$question'" /dev/null </dev/null 2>&1)
    is "$(grep -o $'\033_Ga=T' <<<"$shown" | wc -l)" 2 "a terminal that can shows both cited photos"
else
    skip "script is not installed"
fi

ask plain zebra in the savanna
is "$status" 0 "nothing near: status 0"
like "$out" "^Nothing in this gallery matches" "says so"
is "$(asked plain '1' | wc -l)" 2 "and nothing was sent"
ask plain --json zebra in the savanna
is "$(json '$_->{nothing_matches} . " " . $_->{requests}' <<<"$out")" "1 0" "ask --json: nothing_matches is set"
run ask zebra in the savanna
is "$status" 0 "which needs no key"

run --gallery none.db ask "$question"
is "$status" 1 "no gallery: status 1"
like "$err" "there is no gallery" "says so"
mkdir empty
"$program" -q --gallery empty.db index empty >/dev/null
ANTHROPIC_BASE_URL=$at/plain run --gallery empty.db ask "$question"
is "$status:$out" "0:Nothing in this gallery matches." "an empty gallery"
ask plain,effort=1 --effort low --max-tokens 999 --llm-model claude-haiku-5-5 "$question"
is "$status" 0 "another model, effort, length"
is "$(asked plain,effort=1 'join " ", $_->{body}{model}, $_->{body}{max_tokens}, $_->{body}{output_config}{effort}')" \
    "claude-haiku-5-5 999 low" "arrive"
done_testing
