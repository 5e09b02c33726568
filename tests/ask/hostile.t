#!/bin/bash
# SPDX-License-Identifier: MIT
# What a model or its server says never reaches the terminal as it came.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh
# shellcheck source=tests/ask/lib.sh
. tests/ask/lib.sh

command -v node >/dev/null || leave "node is not installed"
few_photos
coproc hostile { exec node tests/ask/hostile_server.mjs; }
read -r port <&"${hostile[0]}"
question="What is the dog doing?"

hostile() { # PATH ARGUMENT...
    local path=$1
    shift
    ANTHROPIC_API_KEY=sk-ant-secret ANTHROPIC_BASE_URL=http://127.0.0.1:$port/$path run ask --yes "$@" "$question"
}
# Control characters other than tab and line feed: C0, DEL, and C1 in UTF-8.
controls() { LC_ALL=C grep -cP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' "$@" | xargs; }

hostile plain
is "$status" 3 "an answer of escape sequences: status 3"
like "$out" '^A\?\[2J\?\]52;c;aGk=\?B\?31mC\? \[1\]\?X' "is shown as text"
like "$err" 'search_photos: .*new photo' "its searches are run"
is "$(controls "$work/stdout" "$work/stderr")" "$work/stdout:0 $work/stderr:0" "nothing of it is a control character"
hostile plain --json
is "$(json '$_->{text} =~ /\e\[2J/ ? 1 : 0' <<<"$out"):$(wc -l <<<"$out")" "1:1" "--json: the text as it came, on a line"
is "$(controls "$work/stdout")" 0 "... escaped"
"$program" ledger >"$work/stdout"
is "$(controls "$work/stdout")" 0 "the ledger, too"

hostile refuse
is "$status" 1 "a refusal of escape sequences: status 1"
like "$err" 'keepsake: 127.0.0.1 does not accept the request \(HTTP 400.*\): no\?\]0;title\?' "is shown as text"
is "$(controls "$work/stderr")" 0 "nothing of it is a control character"
unlike "$err" "sk-ant-secret" "the key that it repeats is not shown"

# Without colours nothing else writes escape sequences there.
if type script >/dev/null 2>&1; then
    ANTHROPIC_API_KEY=sk-ant-secret ANTHROPIC_BASE_URL=http://127.0.0.1:$port/plain NO_COLOR=1 TERM=dumb KEEPSAKE_PREVIEW=off \
        script -qec "'$program' ask --yes '$question'" /dev/null </dev/null | tr -d '\r' >"$work/stdout"
    is "$(grep -c '\[2J' "$work/stdout" | grep -c '[1-9]'):$(controls "$work/stdout")" "1:0" "on a terminal"
else
    skip "script is not installed"
fi
done_testing
