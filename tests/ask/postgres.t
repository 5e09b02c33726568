#!/bin/bash
# SPDX-License-Identifier: MIT
# ask over a gallery in PostgreSQL: the same photos, names, rules and ledger.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh
# shellcheck source=tests/ask/lib.sh
. tests/ask/lib.sh
# shellcheck source=tests/store/pg_cluster.sh
. tests/store/pg_cluster.sh

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
is "$(ledger '$_->{event}' | xargs)" "sent answered sent answered" "the ledger"
ask plain --continue "and then?"
is "$status" 0 "--continue: status 0"
first=$(json '$_->{outbox}{photos}[0]{path}' <<<"$file")
"$program" label "$first" Bella >/dev/null
run ask --dry-run --json "What is Bella doing?"
is "$(json '$_->{outbox}{photos}[0]{path} . " " . ($_->{outbox}{photos}[0]{caption} =~ /"Bella"/ ? 1 : 0)' <<<"$out")" "$first 1" "a name"
"$program" never-send --label bella >/dev/null
run ask --dry-run --json "What is Bella doing?"
is "$(json 'join " ", $_->{outbox}{withheld}, grep { $_ eq "'"$first"'" } map { $_->{path} } @{$_->{outbox}{photos}}' <<<"$out")" 1 "a rule"
done_testing
