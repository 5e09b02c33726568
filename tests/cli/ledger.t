#!/bin/bash
# SPDX-License-Identifier: MIT
# ledger: what was sent. Entries are put into the gallery's table by hand, as docs/gallery.md has it.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh

if ! type sqlite3 >/dev/null 2>&1; then
    skip "sqlite3 is not installed: no entries by hand"
    done_testing
fi
few_pictures
cd "$work" || exit 1
export TZ=Europe/Rome
fails 1 "there is no gallery at .* yet" "without a gallery" ledger
"$program" -q index photos >/dev/null
gallery=$XDG_DATA_HOME/keepsake/gallery.db

run ledger
is "$status:$out" "0:" "nothing was sent: an empty list"
like "$err" "nothing was ever sent" "and says so"
run --json ledger
is "$status:$out" "0:" "--json: no lines"

entry() { # AT REQUEST EVENT PHOTOS BYTES IN OUT READ WRITE COST DETAIL
    sqlite3 "$gallery" "INSERT INTO ledger (at, request, event, purpose, provider, host, model, photos, bytes,
        input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_usd, detail) VALUES
        ($1, '$2', '$3', 'ask', 'anthropic', 'api.anthropic.com', 'claude-sonnet-5-5', '$4', $5, $6, $7, $8, $9, ${10}, '${11}')"
}
at() { date -u -d "$1" +%s; }
two='[{"id":1,"path":"'$work'/photos/red.png","width":800,"height":600,"bytes":1000},{"id":2,"path":"/elsewhere/b.jpg","width":640,"height":480,"bytes":900}]'
entry "$(at "2026-10-31 22:59:59")" one sent "$two" 250000 0 0 0 0 0.0300 ""
entry "$(at "2026-10-31 22:59:59")" two sent '[]' 1200 0 0 0 0 0.0020 ""
entry "$(at "2026-10-31 23:00:09")" one answered '[]' 0 1000 200 300 50 0.0125 end_turn
entry "$(at "2026-11-02 10:00:00")" three sent "$two" 250000 0 0 0 0 NULL ""
entry "$(at "2026-11-02 10:00:05")" three failed '[]' 0 0 0 0 0 NULL "the service is overloaded"
entry "$(at "2026-11-03 10:00:00")" four sent '{"no":' 5 0 0 0 0 0.0100 ""

run ledger
is "$status" 0 "ledger: status 0"
is "$(wc -l <<<"$out")" 5 "one line a request, and the totals"
like "$(sed -n 1p <<<"$out")" "^2026-10-31 23:59  ask  api.anthropic.com, claude-sonnet-5-5  2  250.0 KB  1350 in, 200 out +\\\$0.0125  end_turn$" \
    "when (here), for what, to whom, photos, bytes, tokens with the cached ones, cost, end"
like "$(sed -n 2p <<<"$out")" "  0 +1.2 KB  - +~\\\$0.0020  result unknown$" "an interrupted one: its estimate"
like "$(sed -n 3p <<<"$out")" "  - +\\?  failed: the service is overloaded$" "a failed one, of unknown cost"
like "$(sed -n 4p <<<"$out")" "  0 +5 B " "a damaged list of photos is an empty one"
is "$(sed -n 5p <<<"$out")" "4 requests: 4 photos, 501.2 KB; 1350 tokens in, 200 out; ~\$0.0245 and 1 of unknown cost" "the ledger: totals are shown"
run ledger --photos
is "$(sed -n 2,3p <<<"$out")" $'    photos/red.png (800 x 600)\n    /elsewhere/b.jpg (640 x 480)' "--photos: which, from here"

run --json ledger
is "$(wc -l <<<"$out")" 6 "--json: one line an entry"
is "$(sed -n 1p <<<"$out" | json 'join " ", @{$_}{qw(id at request event purpose provider host model bytes cost_usd)}')" \
    "1 2026-10-31T22:59:59Z one sent ask anthropic api.anthropic.com claude-sonnet-5-5 250000 0.03" "what was sent"
is "$(sed -n 1p <<<"$out" | json 'join " ", map { $_->{path} } @{$_->{photos}}')" "$work/photos/red.png /elsewhere/b.jpg" "its photos"
is "$(sed -n 3p <<<"$out" | json 'join " ", @{$_}{qw(event input_tokens output_tokens cache_read_tokens cache_write_tokens detail)}, scalar @{$_->{photos}}')" \
    "answered 1000 200 300 50 end_turn 0" "how it ended"
is "$(sed -n 5p <<<"$out" | json '$_->{cost_usd}')" "(none)" "an unknown cost is null"

requests() { "$program" ledger "$@" | sed '$d' | wc -l; }
is "$(requests --since 2026)" 4 "--since a year"
is "$(requests --since 2026-11)" 2 "a month: from its first second here, 23:00 UTC; the end of another alone is no request"
is "$(requests --since 2026-11-03)" 1 "the ledger of a day"
is "$("$program" --json ledger --since 2026-11 | json '$_->{request}' | xargs)" "one three three four" "--json: every entry since then"
run ledger --since 2027
is "$status:$out" "0:" "nothing since then"
like "$err" "nothing was sent since then" "and says so"

for day in soon 2026-13 2026-02-30 26 2026-1-1 2026-11-03T10:00 " 2026" ; do
    fails 2 "'$day' is not a date: write 2026, 2026-11 or 2026-11-23" "since $day" ledger --since "$day"
done
fails 2 "ledger takes no arguments" "an argument" ledger x
fails 2 ".*--since" "--since without a date" ledger --since
done_testing
