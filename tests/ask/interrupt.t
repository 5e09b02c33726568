#!/bin/bash
# Ctrl-C: stops at once, keeps what arrived.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh
# shellcheck source=tests/ask/lib.sh
. tests/ask/lib.sh

few_photos
need_stand_in
cd "$work" || exit 1

# interrupted SCENARIO WHEN ARGUMENT...: SIGINT once WHEN (a command) holds.
interrupted() {
    local scenario=$1 when=$2 pid started
    shift 2
    # A background job ignores SIGINT unless it is told not to.
    ANTHROPIC_API_KEY=$key ANTHROPIC_BASE_URL=$at/$scenario perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV' \
        "$program" ask "$@" "What is the dog doing?" >stdout 2>stderr </dev/null &
    pid=$!
    for _ in {1..200}; do
        eval "$when" && break
        sleep 0.05
    done
    started=$(date +%s%N)
    kill -INT $pid
    wait $pid
    status=$?
    took=$((($(date +%s%N) - started) / 1000000))
    out=$(<stdout) err=$(<stderr)
}

interrupted plain,chunk=4,delay=10 '[[ $(stat -c %s stdout) -gt 60 ]]'
is "$status" 130 "in the middle of an answer: status 130"
[[ $took -lt 2000 ]]
ok $? "at once ($took ms)"
like "$out" '^You asked "What is the dog doing\?". Images seen' "what arrived is kept"
like "$out" "\(The answer is not whole: it was interrupted.\)" "and says so"
is "$(ledger '$_->{event}' | xargs)" "sent failed" "the ledger"
history=$(echo "$work"/state/keepsake/ask-*.json)
like "$(json '$_->{messages}[1]{content}[0]{text}' <"$history")" "^You asked" "the history has it"
ask plain,next=1 --continue "and?"
is "$status" 0 "--continue goes on from there"
is "$(asked plain,next=1 'scalar @{$_->{body}{messages}}')" 3 "with what arrived"

interrupted silence-before '[[ $(asked silence-before 1 | wc -l) -gt 0 ]]'
is "$status:$out" "130:" "before anything came: status 130"
[[ $took -lt 2000 ]]
ok $? "at once ($took ms)"

interrupted 429-retry-after,after=30 'grep -q "trying again" stderr'
is "$status:$out" "130:" "while waiting to try again: status 130"
[[ $took -lt 2000 ]]
ok $? "at once ($took ms)"

interrupted tools-forever,delay=20 'grep -q "search_photos:" stderr' --rounds 50
is "$status" 130 "between tool rounds: status 130"
like "$out" "^Let me look" "what arrived is kept"
ask plain,next=2 --continue "and?"
is "$status" 0 "--continue goes on from there"
is "$(asked plain,next=2 'exists $_->{refused}')" "" "the conversation is sound"

# Many photos take long to read.
mkdir many
for copy in {1..400}; do
    { cat "photos/dogs/$((copy % 12 + 1)).jpg" && echo "$copy"; } >"many/$copy.jpg"
done
"$program" -q --gallery many.db index many >/dev/null
interrupted plain,many=1 'sleep 0.4' --gallery many.db -k 400
is "$status:$out" "130:" "while photos are read: status 130"
[[ $took -lt 2000 ]]
ok $? "at once ($took ms)"
unlike "$err" "400 photos" "before the outbox was made"
is "$(asked plain,many=1 1)" "" "nothing was sent"

# A reader who goes away is heard, too: the rest is not paid for.
text=$({ ANTHROPIC_API_KEY=$key ANTHROPIC_BASE_URL=$at/plain,chunk=4,delay=10 "$program" ask -q "What is the dog doing?" 2>stderr
    echo $? >status; } | head -c 60)
is "$(<status):$(<stderr)" "0:" "a pipe that is closed: status 0, no complaint"
is "${#text}" 60 "after what was read"
is "$(ledger '$_->{event} . " " . $_->{detail}' | tail -1)" "failed interrupted" "the reply was not waited for"

interrupted plain,chunk=64,delay=50 '[[ $(asked plain,chunk=64,delay=50 1 | wc -l) -gt 0 ]] && sleep 2' --json
is "$status:$(json '$_->{remark}' <<<"$out")" "130:The answer is not whole: it was interrupted." "--json"
done_testing
