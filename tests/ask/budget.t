#!/bin/bash
# SPDX-License-Identifier: MIT
# A budget a day: what may be spent is counted by the ledger, and what could cost more is not sent.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh
# shellcheck source=tests/ask/lib.sh
. tests/ask/lib.sh

unset KEEPSAKE_ASK_BUDGET
few_photos
need_stand_in
cd "$work" || exit 1
question="What is the dog doing?"
requests() { asked plain 1 | wc -l; }
spent() { ledger '$_->{event} eq "sent" ? () : $_->{cost_usd} // 0' | awk '{ s += $1 } END { printf "%.6f", s }'; }
add() { awk "BEGIN { printf \"%.6f\", $1 }"; }

# ---- the option ----
for bad in 0 -1 x 1.2.3 0x10 1e3 '' inf nan 00; do
    run --ask-budget="$bad" ask --dry-run "$question"
    [[ $bad ]] && like "$status $err" "^2 .*--ask-budget must be an amount of US dollars above 0, such as 2 or 0.50, not '$bad'" "'$bad' is no budget"
done
printf 'ask_budget = 0\n' >"$XDG_CONFIG_HOME/keepsake/config"
run ask --dry-run "$question"
like "$err" "config:1: ask-budget must be an amount of US dollars above 0" "nor in the config file"
rm "$XDG_CONFIG_HOME/keepsake/config"

# ---- one request that could cost more ----
run ask --dry-run --json "$question"
ANTHROPIC_API_KEY=$key ANTHROPIC_BASE_URL=$at/plain run ask --dry-run --json "$question"
most=$(json '$_->{outbox}{price_max}' <<<"$out")
like "$most" '^0\.[0-9]+$' "the most that the question can cost is known"
ask plain --ask-budget "$(add "$most * 0.99")" "$question"
is "$status" 1 "a budget below that: status 1"
like "$err" "nothing was sent: the request can cost [$]0\.[0-9]+, but today's budget of [$]0\.[0-9]+ has only [$]0\.[0-9]+ left. It is renewed at 2[0-9-]+ 00:00; increase it with --ask-budget" \
    "with what it can cost, what is left, when that changes, and what to do"
is "$(requests) $(ledger 1 | wc -l)" "0 0" "nothing was sent, and nothing written"

# ---- a day ----
budget=$(add "$most * 1.5")
printf 'ask_budget = %s\n' "$budget" >"$XDG_CONFIG_HOME/keepsake/config"
count=0
for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    ask plain "$question"
    [[ $status == 0 ]] || break
    count=$n
done
is "$status" 1 "the config file's budget is kept: after $count questions"
is "$(requests)" "$count" "so many were sent"
left=$(add "$budget - $(spent)")
ok "$(awk "BEGIN { print !($left >= 0 && $left < $most) }")" "within the budget, and no further one fits: $left of $budget are left"
ask plain --ask-budget 100 "$question"
is "$status" 0 "a larger one allows more"
ask plain --ask-budget 0.001 "$question"
like "$err" "nothing was sent: today's budget of [$]0\.0010 is used up \([$]0\.[0-9]+ spent\). It is renewed at 2[0-9-]+ 00:00" "and one that is spent says so"

# ---- yesterday does not count ----
cp gallery.db other.db
put() { # AT COST EVENT
    sqlite3 "$KEEPSAKE_GALLERY" "INSERT INTO ledger (at, request, event, purpose, provider, host, model, photos, bytes,
        input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_usd, detail)
        VALUES ($1, hex(randomblob(16)), '$3', 'ask', 'anthropic', 'h', 'm', '[]', 0, 0, 0, 0, 0, $2, '')"
}
export KEEPSAKE_GALLERY=$work/fresh.db
"$program" -q index "$work/photos" >/dev/null
today=$(date -d 'today 00:00' +%s)
put $((today - 1)) 100 answered
ask plain "$question"
is "$status" 0 "what was spent until midnight does not count"
put "$today" 100 sent
ask plain "$question"
like "$err" "is used up \([$]100\." "what was sent since then does, also before its end is known"
unset KEEPSAKE_GALLERY
export KEEPSAKE_GALLERY=$work/unknown.db
"$program" -q index "$work/photos" >/dev/null

# ---- prices ----
ask plain --llm-model claude-of-the-future "$question"
is "$status" 1 "a model whose price is not known cannot be kept within a budget"
like "$err" "the price of claude-of-the-future is unknown, so the budget of [$]0\.[0-9]+ per day cannot be enforced" "it says so"
unset "${!ANTHROPIC_@}"
run --ask-budget 0.0001 --provider openai --llm-model local --llm-url "$at/plain,flavour=llamacpp/v1" ask "$question"
is "$status" 0 "a model on this machine costs nothing"

done_testing
