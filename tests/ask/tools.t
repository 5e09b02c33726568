#!/bin/bash
# SPDX-License-Identifier: MIT
# The model searches again and looks closer: within its rounds, under the owner's eyes.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh
# shellcheck source=tests/ask/lib.sh
. tests/ask/lib.sh

few_photos
need_stand_in
cd "$work" || exit 1
question="What is the dog doing?"

ask tools --include-weak --json "$question"
is "$status" 0 "a search: status 0"
like "$(json '$_->{text}' <<<"$out")" "^Let me look. "$'\n\n'"You asked.*Tool rounds: 1; results: .* with 2 images" "the model got new pictures"
is "$(json 'my $ok = 1; $ok &&= $_->{number} > 5 && $_->{path} =~ /jpg/ for @{$_->{citations}}; $ok && @{$_->{citations}}' <<<"$out")" \
    "$(json 'scalar @{$_->{citations}}' <<<"$out")" "numbered on, and cited"
is "$(json '$_->{requests}' <<<"$out")" 2 "a search of the model: two requests"
ask tools --include-weak "$question"
like "$err" 'keepsake: search_photos \{"query":"dog","count":2\}' "the call is shown"
like "$err" 'keepsake: search_photos: "dog": 2 new photos, [0-9] seen before; sends 2 pictures more \([0-9.]+ KB, [$]0.[0-9]+\)' "and what it adds"
is "$(ledger '$_->{event}' | xargs)" "sent answered sent answered sent answered sent answered" "each request is in the ledger"
is "$(ledger 'scalar @{$_->{photos} // []}' | sed -n 3p)" "$(asked tools 'scalar @{$_->{images}}' | sed -n 2p)" \
    "with all the pictures that it carried"
is "$(asked tools 'exists $_->{refused}' | sort -u)" "" "nothing was refused: thinking came back unchanged"

ask tools-view --json "$question"
is "$status" 0 "a closer look: status 0"
like "$(json '$_->{text}' <<<"$out")" 'A part of Image 1:' "a part of a photo"
is "$(json '$_->{citations}[-1]{number}' <<<"$out")" 6 "is Image 6"
is "$(ledger 'my @boxes = grep { $_ } map { $_->{box} } @{$_->{photos} // []}; join ",", map { sprintf "%.2f", $_ } map { @{$_}{qw(x y width height)} } @boxes' | tail -2 | head -1)" \
    "0.25,0.25,0.50,0.50" "the ledger tells which part"

ask tools-parallel --json "$question"
is "$status" 0 "three calls at once: status 0"
is "$(json '$_->{text} =~ /Images seen: (\d+)/; $1 >= 7' <<<"$out")" 1 "all are answered"
is "$(asked tools-parallel 'my %s; $s{$_->{sha256}}++ for @{$_->{images}}; join " ", grep { $_ > 1 } values %s' | tail -1)" "" \
    "no picture goes twice"

ask tools-bad "$question"
is "$status" 0 "calls that are wrong: status 0"
like "$out" 'there is no tool of this name.*"query\\?" must be.*there is no Image 4096' "each is answered with a sentence"
is "$(asked tools-bad 'join " ", map { $_->{is_error} ? 1 : 0 } grep { $_->{type} eq "tool_result" } map { @{$_->{content}} } grep { ref $_->{content} } @{$_->{body}{messages}}' | tail -1)" \
    "1 1 1" "as an error"

ask tools-forever --rounds 2 "$question"
is "$status" 3 "a model that never answers: status 3"
like "$out" "needed more than the allowed 2 rounds" "says so"
is "$(asked tools-forever 1 | wc -l)" 4 "two rounds, one without tools, the end"
like "$(asked tools-forever '$_->{body}{messages}[-1]{content}[0]{content}[0]{text}' | tail -1)" "no more rounds: answer now" "the model was told"

ask tools-forever,t=2 --json --rounds 1 "$question"
is "$(json '$_->{requests} . " " . $_->{remark}' <<<"$out")" "3 The model needed more than the allowed 1 rounds." "a search of the model with --json"

# A photo that leaves the gallery while the model thinks.
first=$(ledger '$_->{photos}[0]{path} // ()' | grep -v none | tail -1)
ANTHROPIC_API_KEY=$key ANTHROPIC_BASE_URL=$at/tools-view,hold=0 "$program" ask "$question" >gone.out 2>gone.err &
asking=$!
wait_until '[[ -n $(asked tools-view,hold=0 1) ]]'
"$program" forget "$first" >/dev/null
let_go tools-view,hold=0 # the call of the tool
let_go tools-view,hold=0 # the answer
wait $asking
is "$?" 0 "a photo that is forgotten meanwhile: status 0"
like "$(<gone.err)" "view_photo: Image 1 cannot be shown again" "the model is told"
"$program" -q index photos >/dev/null

# Some prices depend on a request's length: each round has its own, as in the ledger.
before=$(ledger 1 | wc -l)
ask tools-forever,t=3 --json --rounds 25 --llm-model claude-haiku-5-5 "$question"
spent=$(ledger '$_->{event} eq "answered" ? $_->{cost_usd} : ""' | tail -n +$((before + 1)) | perl -ne '$sum += $_; END { printf "%.6f", $sum }')
is "$(json 'my $u = $_->{usage}; $u->{input_tokens} + $u->{cache_read_tokens} + $u->{cache_write_tokens} > 100_000 ? 1 : 0' <<<"$out")" 1 \
    "many short rounds, more than 100,000 tokens in all"
is "$(json 'sprintf "%.6f", $_->{cost}' <<<"$out")" "$spent" "cost what the ledger says of each, \$$spent"

ask tools-other-forms,chunk=1 "$question"
is "$status" 0 "tool calls at one byte a piece"
done_testing
