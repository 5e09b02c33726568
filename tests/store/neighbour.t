#!/bin/bash
# SPDX-License-Identifier: MIT
# Other programs beside keepsake on the table image_gallery: the article's statements from Python and
# node, rows without a vector, rows that were deleted, and a connection pooler.
cd "$(dirname "$0")/../.." || exit 1
. tests/store/pg_cluster.sh
pictures=${KEEPSAKE_SHARED:-../shared}/photos/coco-by-86/images
[ -d "$pictures" ] || pictures=${KEEPSAKE_SHARED:-../shared}/photos/coco-by-86
[ -d "$pictures" ] || cluster_skip "no photos here"
cluster_start
keepsake=${KEEPSAKE:-build/release/bin/keepsake}
export KEEPSAKE_MODEL=mini

number=0
check() { # NAME COMMAND...: passes when the command does
    number=$((number + 1))
    local name=$1
    shift
    if "$@"; then echo "ok $number - $name"; else echo "not ok $number - $name"; fi
}
same() { [ "$1" = "$2" ] || { echo "# got '$1', want '$2'"; false; }; }
has() { grep -qF -- "$2" <<<"$1" || { echo "# ${1//$'\n'/$'\n'# }"; false; }; }
k() { "$keepsake" --gallery "$url" "$@" 2>&1; }
count_lines() { # numbers the lines of TAP that a program prints
    local line
    while IFS= read -r line; do
        case $line in
        "ok - "* | "not ok - "*)
            number=$((number + 1))
            echo "${line/ok - /ok $number - }"
            ;;
        *) echo "$line" ;;
        esac
    done
}

folder=$cluster_folder/photos
mkdir "$folder"
find "$pictures" -name '*.jpg' | sort | head -4 | while read -r photo; do cp "$photo" "$folder/"; done
mapfile -t photos < <(find "$folder" -name '*.jpg' | sort)
vectors=$cluster_folder/vectors
"$keepsake" embed --sql "${photos[@]}" >"$vectors" 2>/dev/null
check "the vectors of four photos" same "$(wc -l <"$vectors")" 4

# On a gallery that keepsake made, and on an adopted table.
url=$(cluster_url made)
k -q index "${photos[0]}" >/dev/null
cluster_sql "DELETE FROM made.image_gallery; DELETE FROM made.keepsake_failure"
cluster_sql "SET client_min_messages = error; CREATE SCHEMA adopted; CREATE TABLE adopted.image_gallery
    (id serial PRIMARY KEY, path text, embedding vector(256));
    INSERT INTO adopted.image_gallery (path, embedding) VALUES ('photos/old.jpg', array_fill(1, ARRAY[256])::vector)"
url=$(cluster_url adopted)
k -q index --adopt --relative-to "$cluster_folder" "${photos[0]}" >/dev/null
cluster_sql "DELETE FROM adopted.image_gallery; DELETE FROM adopted.keepsake_failure"
for driver in psycopg2 psycopg; do
    if ! /usr/bin/python3 -c "import $driver" 2>/dev/null; then
        check "$driver is not installed # SKIP" true
        continue
    fi
    for schema in made adopted; do
        cluster_sql "DELETE FROM $schema.image_gallery; DELETE FROM $schema.keepsake_failure"
        relative=
        [ $schema = made ] || relative=$cluster_folder
        count_lines < <(NEIGHBOUR_RELATIVE=$relative /usr/bin/python3 tests/store/neighbour.py $driver $schema "$vectors" "${photos[@]}" 2>&1 ||
            echo "not ok - $driver, $schema: ends well")
        url=$(cluster_url $schema)
        check "$driver, $schema: keepsake finds what was inserted" \
            has "$(k search --json -k 1 --like "${photos[2]}")" "$(basename "${photos[2]}")"
        check "... and reads each file once" has "$(k index "$folder")" "4 updated"
        check "... and then no more" has "$(k index "$folder")" "4 unchanged"
    done
done

# A row that another program deletes stays deleted while its file is unchanged.
url=$(cluster_url made)
cluster_sql "DELETE FROM made.image_gallery WHERE path = '${photos[1]}'"
check "deleted by another program: not added again" has "$(k index "$folder")" "3 unchanged, 1 deleted by other programs"
check "... also to --json" has "$(k index --json --retry-failed --reread "$folder")" '"dropped":1'
check "... it is no failure" same "$(k status --failures | grep -c "${photos[1]}")" 0
touch -d 2020-01-01 "${photos[1]}"
check "... nor when only its time changes" has "$(k index "$folder")" "1 deleted by other programs"
check "... --again adds it" has "$(k index --again "$folder")" "1 added"
cluster_sql "DELETE FROM made.image_gallery WHERE path = '${photos[1]}'"
cp "${photos[0]}" "${photos[1]}"
check "... and so does a change of the file" has "$(k index "$folder")" "1 added"

# Through PgBouncer in transaction mode, with one session of the server for all its clients, beside
# another program in the same pool: every command works, and that program's session is untouched.
pgbouncer=$(command -v pgbouncer || { [ -x /usr/sbin/pgbouncer ] && echo /usr/sbin/pgbouncer; })
if [ -z "$pgbouncer" ]; then
    check "pgbouncer is not installed # SKIP" true
    echo "1..$number"
    exit
fi
pool=$cluster_folder/pool
mkdir "$pool"
cat >"$pool/ini" <<EOF
[databases]
gallery = host=$cluster_folder port=5432 dbname=gallery user=keepsake
[pgbouncer]
listen_addr =
unix_socket_dir = $pool
listen_port = 6543
auth_type = any
pool_mode = transaction
default_pool_size = 1
pidfile = $pool/pid
logfile = $pool/log
EOF
[ "$(id -u)" != 0 ] || chown -R "$cluster_owner" "$pool"
cluster_as_owner "$pgbouncer" -q -d "$pool/ini"
trap 'kill "$(cat "$pool/pid")" 2>/dev/null; cluster_remove' EXIT
wait_until "[ -S $pool/.s.PGSQL.6543 ]" "the pooler's socket"
settings() { # as another program of the pool sees them
    "$cluster_bin/psql" -XAtq -h "$pool" -p 6543 -c "SELECT pg_backend_pid(), current_setting('search_path'),
        current_setting('jit'), current_setting('default_transaction_read_only'), current_setting('statement_timeout'),
        current_setting('maintenance_work_mem'), coalesce(nullif(current_setting('keepsake.writing', true), ''), 'unset'),
        (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'), (SELECT count(*) FROM pg_prepared_statements),
        (SELECT count(*) FROM pg_listening_channels())"
}
untouched=$(settings)
url="postgresql://keepsake@/gallery?host=$pool&port=6543&options=-csearch_path%3Dpooled"
through() { # NAME WANTED COMMAND...: its words, and then the settings of the other program
    local name=$1 wanted=$2
    shift 2
    check "through a pooler: $name" has "$(k "$@")" "$wanted"
    check "... another program's session is untouched" same "$(settings)" "$untouched"
}
through index "4 photos: 3 added, 1 copied" index "$folder"
through "index again" "4 unchanged" index "$folder"
through search "$(basename "${photos[2]}")" search -k 1 --like "${photos[2]}"
through "an index" "is made in one transaction" index --vector-index hnsw "$folder"
check "... which is there" same "$(cluster_sql "SELECT count(*) FROM pg_indexes WHERE schemaname = 'pooled'
    AND indexname = 'image_gallery_embedding_keepsake'")" 1
through "a search by it" "$(basename "${photos[2]}")" search -k 1 --like "${photos[2]}"
through "search with a filter" "no photo within these limits" search --from 2999 a cat
through status "photos       4" status
through label "Anna" label "${photos[0]}" Anna
through "labels edit" "is now: Bert" labels edit 1 Bert
through labels "Bert" labels
through "never-send" "added: label Bert" never-send --label Bert
through ledger "nothing was ever sent" ledger
through doctor "hnsw, built" doctor
through export "exported" export "$cluster_folder/out.keepsake"
through forget "forgot" forget "${photos[3]}"
through import "imported" import "$cluster_folder/out.keepsake"
through "what cannot work is refused" "does not work through a connection pooler" index --adopt "$folder"
check "what went through the pooler is whole" same \
    "$(cluster_sql "SELECT count(*), count(embedding) FROM pooled.image_gallery")" "4|4"
echo "1..$number"
