#!/bin/bash
# SPDX-License-Identifier: MIT
# ask over a gallery in PostgreSQL: the same photos, names, rules and ledger.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh
# shellcheck source=tests/ask/lib.sh
. tests/ask/lib.sh
# shellcheck source=tests/store/pg_cluster.sh
. tests/store/pg_cluster.sh

CLUSTER_SETTINGS="-c log_statement=all"
cluster_start
trap 'cluster_remove; rm -rf "$work"' EXIT
few_photos
need_stand_in
question="What is the dog doing?"
run ask --dry-run --json "$question"
file=$out
KEEPSAKE_GALLERY=$(cluster_url album)
export KEEPSAKE_GALLERY
"$program" -q index "$work/photos" >/dev/null

run ask --dry-run --json "$question"
is "$status" 0 "a dry run: status 0"
is "$(json 'join " ", map { $_->{path} } @{$_->{outbox}{photos}}' <<<"$out")" \
    "$(json 'join " ", map { $_->{path} } @{$_->{outbox}{photos}}' <<<"$file")" "the photos that a gallery in a file gives"
ask tools "$question"
is "$status" 0 "an answer: status 0"
is "$(ledger '$_->{event}' | xargs)" "sent answered sent answered" "the ledger of an answer"
ask plain --continue "and then?"
is "$status" 0 "--continue: status 0"
first=$(json '$_->{outbox}{photos}[0]{path}' <<<"$file")
"$program" label "$first" Bella >/dev/null
run ask --dry-run --json "What is Bella doing?"
is "$(json '$_->{outbox}{photos}[0]{path} . " " . ($_->{outbox}{photos}[0]{caption} =~ /"Bella"/ ? 1 : 0)' <<<"$out")" "$first 1" "a name finds its photo"
"$program" never-send --label bella >/dev/null
run ask --dry-run --json "What is Bella doing?"
is "$(json 'join " ", $_->{outbox}{withheld}, grep { $_ eq "'"$first"'" } map { $_->{path} } @{$_->{outbox}{photos}}' <<<"$out")" 1 "a rule withholds the photo"

# Over a slow network, each statement is a wait: their number does not grow with that of photos or rules.
statements() { grep -cE 'LOG:  (statement|execute)' "$cluster_folder/log"; }
counted() { # MOST NAME ARGUMENT...
    local most=$1 name=$2 before
    shift 2
    before=$(statements)
    run "$@"
    is "$status" 0 "$name: status 0"
    local sent=$(($(statements) - before))
    cmp_ok "$sent" "$most" "$name: $sent statements, $most at most"
}
cmp_ok() { if [ "$1" -gt 0 ] && [ "$1" -le "$2" ]; then is 1 1 "$3"; else is "$1" "$2" "$3"; fi; }
"$program" label "$work/photos/dogs/1.jpg" Rex >/dev/null
"$program" never-send "$work/elsewhere" "$work/nowhere" >/dev/null 2>&1
counted 8 "a search for the best" search -k 1 --json a dog
counted 8 "a search for all" search -k 60 --json a dog
is "$(wc -l <<<"$out")" "$("$program" status --json | json '$_->{photos}')" "... and they are there"
counted 9 "a search by name" search -k 60 --json "what is Rex doing?"
like "$out" '"names":"Rex"' "... and it is told"
for i in 2 3 4 5 6; do "$program" label "$work/photos/dogs/$i.jpg" "Dog $i" >/dev/null; done
before=$(statements)
is "$(printf '%s\n' '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}' \
    '{"jsonrpc":"2.0","method":"notifications/initialized"}' \
    '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"gallery_status","arguments":{}}}' | "$program" mcp 2>/dev/null | grep '"id":2' |
    json 'join " ", map { s/ //r } @{$_->{result}{structuredContent}{names}}')" "Dog2 Dog3 Dog4 Dog5 Dog6 Rex" \
    "mcp gallery_status: the names but those that never-send keeps"
cmp_ok $(($(statements) - before)) 16 "mcp gallery_status: at most 16 statements for any number of names"
counted 20 "a dry run with three rules" ask --dry-run --json "$question"
is "$(json 'scalar @{$_->{outbox}{photos}}' <<<"$out")" 5 "... of five photos"
cp "$work/photos/dogs/6.jpg" "$work/near.jpg" && echo >>"$work/near.jpg" && "$program" -q index "$work/near.jpg"
"$program" never-send "$work/near.jpg" >/dev/null
counted 20 "a dry run with a photo that looks like one that stays" ask --dry-run --json "$question"
is "$(json '$_->{outbox}{near_withheld}' <<<"$out")" 1 "... which is told"
done_testing
