#!/bin/bash
# SPDX-License-Identifier: MIT
# Conversations: further questions, --continue, and what is kept of them.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh
# shellcheck source=tests/ask/lib.sh
. tests/ask/lib.sh

few_photos
need_stand_in
mkfifo "$work/odd.in"
node tests/ask/odd_server.mjs <"$work/odd.in" >"$work/odd.port" & # ends when we do
exec 9>"$work/odd.in"
cd "$work" || exit 1

fails 1 "cannot continue: there is no conversation about this gallery" "--continue at the start" \
    ask --continue --dry-run "and what colour is it?"

ask plain "What is the dog doing?"
history=$(echo "$work"/state/keepsake/ask-*.json)
is "$(stat -c %a "$history")" 600 "the history is for nobody else to read"
is "$(json 'join " ", map { $_->{role} } @{$_->{messages}}' <"$history")" "user assistant" "question and answer"
is "$(json 'join " ", map { $_->{type} } @{$_->{messages}[0]{content}}' <"$history")" \
    "picture picture picture picture picture text" "pictures by number"
[[ $(stat -c %s "$history") -lt 10000 ]]
ok $? "no picture data"

ask plain --continue --json "and what colour is it?"
is "$status" 0 "--continue: status 0"
is "$(asked plain 'join " ", map { $_->{role} } @{$_->{body}{messages}}' | tail -1)" "user assistant user" "the conversation goes on"
is "$(asked plain 'join " ", map { $_->{sha256} } @{$_->{images}}[0 .. 4]' | uniq | wc -l)" 1 "the same pictures, to the byte"
is "$(asked plain 'my %s; $s{$_->{sha256}}++ for @{$_->{images}}; join " ", grep { $_ > 1 } values %s' | tail -1)" "" \
    "no picture goes twice"
is "$(json '$_->{usage}{cache_read_tokens} > 1000' <<<"$out")" 1 "what went before comes from the cache"
is "$(json '@{$_->{citations}} > 0 && $_->{citations}[0]{path} =~ /jpg/' <<<"$out")" 1 "citations of pictures sent before"

ask plain --continue --json zebra in the savanna
is "$status:$(json '$_->{nothing_matches} . " " . $_->{requests}' <<<"$out")" "0:0 1" "nothing new is near: the question goes with what was sent"

ask thinking "What is the dog doing?"
ask thinking --continue "and then?"
is "$(asked thinking 'exists $_->{refused}' | xargs)" "" "thinking goes back unchanged"
is "$(asked thinking 'join " ", map { $_->{type} } @{$_->{body}{messages}[1]{content}}' | tail -1)" "thinking text text" "it is there"
ask plain --continue --llm-model claude-opus-5-5 "and then?"
is "$status" 0 "--continue with another model"
is "$(asked plain 'join " ", map { $_->{type} } map { @{$_->{content}} } grep { $_->{role} eq "assistant" } @{$_->{body}{messages}}' | tail -1)" \
    "text text text text" "does not get the first one's thoughts"

ask tools "What is the dog doing?"
ask tools --continue "and the other one?"
is "$status" 0 "after tool rounds"
is "$(asked tools 'exists $_->{refused}' | xargs)" "" "nothing is refused"

ask refusal --continue "something else"
ask plain,after=refusal --continue "and now?"
is "$status" 0 "after a refusal"
unlike "$(asked plain,after=refusal 'join " ", map { map { $_->{text} // "" } @{$_->{content}} } @{$_->{body}{messages}}')" \
    "something else" "the refused question is not sent again"

ask plain "What is the dog doing?"
shown=$(ledger '$_->{photos}[0]{path} // ()' | grep -v none | tail -1)
mv "$shown" "$shown.away"
ask plain,gone=1 --continue "and what colour is it?"
is "$status" 0 "a photo is gone: status 0"
like "$(asked plain,gone=1 '$_->{body}{messages}[0]{content}[0]{text}')" "^Image 1: this photo was deleted" "a sentence stands for it"
mv "$shown.away" "$shown"
"$program" never-send "${shown%/*}" >/dev/null
ask plain,rule=1 --continue "and what colour is it?"
is "$(asked plain,rule=1 '$_->{body}{messages}[0]{content}[0]{text}')" "Image 1: the owner no longer shares this photo." "a rule made meanwhile holds"
"$program" never-send remove "${shown%/*}" >/dev/null

for text in '' '{' '[]' '{"version":2}' '{"version":1,"pictures":[],"messages":[{"role":"user","content":[{"type":"image"}]}]}' \
    '{"version":1,"pictures":[{"number":1}],"messages":[]}' '{"version":1,"pictures":[],"messages":[{"role":"root","content":[]}]}' \
    '{"version":1,"pictures":[],"messages":[{"role":"user","content":[{"type":"picture","number":3}]}]}'; do
    echo "$text" >"$history"
    ask plain --continue "and?"
    is "$status" 1 "a broken history is refused: ${err:0:120}"
done

if ! type script >/dev/null 2>&1; then
    leave "script is not installed"
fi
talk() { # SCENARIO [PROMPT LINE]...
    local scenario=$1
    shift
    ANTHROPIC_API_KEY=$key ANTHROPIC_BASE_URL=$at/$scenario TERM=dumb type_at "'$program' ask" "$@"
}
out=$(talk plain,talk=1 '\n> $' 'What is the dog doing?' '\n> $' 'and what colour is it?' '\n> $' '')
like "$out" "an empty line ends the conversation" "a conversation is begun"
is "$(asked plain,talk=1 'scalar @{$_->{body}{messages}}' | xargs)" "1 3" "two questions of one conversation"
is "$(grep -c 'Très joli' <<<"$out")" 2 "a conversation: two answers come"

# ---- models with habits of their own, and another provider afterwards ----

wait_for_line "$work/odd.port" "^[0-9]"
odd_port=$(<"$work/odd.port")
odd() { # MODEL ARGUMENT...
    local model=$1
    shift
    run ask --provider openai --llm-model local --llm-url "http://127.0.0.1:$odd_port/$model" -k 2 --include-weak --json "$@"
}
told() { json 'join " ", $_->{text}, map({ "+$_->{number}" } @{$_->{citations}}), map { "-$_" } @{$_->{rejected}}' <<<"$out"; }

odd think "What is the dog doing?"
is "$status $(told)" "0 It runs [1]. +1" "reasoning is neither answer nor citation"
odd aloud "What is the dog doing?"
is "$status $(told)" "0 It runs [1]. +1" "nor is it where only its end is marked"
like "$err" "the text above was the model's reasoning; its answer follows" "... which is told to who saw it"
is "$(json 'join " ", map { map { $_->{text} // () } @{$_->{content}} } grep { $_->{role} eq "assistant" } @{$_->{messages}}' <"$history")" \
    "It runs [1]." "... nor does it go on in the conversation"
odd one "What is the dog doing?"
is "$status $(told)" '0 I see 1 [1], and the sign reads "[7]" of [2019] [9?]. +1 -9' "a server that takes one photo gets the best; quotations and years are no citations"
like "$err" "takes 1 photo in one request: asking again with the best" "which is told"
odd written --rounds 0 "What is the dog doing?"
is "$status $(told)" "0 No more [1]. +1" "--rounds 0: a call that a model makes all the same is answered"
run ask --provider openai --llm-model local --llm-url "http://127.0.0.1:$odd_port/think" --no-tools --dry-run --json "What is the dog doing?"
is "$(json 'exists $_->{request}{tools} ? 1 : 0' <<<"$out")" 0 "--no-tools: none are offered"

odd kimi "What is the dog doing?"
is "$status $(told)" "0 Two looks [1]. +1" "calls by foreign ids, twice the same"
ask plain --continue --include-weak --json "And the other one?"
is "$status" 0 "goes on with a provider that takes none of them"
like "$(asked plain 'join " ", map { $_->{tool_use_id} // () } map { ref $_->{content} ? @{$_->{content}} : () } @{$_->{body}{messages}}' | tail -1)" \
    "^k00000001 k00000002$" "which gets ids of ours"
done_testing
