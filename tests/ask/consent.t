#!/bin/bash
# SPDX-License-Identifier: MIT
# Who may send: the key, the owner's consent, never-send rules.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh
# shellcheck source=tests/ask/lib.sh
. tests/ask/lib.sh

few_photos
need_stand_in
cd "$work" || exit 1
unset KEEPSAKE_ASK_CONSENT
question="What is the dog doing?"

run ask "$question"
is "$status" 1 "no key: status 1"
like "$out" "\[1\]  0\.[0-9]{3}  2019-07-.*photos/dogs/.*5 photos: " "the photos that would have been sent"
like "$err" "keepsake: nothing was sent: .*ANTHROPIC_API_KEY" "and how to set one up"
like "$err" "llama|Ollama|OPENAI_BASE_URL|--provider openai" "or a server of one's own"
run ask --json "$question"
is "$status:$(json 'scalar @{$_->{outbox}{photos}}' <<<"$out")" "1:5" "--json: the outbox"

# Nothing answers at port 1 of this address, which is not that of the loopback device.
away() { ANTHROPIC_API_KEY=$key ANTHROPIC_BASE_URL=https://0.0.0.0:1 run "$@"; }
away ask "$question"
is "$status" 1 "never sent before, no terminal: status 1"
like "$err" "nothing was sent: photos of this gallery have not been sent to 0.0.0.0 before" "says what allows it"
is "$(ledger 1)" "" "the ledger is empty"
KEEPSAKE_ASK_CONSENT=no away ask "$question"
like "$err" "--yes, or" "consent = no is no consent"
echo "ask-consent = yes" >"$XDG_CONFIG_HOME/keepsake/config"
away ask "$question"
like "$err" "cannot reach 0.0.0.0" "the config allows it: it was tried"
rm "$XDG_CONFIG_HOME/keepsake/config"
is "$(ledger '$_->{event}' | xargs)" "sent failed sent failed sent failed" "and is in the ledger, each attempt"
is "$(ledger '$_->{host}' | sort -u)" 0.0.0.0 "with the host"
away ask "$question"
unlike "$err" "--yes" "once allowed, it is not asked again"
"$program" -q --gallery other.db index photos >/dev/null
away --gallery other.db ask "$question"
like "$err" "--yes, or" "for another gallery it is"
away --gallery other.db ask --yes "$question"
unlike "$err" "--yes, or" "--yes sends without a question"
ask plain "$question"
is "$status" 1 "a gateway on this machine needs consent, too"
run ask --provider openai --llm-url "$at/plain,flavour=llamacpp/v1" --llm-model local "$question"
is "$status" 0 "a model on this machine needs none"
ask plain "$question"
is "$status" 1 "which is no consent for the gateway"
export KEEPSAKE_ASK_CONSENT=yes

if type script >/dev/null 2>&1; then
    "$program" -q --gallery third.db index photos >/dev/null
    typed() { # WHAT
        KEEPSAKE_ASK_CONSENT='' ANTHROPIC_API_KEY=$key ANTHROPIC_BASE_URL=https://0.0.0.0:1 TERM=dumb \
            type_at "'$program' --gallery third.db ask '$question'; echo status \$?" '\[y/N\]' "$1"
    }
    like "$(typed n)" "have not been sent to 0.0.0.0 before. Send them\? \[y/N\].*nothing was sent.*status 1" "on a terminal: asked, no"
    is "$("$program" --gallery third.db ledger --json)" "" "nothing was sent"
    like "$(typed y)" "Send them\?" "asked again, yes"
    is "$("$program" --gallery third.db ledger --json | json '$_->{event}' | head -1)" sent "it was tried"
    unlike "$(typed y)" "Send them\?" "and is remembered"
else
    skip "script is not installed"
fi

# Never-send rules hold for the first photos, for the model's own searches, and for views.
"$program" never-send photos/dogs >/dev/null
ask plain,rules=1 --json "$question"
is "$(asked plain,rules=1 'scalar @{$_->{images}}' | head -1)" "" "a folder: nothing that matches is left, nothing is sent"
is "$(json '$_->{nothing_matches}' <<<"$out")" 1 "a question that nothing matches"
run ask --dry-run "$question"
like "$out" "[0-9]+ more withheld by never-send: the folder $work/photos/dogs" "and says what stays"
"$program" never-send remove photos/dogs >/dev/null

# A folder keeps what is in it under every path: copies, links to it, links that lead out of the gallery.
mkdir elsewhere far
for name in photos/dogs/{1,2}.jpg; do cp "$name" elsewhere/copy-"${name##*/}"; done
ln -s ../photos/dogs/3.jpg elsewhere/link.jpg
mv photos/dogs/4.jpg far && ln -s ../far/4.jpg elsewhere/far.jpg
"$program" -q --gallery copies.db index photos elsewhere >/dev/null
"$program" --gallery copies.db never-send photos/dogs far >/dev/null 2>&1
for k in 1 20; do
    run --gallery copies.db ask --dry-run --json -k $k "$question"
    is "$(json 'join " ", grep { m{/(elsewhere|dogs)/} } map { $_->{path} } @{$_->{outbox}{photos}}' <<<"$out")" "" \
        "-k $k: neither copies nor links of photos under a rule"
done
like "$(json '$_->{outbox}{withheld_why}' <<<"$out")" "the folder $work/photos/dogs \(a copy is in it\)" "and says why"
ask plain,copies=1 --gallery copies.db --folder elsewhere --json "$question"
is "$(asked plain,copies=1 1)" "" "nothing of it is sent"
"$program" --gallery copies.db never-send remove photos/dogs far >/dev/null
run --gallery copies.db ask --dry-run --json --folder elsewhere "$question"
is "$(json 'scalar @{$_->{outbox}{photos}}' <<<"$out")" 4 "without the rules they are"
mv far/4.jpg photos/dogs
first=$(run ask --dry-run --json "$question" && json '$_->{outbox}{photos}[0]{path}' <<<"$out")
"$program" label "$first" Private >/dev/null
"$program" never-send --label private >/dev/null
before=$(ledger 1 | wc -l)
for scenario in tools tools-parallel tools-view; do
    ask $scenario,rules=2 --json "$question"
    is "$status" 0 "$scenario: status 0"
done
sent=$(ledger 'join " ", map { $_->{path} } @{$_->{photos} // []}' | tail -n +$((before + 1)))
like "$sent" "photos/dogs/" "other photos went"
unlike " ${sent//$'\n'/ } " " $first " "a photo so labelled did not"
run ask --dry-run --json --save-request out "$question"
is "$(json '$_->{outbox}{withheld} . " " . $_->{outbox}{withheld_why}' <<<"$out")" "1 the label 'private'" "it is counted"

# Each attempt is on the disk, not only in a cache of it, before the server is called.
if strace -o /dev/null true 2>/dev/null; then
    ANTHROPIC_API_KEY=$key strace -f -qq -e trace=fdatasync,fsync,connect -o trace \
        "$program" ask --llm-url http://127.0.0.1:1 --yes "$question" >/dev/null 2>&1
    is "$(grep -c AF_INET trace)" 3 "nobody there: three attempts"
    is "$(grep -v AF_UNIX trace | grep -oE 'sync|connect' | uniq | grep -c connect)" 3 "what is to be sent is on the disk before each"
else
    skip "strace is not installed"
fi

# A rule that is made before another attempt holds for that.
ANTHROPIC_API_KEY=$key ANTHROPIC_BASE_URL=$at/429-retry-after-ms,hold=0 "$program" ask "$question" >late.out 2>late.err &
late=$!
wait_until '[[ -n $(asked 429-retry-after-ms,hold=0 1) ]]'
"$program" never-send photos/dogs >/dev/null
let_go 429-retry-after-ms,hold=0
wait $late
is "$?" 1 "a rule comes between two attempts: status 1"
like "$(<late.err)" "the request was not sent again: never-send now has the folder $work/photos/dogs" "says so"
is "$(asked 429-retry-after-ms,hold=0 1 | wc -l)" 1 "and nothing was sent again"
"$program" never-send remove photos/dogs >/dev/null

# The ledger comes first: when it may not keep what is written to it, nothing is sent.
sqlite3 "$KEEPSAKE_GALLERY" "CREATE TRIGGER no_more BEFORE INSERT ON ledger BEGIN SELECT RAISE(IGNORE); END"
ask plain,full=1 "$question"
is "$status" 1 "a ledger that another program silenced: status 1"
like "$err" "the trigger no_more .* was not made by keepsake" "says so"
is "$(asked plain,full=1 1)" "" "and nothing was sent"
sqlite3 "$KEEPSAKE_GALLERY" "DROP TRIGGER no_more"

# Key files.
echo "$key" >secret
chmod 644 secret
ANTHROPIC_BASE_URL=$at/plain run ask --llm-key-file secret "$question"
is "$status" 1 "a key file that others can read: status 1"
like "$err" "secret.*(0600|chmod)" "says what to do"
done_testing
