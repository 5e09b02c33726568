#!/bin/bash
# SPDX-License-Identifier: MIT
# import --records-only: labels, rules and the ledger for another gallery; and that a new one says what it lacks.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh
command -v sqlite3 >/dev/null || { skip "sqlite3 is not installed"; done_testing; }

few_pictures
cd "$work" || exit 1
export XDG_STATE_HOME=$work/state

run --gallery old.db index photos
unlike "$err" "do not apply to this new gallery" "the first gallery of all: nothing to say"
"$program" -q --gallery old.db label photos/red.png Mia >/dev/null
"$program" -q --gallery old.db label photos/red.png 10%,10%,20%,20% Ana >/dev/null
"$program" -q --gallery old.db never-send photos/trip >/dev/null
sqlite3 old.db "insert into ledger (at, request, event, purpose, provider, host, model, photos, bytes, input_tokens,
    output_tokens, cache_read_tokens, cache_write_tokens, cost_usd, detail, facts, checksum)
    values (1, 'r', 'sent', 'ask', 'p', 'h', 'm', '[]', 5, 0, 0, 0, 0, 0.5, '', 'date,place', x'')" 2>/dev/null ||
    echo "# the ledger has other columns now"
entries=$("$program" --gallery old.db ledger --json | wc -l)

run --gallery new.db index photos
is "$status" 0 "a new gallery"
like "$err" "the gallery $work/old.db has 2 labels and 1 never-send rule, which do not apply to this new gallery: to copy them, run .keepsake --gallery $work/new.db import --records-only $work/old.db." \
    "says what the one before has, and how it comes over"
is "$(grep -c "do not apply to this new gallery" <<<"$err")" 1 "in one sentence"
run --gallery new.db index photos
unlike "$err" "do not apply to this new gallery" "and only when it is made"
run --gallery third.db -q index photos
is "$err" "" "--quiet is quiet"

run --gallery new.db import --records-only old.db
is "$status" 0 "import --records-only copies records"
like "$out" "2 labels, 1 never-send rule" "says what came"
list() { "$program" --gallery "$1" labels --json | json 'join " ", $_->{name}, $_->{path} // "", map { sprintf "%.2f", $_ } map { @$_{qw(x y width height)} } grep { $_ } $_->{box}' | sort; }
is "$(list new.db)" "$(list old.db)" "labels are the same, boxes too"
is "$("$program" --gallery new.db never-send)" "folder $work/photos/trip" "the rule holds"
is "$("$program" --gallery new.db ledger --json | wc -l)" "$entries" "the ledger is there"
run --gallery new.db import --records-only --json old.db
is "$(list new.db | wc -l):$("$program" --gallery new.db never-send | wc -l):$("$program" --gallery new.db ledger --json | wc -l)" \
    "2:1:$entries" "a second time adds nothing"

run --gallery fresh.db import --records-only old.db
is "$status" 0 "into a gallery that it makes"
unlike "$err" "do not apply to this new gallery" "which then lacks nothing"
run --gallery fresh.db index photos
is "$(list fresh.db)" "$(list old.db)" "labels find their photos when these come"
sqlite3 new.db "update model set id = 'another', fingerprint = 'other'"
run --gallery new.db import old.db
is "$status" 1 "a gallery of another model takes no photos"
run --gallery new.db import --records-only old.db
is "$status" 0 "but records"
fails 1 "cannot import .*: there is no gallery" "no such file" --gallery new.db import --records-only nowhere.db
fails 1 ".*is the gallery itself" "itself" --gallery old.db import --records-only old.db
done_testing
