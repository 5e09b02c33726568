#!/bin/bash
# SPDX-License-Identifier: MIT
# The same question to every kind of provider.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh
# shellcheck source=tests/ask/lib.sh
. tests/ask/lib.sh

few_photos
need_stand_in
cd "$work" || exit 1
question="What is the dog doing?"

answers() { # NAME SCENARIO ARGUMENT...
    local name=$1 scenario=$2
    shift 2
    run ask "$@" --json "$question"
    is "$status" 0 "$name: status 0"
    like "$(json '$_->{text}' <<<"$out")" 'You asked "What is the dog doing\?". Images seen: [567]\.' "$name: an answer about five photos or more"
    is "$(json '@{$_->{citations}} > 0 && $_->{citations}[0]{path} =~ /jpg$/' <<<"$out")" 1 "$name: with citations"
    is "$(asked "$scenario" 'exists $_->{refused} ? $_->{refused} : ""' | xargs)" "" "$name: nothing was refused"
    is "$(asked "$scenario" 'join " ", map { $_->{hasMetadata} ? 1 : () } @{$_->{images}}' | sort -u)" "" "$name: no metadata"
}

for scenario in plain tools tools-view thinking; do
    (
        export AWS_BEARER_TOKEN_BEDROCK=bedrock-key-stand-in AWS_REGION=eu-west-1
        export ANTHROPIC_BEDROCK_MANTLE_BASE_URL=$at/$scenario,on=bedrock/anthropic
        answers "bedrock, $scenario" "$scenario,on=bedrock" --provider bedrock
        echo "$tap_count $tap_failed" >counts
    )
    read -r tap_count tap_failed <counts
    (
        export ANTHROPIC_VERTEX_PROJECT_ID=album CLOUD_ML_REGION=europe-west1
        export ANTHROPIC_VERTEX_BASE_URL=$at/$scenario,on=vertex/v1
        printf 'ya29.stand-in\n' >token && chmod 600 token
        answers "vertex, $scenario" "$scenario,on=vertex" --provider vertex --llm-key-file token
        echo "$tap_count $tap_failed" >counts
    )
    read -r tap_count tap_failed <counts
    for flavour in llamacpp ollama; do
        (
            export OPENAI_BASE_URL=$at/$scenario,flavour=$flavour/v1
            model=local
            [[ $flavour == llamacpp ]] || model=qwen2.5vl:7b
            answers "$flavour, $scenario" "$scenario,flavour=$flavour" --provider openai --llm-model $model
            is "$(json '$_->{cost}' <<<"$out")" 0 "$flavour, $scenario: costs nothing"
            echo "$tap_count $tap_failed" >counts
        )
        read -r tap_count tap_failed <counts
    done
done

run ask --provider openai --llm-url "$at/plain,flavour=ollama/v1" --llm-model local --dry-run --json "$question"
is "$(json '$_->{outbox}{local} . " " . $_->{outbox}{price} . " " . $_->{outbox}{provider}' <<<"$out")" "1 0 openai" "a dry run for a server of one's own"
is "$(json 'join " ", map { $_->{type} } @{$_->{request}{messages}[-1]{content}}' <<<"$out")" \
    "text image_url text image_url text image_url text image_url text image_url text" "its request"

# Of llama-server's 16 pictures the first question takes all.
full=(--provider openai --llm-model local --llm-url "$at/plain,flavour=llamacpp,full=1/v1")
run ask "${full[@]}" -k 16 --include-weak "$question"
is "$status" 0 "as many photos as the model takes"
run ask "${full[@]}" -k 4 --include-weak --continue --dry-run --json "and the cat?"
is "$(json 'scalar(@{$_->{outbox}{photos}}) . " " . $_->{outbox}{no_room}' <<<"$out")" "0 4" "then there is room for none"
run ask "${full[@]}" -k 4 --continue --dry-run "and the cat?"
like "$out" "4 more were not searched for: the conversation has reached the model.s limit of pictures; begin a new one" "and the outbox says so"

# A model of one's own on another machine, by plain HTTP: with consent, which is kept for that host.
there=(--provider openai --llm-url http://box.example:11434/v1 --llm-model local --dry-run)
run ask "${there[@]}" "$question"
is "$status" 1 "plain http:// to another machine is refused"
like "$err" "allow it with --llm-plain-http box.example" "... the sentence names the consent"
run ask "${there[@]}" --llm-plain-http box.example --json "$question"
is "$status $(json '"$_->{outbox}{local} $_->{outbox}{price}"' <<<"$out")" "0 0 0" "with it: allowed, for nothing, though not on this machine"
run ask "${there[@]}" "$question"
is "$status" 0 "... and kept"
run ask "${there[@]}" --llm-url http://other.example/v1 "$question"
is "$status" 1 "... for that host alone"
is "$(<"$XDG_STATE_HOME/keepsake/plain-http")" box.example "... in a file that says so"
rm "$XDG_STATE_HOME/keepsake/plain-http"
KEEPSAKE_LLM_PLAIN_HTTP="a box.example" run ask "${there[@]}" "$question"
is "$status" 0 "the variable says it, too"

is "$(ledger '$_->{provider}' | sort -u | xargs)" "bedrock openai vertex" "the ledger has them all"
done_testing
