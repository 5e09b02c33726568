#!/bin/bash
# SPDX-License-Identifier: MIT
# `keepsake index` while the PostgreSQL server restarts and crashes again and again: every photo is
# there once, and searches give what a gallery in a file gives.
cd "$(dirname "$0")/../.." || exit 1
. tests/store/pg_cluster.sh
photos=${KEEPSAKE_SHARED:-../shared}/photos/flickr8k-300/images
[ -d "$photos" ] || cluster_skip "no photos here"
cluster_start
keepsake=${KEEPSAKE:-build/release/bin/keepsake}
url=$(cluster_url mine)
file=$cluster_folder/file.db
export KEEPSAKE_MODEL=mini

number=0
check() { # NAME COMMAND...: passes when the command does
    number=$((number + 1))
    local name=$1
    shift
    if "$@"; then echo "ok $number - $name"; else echo "not ok $number - $name"; fi
}
same() { [ "$1" = "$2" ] || { echo "# got '$1', want '$2'"; false; }; }
count() { cluster_sql 'SELECT count(*), count(DISTINCT path_key) FROM mine.image_gallery'; }

"$keepsake" --gallery "$url" index "$photos" >"$cluster_folder/index.out" 2>&1 &
index=$!
# Each restart comes once some more photos are in.
restarts=0
while [ $restarts -lt 6 ]; do
    wait_until "! kill -0 $index 2>/dev/null ||
        [ \"\$(cluster_sql 'SELECT count(*) FROM mine.image_gallery' 2>/dev/null || echo 0)\" -gt $((restarts * 30)) ]"
    kill -0 $index 2>/dev/null || break
    if [ $((restarts % 2)) = 0 ]; then cluster_restart immediate; else cluster_restart fast; fi
    restarts=$((restarts + 1))
done
wait $index
status=$?
sed 's/^/# /' "$cluster_folder/index.out"
check "there were some" [ $restarts -ge 3 ]
check "indexed through $restarts restarts and crashes" same $status 0
check "every photo is there once" same "$(count)" "300|300"
check "a second run finds nothing to do" \
    same "$("$keepsake" --gallery "$url" --json index "$photos" 2>/dev/null | tail -1 | grep -o '"unchanged": *[0-9]*' | tr -d ' ')" \
    '"unchanged":300'
"$keepsake" --gallery "$file" index "$photos" >/dev/null 2>&1
for query in "a dog on a beach" "two children"; do
    check "the search for $query is that of a file" \
        same "$("$keepsake" --gallery "$url" search -k 20 "$query" 2>&1)" \
        "$("$keepsake" --gallery "$file" search -k 20 "$query" 2>&1)"
done
echo "1..$number"
