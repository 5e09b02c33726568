#!/bin/bash
# SPDX-License-Identifier: MIT
# Four index runs at once on one PostgreSQL gallery, one of them killed; and a server that restarts
# while they run.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh
# shellcheck source=tests/store/pg_cluster.sh
. tests/store/pg_cluster.sh
# shellcheck source=tests/store/indexers.sh
. tests/store/indexers.sh
cluster_start
trap 'cluster_remove; rm -rf "$work"' EXIT

# Until the gallery has that many photos, or no indexer runs any more.
wait_for_photos() { # SCHEMA COUNT
    local n=0
    until ((n >= $2)) || [[ -z $(jobs -pr) ]]; do
        n=$(cluster_sql "SELECT count(*) FROM $1.image_gallery" 2>/dev/null) || n=0
    done
}

contents() { # SCHEMA
    cluster_sql "SELECT count(*), count(DISTINCT path_key), count(embedding),
        (SELECT count(*) FROM $1.keepsake_failure) FROM $1.image_gallery"
}

killed_inside=0
for ((round = 1; round <= rounds; round++)); do
    schema=kill$round
    moment=$((RANDOM % 280)) victim=$((RANDOM % 4))
    start_indexers "$(cluster_url $schema)" 4
    wait_for_photos $schema $moment
    kill -9 "${pids[victim]}" 2>/dev/null && killed_inside=$((killed_inside + 1))
    sum_reports $victim
    inserted=$(cluster_sql "SELECT last_value FROM $schema.image_gallery_id_seq")
    echo "# round $round: killed number $victim at $moment photos; the others embedded $decoded," \
        "it had stored $((300 - added)), $inserted rows inserted in all"
    is "$good $settled" "3 3" "round $round: three end well, and count every photo"
    is "$(contents $schema)" "300|300|300|0" "... 300 photos, 300 vectors, no doubles"
    is "$decoded" "$added" "... nothing was embedded that another had stored"
    # Those of the killed one's last transaction count too: two batches at most.
    ((inserted >= 300 && inserted <= 332))
    ok $? "... or stored twice"
done
((killed_inside > 0))
ok $? "$killed_inside of $rounds were killed while they ran"

for how in immediate fast; do
    schema=restart_$how
    start_indexers "$(cluster_url $schema)" 2
    wait_for_photos $schema 60
    cluster_restart $how
    sum_reports -1
    is "$good $settled" "2 2" "a server restarted ($how) in the middle: both runs end well"
    is "$(contents $schema)" "300|300|300|0" "... nothing is lost or doubled"
    is "$added $decoded" "300 300" "... and each photo was embedded once"
    is "$(cluster_sql "SELECT (SELECT count(*) FROM $schema.keepsake_claim)
        + (SELECT count(*) FROM $schema.keepsake_claimer)")" 0 "... and no claim is left"
done

start_album
start_indexers "$(cluster_url album)" 1
sum_reports -1
change_album
start_indexers "$(cluster_url album)" 4
check_album cluster_sql \
    "SELECT count(*) || ' ' || count(*) FILTER (WHERE id <= 300) FROM album.image_gallery"
done_testing
