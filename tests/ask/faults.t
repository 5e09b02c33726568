#!/bin/bash
# SPDX-License-Identifier: MIT
# What goes wrong between here and the model: a sentence each, what arrived is kept, and each attempt is in
# the ledger with its end.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh
# shellcheck source=tests/ask/lib.sh
. tests/ask/lib.sh

few_photos
need_stand_in
question="What is the dog doing?"

# new_entries EXPRESSION: of each entry of the ledger since skip_entries.
ledger_seen=0
new_entries() { "$program" ledger --json | tail -n +$((ledger_seen + 1)) | json "$1" | xargs; }
skip_entries() { ledger_seen=$("$program" ledger --json | wc -l); }

# A server that is silent is left after a second; later where this machine is so busy that what it says
# at once takes longer than that.
limits() { # SCENARIO
    case $1 in silence*) echo 1 8 64 ;; *) echo 300 ;; esac
}

# Under a sanitizer, one of each kind: the client's own reading of all of them runs there in tests/llm/faults.t.
kinds="401 429-retry-after 529 error-after-200 cut-before-headers cut-mid-utf8 silence-mid garbage max-tokens refusal pause-turn"

# SCENARIO STATUS WHAT-IS-PRINTED SENTENCE LEDGER
fault() {
    if test_is_short && [[ " $kinds " != *" $1 "* ]]; then return; fi
    local scenario=$1 want=$2 text=$3 sentence=$4 entries=$5 limit got
    for limit in $(limits "$scenario"); do
        skip_entries
        ask "$scenario,chunk=1" -k 2 --llm-timeout "$limit" "$question" # in pieces of one byte
        got=$(new_entries '$_->{event}')
        [[ $out =~ $text && $got == "$entries" ]] && break
    done
    is "$status" "$want" "$scenario: status $want"
    like "$out" "$text" "$scenario: what arrived"
    like "$err" "$sentence" "$scenario: $(grep -v '^\[\|^To \|photos:' <<<"$err" | tail -1 | cut -c1-150)"
    is "$got" "$entries" "$scenario: the ledger"
}
nothing='^$'
part='^You asked "What is the'
whole=$'\n\n\\[1\\]  0\\.'
failed="sent failed"
thrice="$failed $failed $failed"

fault 400 1 "$nothing" "refuses this request" "$failed"
fault 401 1 "$nothing" "does not accept the key: check ANTHROPIC_API_KEY" "$failed"
fault 402 1 "$nothing" "credit" "$failed"
fault 403 1 "$nothing" "permission" "$failed"
fault 404 1 "$nothing" "model" "$failed"
fault 408 1 "$nothing" "" "$thrice"
fault 413 1 "$nothing" "too large .*fewer photos" "$failed"
fault 413-html 1 "$nothing" "too large .*fewer photos" "$failed"
fault 429-retry-after 0 "$whole" "trying again in 1.0 s" "$failed sent answered"
fault 429-retry-after-ms 0 "$whole" "trying again in 0.2 s" "$failed sent answered"
fault retry-after-date,after=8 0 "$whole" "trying again in [3-8]" "$failed sent answered"
fault 429-no-retry-after 1 "$nothing" "no more requests|rate limit" "$thrice"
fault 429-spend-limit 1 "$nothing" "limit" "$failed"
fault 529 1 "$nothing" "overloaded" "$thrice"
fault 503-then-ok 0 "$whole" "trying again" "$failed sent answered"
fault should-retry-false 1 "$nothing" "overloaded" "$failed"
fault should-retry-true 0 "$whole" "trying again" "$failed sent answered"
fault context-exceeded-400 1 "$nothing" "too long|context" "$failed"
fault redirect 1 "$nothing" "" "$failed"

fault error-after-200 1 "$part.*"$'\n'"\(The answer is incomplete.\)" "overloaded" "$failed"
# After HTTP 200 a reply may be charged, so it is not asked for again.
fault error-before-content 1 "$nothing" "overloaded" "$failed"
fault cut-before-headers 1 "$nothing" "lost|closed|reached" "$thrice"
fault cut-after-headers 1 "$nothing" "lost|closed" "$failed"
fault cut-mid-stream 1 "$part.*incomplete" "lost" "$failed"
fault cut-mid-line 1 "$part.*incomplete" "lost" "$failed"
fault cut-mid-utf8 1 "$part.*incomplete" "lost" "$failed"
fault ends-early 1 "$part.*incomplete" "" "$failed"
fault silence-mid 1 "$part.*incomplete" "silent|1 s" "$failed"
fault silence-after-headers 1 "$nothing" "silent|1 s" "$failed"
fault silence-before 1 "$nothing" "silent|1 s" "$thrice"
fault garbage 1 "$nothing" "unexpected reply from " "$failed"
fault huge-event 1 "" "" "$failed"
fault nothing 1 "$nothing" "" "$failed"

fault max-tokens 3 "$part.*"$'\n'"\(The answer was cut off at the limit of 8192 tokens.\)" "" "sent answered"
fault context-exceeded 3 "$part.*no longer fits the model's context" "" "sent answered"
fault refusal 3 "^I cannot "$'\n'"\(The model declined to answer.\)" "" "sent answered"
fault unknown-stop 3 "an unknown reason: a_reason_of_the_future" "" "sent answered"
fault pause-turn 0 "^One moment. "$'\n\n'"You asked" "" "sent answered sent answered"

# What an attempt that failed cost: nothing when it was refused; unknown when it may have been read.
costs() { # SCENARIO WANT
    skip_entries
    ask "$1" -k 2 --llm-timeout "$(limits "$1" | cut -d' ' -f1)" "$question"
    is "$(new_entries "$cost")" "$2" "$1: costs $2"
}
cost='$_->{event} eq "failed" ? $_->{cost_usd} // "unknown" : ""'
costs 401 0
costs 529 "0 0 0"
costs cut-before-headers "unknown unknown unknown"
costs cut-after-headers unknown
costs silence-before "unknown unknown unknown"
like "$err" "has been silent for 1 s \(increase --llm-timeout\) \(this attempt may still be billed\); trying again" "and says so before it asks again"
like "$("$program" ledger | tail -2 | head -1)" "~[$]0\.00[0-9]+ +failed: 127.0.0.1 has been silent" "the ledger counts what was estimated"
skip_entries
ANTHROPIC_API_KEY=$key ANTHROPIC_BASE_URL=http://127.0.0.1:1 run ask -k 2 "$question"
is "$(new_entries "$cost")" "0 0 0" "nobody there: nothing"

# Pictures that the server finds too large are made smaller, once.
"$program" -q --gallery "$work/large.db" index "$shared/torture/exif-orientation" >/dev/null 2>&1
KEEPSAKE_GALLERY=$work/large.db ask oversized-image -k 2 --folder "$shared/torture/exif-orientation" --json "a number"
is "$status" 0 "oversized-image: status 0"
like "$err" "the server accepts no image side above [0-9]+ px: trying again with smaller images" "oversized-image: says so"
is "$(asked oversized-image 'exists $_->{refused} ? 1 : 0' | xargs)" "1 0" "oversized-image: refused once, then taken"
is "$(asked oversized-image 'scalar grep { $_->{width} > 512 || $_->{height} > 512 } @{$_->{images}}' | tail -1)" 0 \
    "oversized-image: smaller ones went"
like "$(json '$_->{text}' <<<"$out")" "Image 1 is ([0-9]+)x([0-9]+) px, caption \"Image 1: [0-9]+x[0-9]+ pixels" "oversized-image: an answer"
is "$(json '$_->{text} =~ /Image 1 is (\d+x\d+) px, caption "Image 1: (\d+x\d+) pixels/; $1 eq $2' <<<"$out")" 1 \
    "oversized-image: the caption tells the new size"
is "$(KEEPSAKE_GALLERY=$work/large.db ledger '$_->{event}' | xargs)" "sent failed sent answered" "oversized-image: both are in the ledger"

ask cut-mid-stream -k 2 --json "$question"
is "$status:$(json '$_->{remark} . " " . ($_->{error} =~ /lost/ ? "lost" : "")' <<<"$out")" "1:The answer is incomplete. lost" "--json keeps what arrived, and says why"
ask 401 -k 2 --json "$question"
is "$status:$out" "1:" "--json: nothing arrived, nothing is printed"

# Keys never show.
for scenario in 401 403 529 garbage; do
    ask "$scenario" -k 2 "$question"
    unlike "$out$err$(ledger '$_->{detail}')" "$key" "$scenario: the key is not in what is printed or kept"
done
unlike "$(cat "$work"/state/keepsake/* "$KEEPSAKE_GALLERY" | tr -d '\0')" "$key" "nor in the gallery or the history"
done_testing
