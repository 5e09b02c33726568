#!/bin/bash
# SPDX-License-Identifier: MIT
# Ctrl-C: stops what would go on for minutes, and keeps what arrived.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh
# shellcheck source=tests/ask/lib.sh
. tests/ask/lib.sh

few_photos
need_stand_in
cd "$work" || exit 1

# interrupted SCENARIO WHEN ARGUMENT...: SIGINT once WHEN (a command) holds.
interrupted() {
    local scenario=$1 when=$2 pid
    shift 2
    # A background job ignores SIGINT unless it is told not to.
    ANTHROPIC_API_KEY=$key ANTHROPIC_BASE_URL=$at/$scenario perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV' \
        "$program" ask "$@" "What is the dog doing?" >stdout 2>stderr </dev/null &
    pid=$!
    wait_until "$when"
    kill -INT $pid
    wait $pid
    status=$?
    out=$(<stdout) err=$(<stderr)
}

interrupted plain,chunk=4,hold=6 '[[ $(stat -c %s stdout) -gt 60 ]]'
is "$status" 130 "in the middle of an answer: status 130"
like "$out" '^You asked "What is the dog doing\?". Images seen' "what arrived is kept"
like "$out" "\(The answer is incomplete: it was interrupted.\)" "and says so"
is "$(ledger '$_->{event}' | xargs)" "sent failed" "an interrupted answer: the ledger"
history=$(echo "$work"/state/keepsake/ask-*.json)
like "$(json '$_->{messages}[1]{content}[0]{text}' <"$history")" "^You asked" "the history has it"
ask plain,next=1 --continue "and?"
is "$status" 0 "--continue goes on from there"
is "$(asked plain,next=1 'scalar @{$_->{body}{messages}}')" 3 "with what arrived"

interrupted silence-before '[[ -n $(asked silence-before 1) ]]'
is "$status:$out" "130:" "before anything came: status 130"

interrupted 429-retry-after,after=60 'grep -q "trying again" stderr'
is "$status:$out" "130:" "while waiting to try again: status 130"
is "$(asked 429-retry-after,after=60 1)" 1 "it was not tried again"

let_go tools-forever,hold=1 # the first of them
interrupted tools-forever,hold=1 'grep -q "search_photos:" stderr && [[ $(asked tools-forever,hold=1 1 | wc -l) -gt 1 ]]' --rounds 50
is "$status" 130 "between tool rounds: status 130"
like "$out" "^Let me look" "what arrived is kept"
ask plain,next=2 --continue "and?"
is "$status" 0 "--continue goes on from there"
is "$(asked plain,next=2 'exists $_->{refused}')" "" "the conversation is sound"

# SIGINT when a certain photo is opened. (LeakSanitizer does not work under strace.)
if strace -o /dev/null true 2>/dev/null; then
    photo=$(realpath photos/dogs/7.jpg)
    ANTHROPIC_API_KEY=$key ANTHROPIC_BASE_URL=$at/plain,read=1 ASAN_OPTIONS=detect_leaks=0 \
        strace -f -qq -o opened -e trace=openat,openat2 -P "$photo" -P dogs/7.jpg -P 7.jpg \
        -e inject=openat,openat2:signal=SIGINT:when=1 \
        "$program" ask -k 20 "What is the dog doing?" >stdout 2>stderr </dev/null
    is "$?:$(<stdout)" "130:" "while photos are read: status 130"
    like "$(<opened)" "7.jpg" "which was when one was opened"
    unlike "$(<stderr)" "20 photos" "before the outbox was made"
    is "$(asked plain,read=1 1)" "" "nothing was sent"
else
    skip "strace is not installed"
fi

# A reader who goes away is heard, too: the rest is not paid for.
{ ANTHROPIC_API_KEY=$key ANTHROPIC_BASE_URL=$at/plain,hold=6:12 "$program" ask -q "What is the dog doing?" 2>stderr
    echo $? >status; } | { head -c 60 >seen; exec <&-; let_go plain,hold=6:12; }
text=$(<seen)
is "$(<status):$(<stderr)" "0:" "a pipe that is closed: status 0, no complaint"
is "${#text}" 60 "after what was read"
is "$(ledger '$_->{event} . " " . $_->{detail}' | tail -1)" "failed interrupted" "the reply was not waited for"

interrupted plain,hold=4 '[[ $(asked plain,hold=4 "\$_->{held} // 0") == 1 ]]' --json
is "$status:$(json '$_->{remark}' <<<"$out")" "130:The answer is incomplete: it was interrupted." "an interrupted answer with --json"
done_testing
