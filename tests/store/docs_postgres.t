#!/bin/bash
# SPDX-License-Identifier: MIT
# What docs/postgres.md tells people to type, as it stands there: the fenced blocks of SQL, Python and shell, on a
# cluster of their own.
cd "$(dirname "$0")/../.." || exit 1
. tests/store/pg_cluster.sh
photos=${KEEPSAKE_SHARED:-../shared}/photos/coco-by-86/images
[ -d "$photos" ] || photos=${KEEPSAKE_SHARED:-../shared}/photos/coco-by-86
[ -d "$photos" ] || cluster_skip "no photos here"
python3=/usr/bin/python3 # Debian's, which has Debian's packages
$python3 -c 'import psycopg2' 2>/dev/null || cluster_skip "python3-psycopg2 is not installed"
cluster_start
program=$(realpath "${KEEPSAKE:-build/release/bin/keepsake}")

number=0
check() { # NAME COMMAND...: passes when the command does
    number=$((number + 1))
    local name=$1
    shift
    if "$@"; then echo "ok $number - $name"; else echo "not ok $number - $name"; fi
}
same() { [ "$1" = "$2" ] || { echo "# got '$1', want '$2'"; false; }; }
has() { grep -qF -- "$2" <<<"$1" || { echo "# ${1//$'\n'/$'\n'# }"; false; }; }

# blocks LANGUAGE HEADING: the blocks in that language below that heading.
blocks() {
    awk -v language="$1" -v heading="$2" '
        /^#/ { here = index($0, "# " heading) > 0 }
        /^```/ { inside = here && $0 == "```" language; next }
        inside' docs/postgres.md
}

# The programs that the document names, for a server that runs as another user.
mkdir "$cluster_folder/bin" "$cluster_folder/home" "$cluster_folder/home/Pictures"
find "$photos" -name '*.jpg' | sort | head -8 | while read -r photo; do cp "$photo" "$cluster_folder/home/Pictures/"; done
ln -s "$program" "$cluster_folder/bin/keepsake"
{
    echo "#!/bin/bash"
    echo "cluster_bin=$cluster_bin cluster_owner=$cluster_owner cluster_folder=$cluster_folder"
    declare -f cluster_as_owner
} >"$cluster_folder/bin/pg_ctl"
cp "$cluster_folder/bin/pg_ctl" "$cluster_folder/bin/pg_basebackup"
# shellcheck disable=SC2016 # for the script
echo 'cluster_as_owner "$cluster_bin/pg_basebackup" --no-sync --host "$cluster_folder" --username keepsake "$@"' >>"$cluster_folder/bin/pg_basebackup"
echo "cluster_as_owner \"\$cluster_bin/pg_ctl\" -s -w -l \"\$cluster_folder/log\" -o '-c listen_addresses= -c \
unix_socket_directories=$cluster_folder -c port=5432 $cluster_settings' \"\$@\"" >>"$cluster_folder/bin/pg_ctl"
chmod 755 "$cluster_folder"/bin/*
export HOME=$cluster_folder/home XDG_DATA_HOME=$cluster_folder/home/data KEEPSAKE_MODEL=mini KEEPSAKE_TOKEN=0123456789abcdef0123456789abcdef
export PATH=$cluster_folder/bin:$cluster_bin:$PATH PSQLRC=/dev/null

cluster_sql "CREATE ROLE ana LOGIN CREATEROLE"
cluster_sql "CREATE DATABASE photos OWNER ana"
export PGDATABASE=photos KEEPSAKE_GALLERY="postgresql://ana@/photos?host=$cluster_folder"
cluster_sql "CREATE EXTENSION vector"
check "the gallery of the examples" has "$(keepsake index "$HOME/Pictures" 2>&1)" "8 added"
as_ana() { PGUSER=ana psql -XAtq -v ON_ERROR_STOP=1 -v like="$(keepsake embed --sql --text 'a dog on a beach')" "$@" 2>&1; }

# ---- SQL ----

out=$(blocks sql "Searching from SQL" | as_ana)
check "searches from SQL" same "$?" 0 || echo "# ${out//$'\n'/$'\n'# }"
check "... join with a table of one's own" same "$(grep -cE '^-?0\.[0-9]+\|[0-9]+\.jpg\|.*\|Summer$' <<<"$out")" \
    "$(as_ana <<<"SELECT count(*) FROM keepsake_search(:'like', 5) JOIN album ON photo = id")"
check "the first finds what keepsake finds" same "$(head -5 <<<"$out" | cut -d'|' -f1)" \
    "$(keepsake -q search --json -k 5 "a dog on a beach" | sed 's/.*"path":"\([^"]*\)".*/\1/')"
check "a role for reports reads the view and nothing of others" same \
    "$(cluster_sql "SET ROLE reporting; SELECT count(*) FROM keepsake_photos; SELECT has_table_privilege('keepsake_ledger', 'SELECT')" | xargs)" "8 f"
check "the settings hold for new sessions" same "$(as_ana -c "SHOW hnsw.ef_search" -c "SHOW ivfflat.probes" | xargs)" "400 20"

# ---- Python ----

port=$(perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport')
keepsake -q serve --port "$port" >"$cluster_folder/served" 2>&1 &
server=$!
wait_until "curl -fs http://127.0.0.1:$port/healthz >/dev/null || ! kill -0 $server 2>/dev/null" "a server"
blocks python "Searching from SQL" | sed "s/127.0.0.1:8420/127.0.0.1:$port/" >"$cluster_folder/example.py"
check "the vector of a text takes two lines" same "$(blocks python "Searching from SQL" | sed '/psycopg2/,$d' | wc -l)" 2
printed=$($python3 "$cluster_folder/example.py" 2>&1)
check "... and a search five" same "$printed" "$(keepsake -q search --json -k 5 "a dog on a beach" |
    perl -ne '/"name":"([^"]*)".*"score":(-?[0-9.]+)/ and printf "%.3f %s\n", $2, $1')"
kill $server
wait $server

# ---- ACID ----

out=$(blocks sql "Transactions" | as_ana)
check "a search sees its own transaction, and others what is committed" same "$(xargs <<<"$out")" "0 5"

# ---- a return to an earlier time ----

export BACKUP=$cluster_folder/backup PGDATA=$cluster_folder/data
mkdir "$BACKUP" "$BACKUP/wal"
[ "$(id -u)" != 0 ] || chown "$cluster_owner" "$BACKUP" "$BACKUP/wal"
blocks sh "Transactions" >"$cluster_folder/restore.sh"
check "there are commands for it" has "$(cat "$cluster_folder/restore.sh")" recovery_target_time
out=$(bash -eu "$cluster_folder/restore.sh" 2>&1)
check "they run" same "$?" 0 || echo "# ${out//$'\n'/$'\n'# }"
check "... drop the photos" has "$out" "8 photos"
check "... and bring them back" same "$(as_ana -c "SELECT count(*), count(embedding) FROM image_gallery")" "8|8"
check "... with the owner's table" same "$(as_ana -c "SELECT count(*) FROM album")" 3
check "a gallery that goes on" has "$(keepsake index "$HOME/Pictures" 2>&1)" "8 unchanged"
pg_ctl -D "$BACKUP/restored" -m immediate stop
cluster_continue

# ---- a partitioned table that image_gallery follows ----

cluster_sql "CREATE SCHEMA parts AUTHORIZATION ana"
cluster_sql "SET ROLE ana; SET search_path = parts, public;
    CREATE TABLE photos (id uuid DEFAULT gen_random_uuid(), year int, image_path text, vec vector(256)) PARTITION BY LIST (year);
    CREATE TABLE photos_2019 PARTITION OF photos FOR VALUES IN (2019);
    CREATE TABLE photos_2020 PARTITION OF photos FOR VALUES IN (2020);
    INSERT INTO photos (year, image_path, vec) SELECT 2019 + i % 2, '/there/' || i, array_fill(i::real, ARRAY[256])::vector FROM generate_series(1, 4) AS i"
parts="$KEEPSAKE_GALLERY&options=-csearch_path%3Dparts"
check "a partitioned table is refused by what to do" has "$(keepsake --gallery "$parts" index --adopt 'photos(id, image_path, vec)' 2>&1)" \
    'docs/postgres.md under "A partitioned table"'
check "... which can be done" same "$(blocks sql "A partitioned table" | PGOPTIONS="-c search_path=parts,public" as_ana)" ""
check "... and be adopted" has "$(keepsake --gallery "$parts" index --adopt "$HOME/Pictures" 2>&1)" "8 added"
check "... and searched with its keys" same "$(cluster_sql "SET search_path = parts, public;
    DELETE FROM photos WHERE image_path = '/there/4';
    INSERT INTO photos (year, image_path, vec) SELECT 2020, '/there/5', vec FROM photos LIMIT 1;
    UPDATE photos SET image_path = '/there/6', year = 2019 WHERE image_path = '/there/5';
    SELECT count(*), count(DISTINCT p.id) FROM photos AS p JOIN keepsake_search((SELECT embedding FROM image_gallery LIMIT 1), 99) AS g
        ON p.id = (SELECT photo FROM image_gallery AS own WHERE own.id = g.id);
    SELECT count(*) FROM image_gallery WHERE path = '/there/6' AND path_key = '/there/6'")" $'4|4\n1'
echo "1..$number"
