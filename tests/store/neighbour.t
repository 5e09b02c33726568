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

# From node, where the packages are.
cluster_sql "DELETE FROM made.image_gallery; DELETE FROM made.keepsake_failure"
if (cd tests && node -e 'require("pg"); require("drizzle-orm")') 2>/dev/null; then
    count_lines < <(node tests/store/neighbour.mjs "$cluster_folder" made "$vectors" "${photos[@]}" 2>&1 || echo "not ok - node: ends well")
else
    check "npm's packages pg and drizzle-orm are not installed # SKIP" true
fi
cluster_sql "DELETE FROM made.image_gallery; DELETE FROM made.keepsake_failure"
url=$(cluster_url made)
k -q index "$folder" >/dev/null

# A role with rights on the table alone writes to it.
cluster_sql "CREATE ROLE guest LOGIN; GRANT USAGE ON SCHEMA made TO guest; GRANT USAGE ON SEQUENCE made.image_gallery_id_seq TO guest;
    GRANT SELECT, INSERT, DELETE ON made.image_gallery TO guest"
check "a role with rights on image_gallery alone inserts and deletes" same \
    "$("$cluster_bin/psql" -XAtq -U guest -c "INSERT INTO made.image_gallery (path) VALUES ('/guest.jpg')" \
        -c "DELETE FROM made.image_gallery WHERE path = '/guest.jpg' RETURNING path" 2>&1)" /guest.jpg
check "... and cannot put a table of its own in the place of keepsake's" same \
    "$("$cluster_bin/psql" -XAtq -U guest -c "CREATE TEMP TABLE keepsake_failure (LIKE pg_class)" \
        -c "INSERT INTO made.image_gallery (path) VALUES ('/guest.jpg')" \
        -c "DELETE FROM made.image_gallery WHERE path = '/guest.jpg' RETURNING path" 2>&1)" /guest.jpg
cluster_sql "DELETE FROM made.keepsake_failure"

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

# Rows with only a path: --missing reads the files, wherever they are, and keeps what it cannot read.
mkdir "$cluster_folder/elsewhere"
cp "${photos[2]}" "$cluster_folder/elsewhere/here.jpg"
echo no >"$cluster_folder/elsewhere/no.jpg"
ln -s here.jpg "$cluster_folder/elsewhere/link.jpg"
insert() { cluster_sql "INSERT INTO made.image_gallery (path) VALUES ('$cluster_folder/elsewhere/$1.jpg')"; }
for name in here no link absent; do insert $name; done
check "status counts the rows that wait for a vector" has "$(k status)" "waiting      4 for a vector (\`keepsake index --missing\` reads their files)"
check "... and so does its JSON" has "$(k status --json)" '"waiting":4'
out=$(k index --missing)
status=$?
check "--missing fills what it can read" has "$out" "4 photos: 1 updated, 3 failed"
check "... and says so by its status" same $status 3
check "... the row has a vector, and its id" same "$(cluster_sql "SELECT count(*) FROM made.image_gallery WHERE
    path LIKE '%/here.jpg' AND embedding IS NOT NULL AND hash IS NOT NULL AND size > 0")" 1
check "... the others stay, without one" same "$(cluster_sql "SELECT count(*) FROM made.image_gallery WHERE embedding IS NULL")" 3
out=$(k status --failures)
check "... their reasons are kept: no file" has "$out" "its file cannot be found: No such file"
check "... a link" has "$out" "leads through a link: give the row the path $cluster_folder/elsewhere/here.jpg"
check "... not a picture" has "$out" "no.jpg"
check "... and not found again as new failures" has "$(k index --missing)" "3 photos: 3 failed before"
check "... search is not disturbed" has "$(k search -k 1 --json --like "$cluster_folder/elsewhere/here.jpg")" '"rank":1'
cp "${photos[3]}" "$cluster_folder/elsewhere/absent.jpg"
check "... a file that appears is read" has "$(k index --missing)" "1 added, 2 failed before"
check "a file has no such rows" has "$("$keepsake" --gallery "$cluster_folder/x.db" index --missing 2>&1)" "only a gallery in PostgreSQL"
check "--missing takes no path" has "$(k index --missing "$folder")" "takes no PATH"
check "--watch alone" has "$(k index --watch "$folder")" "--watch goes with --missing"

# A run that watches is told of each row, also after the server has restarted.
set -m # so that Ctrl-C reaches a program in the background
k index --missing --watch >"$cluster_folder/watch" 2>&1 &
watching=$!
set +m
wait_until "grep -q 'waiting for rows' $cluster_folder/watch" "the watching run"
cp "${photos[0]}" "$cluster_folder/elsewhere/later.jpg"
insert later
wait_until "grep -q '1 updated' $cluster_folder/watch" "the row that was inserted"
cluster_sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'keepsake'" >/dev/null
cp "${photos[1]}" "$cluster_folder/elsewhere/last.jpg"
insert last
wait_until "[ \"\$(grep -c '1 updated' $cluster_folder/watch)\" = 2 ]" "the row after the connection was cut"
kill -INT -$watching
wait $watching
check "--watch fills rows as they come, and Ctrl-C ends it" same $? 0
check "... nothing is left" same "$(cluster_sql "SELECT count(*) FROM made.image_gallery WHERE embedding IS NULL")" 2

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
check "an address in words may begin with any of them" has "$("$keepsake" --gallery \
    "sslrootcert=/nowhere host=$cluster_folder dbname=gallery user=keepsake options=-csearch_path=made" status 2>&1)" "photos "
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
cluster_sql "INSERT INTO pooled.image_gallery (path) VALUES ('$cluster_folder/elsewhere/here.jpg')"
through "rows without a vector" "1 photo: 1 updated" index --missing
set -m
k index --missing --watch >"$pool/watch" 2>&1 &
watching=$!
set +m
wait_until "grep -q 'without a vector every 30 seconds' $pool/watch" "the remark about the pooler"
kill -INT -$watching
wait $watching
check "... a run that watches says that it cannot be told" same $? 0
through forget "forgot" forget "$cluster_folder/elsewhere"
through forget "forgot" forget "${photos[3]}"
through import "imported" import "$cluster_folder/out.keepsake"
through "what cannot work is refused" "does not work through a connection pooler" index --adopt "$folder"
check "what went through the pooler is whole" same \
    "$(cluster_sql "SELECT count(*), count(embedding) FROM pooled.image_gallery")" "4|4"
echo "1..$number"
