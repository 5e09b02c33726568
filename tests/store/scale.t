#!/bin/bash
# SPDX-License-Identifier: MIT
# A gallery on three servers, and one with a streaming replica: keepsake split, docs/scale.md.
# shellcheck disable=SC2016,SC2317 # Perl's variables; what a trap calls
cd "$(dirname "$0")/../.." || exit 1
. tests/store/pg_cluster.sh
cluster_find
bin=$cluster_bin
if [[ ! -f $bin/../share/extension/postgres_fdw.control ]] &&
    ! compgen -G "/usr/share/postgresql/*/extension/postgres_fdw.control" >/dev/null; then
    echo "1..0 # SKIP this PostgreSQL has no postgres_fdw"
    exit 0
fi
. tests/cli/lib.sh
build=${KEEPSAKE_BUILD:-build/release}
secret="rather'secret"

owner=$cluster_owner
as_owner() { cluster_as_owner "$@"; }

# Servers named a, b, c and replica, each on a socket in a folder of its own.
folder=$(mktemp -d /tmp/keepsake-scale-XXXXXX)
chmod 755 "$folder"
ctl() {
    local name=$1
    shift
    as_owner "$bin/pg_ctl" -s -w -D "$folder/$name/data" -l "$folder/$name/log" -o "-c listen_addresses= \
        -c unix_socket_directories=$folder/$name -c port=5432 -c fsync=off -c max_connections=40 -c shared_buffers=32MB \
        -c log_connections=on -c log_statement=ddl -c hot_standby_feedback=on \
        -c log_min_duration_statement=$([[ $name = replica ]] && echo 0 || echo -1)" "$@"
}
remove() {
    for name in a b c replica; do ctl "$name" -m immediate stop >/dev/null 2>&1; done
    rm -rf "$folder" "$work"
}
trap remove EXIT
trap 'exit 1' INT TERM

mkdir "$folder"/{a,b,c,replica}
[[ $(id -u) != 0 ]] || chown "$owner" "$folder"/{a,b,c,replica}
if ! cluster_make "$folder/a/data" >"$folder/initdb.log" 2>&1; then
    sed 's/^/# /' "$folder/initdb.log"
    echo "1..0 # SKIP a PostgreSQL cluster cannot be made here"
    exit 0
fi
as_owner sed -i '1i local all ana,ben scram-sha-256' "$folder/a/data/pg_hba.conf"
for name in b c; do as_owner cp -r "$folder/a/data" "$folder/$name/data"; done
export PGPASSFILE=$folder/pass PGUSER=keepsake
unset PGHOST PGPORT PGDATABASE PGPASSWORD PGSERVICE PGOPTIONS
echo "*:*:*:*:$secret" >"$PGPASSFILE"
chmod 600 "$PGPASSFILE"
sql() { "$bin/psql" -XAtq -v ON_ERROR_STOP=1 -h "$folder/$1" -d "$2" -c "$3"; } # SERVER DATABASE SQL
for name in a b c; do
    if ! ctl "$name" start; then
        echo "1..0 # SKIP a PostgreSQL cluster cannot be started here"
        exit 0
    fi
    PGOPTIONS="-c log_statement=none" sql "$name" postgres "CREATE ROLE ana LOGIN PASSWORD '${secret/\'/\'\'}'"
    PGOPTIONS="-c log_statement=none" sql "$name" postgres "CREATE ROLE ben LOGIN PASSWORD '${secret/\'/\'\'}'"
    sql "$name" template1 "CREATE EXTENSION vector"
    sql "$name" postgres "CREATE DATABASE shard OWNER ana"
done
sql a postgres "CREATE DATABASE gallery OWNER ana"
sql b postgres "CREATE DATABASE plain OWNER ana"
address() { echo "postgresql://ana@/$2?host=$folder/$1${3:+&options=-csearch_path%3D$3}"; } # SERVER DATABASE SCHEMA

# Lines "PATH SCORE": the same paths in the same order, and scores that differ by no more than float32 rounding:
# pictures of a batch are summed in another order than those of another batch.
same_results() { # GOT WANT NAME
    perl -e '
        my ($got, $want) = map { [split /\n/] } @ARGV;
        exit 1 if @$got != @$want;
        for my $i (0 .. $#$got) {
            my ($path, $score) = $got->[$i] =~ /^(.*) (\S+)$/;
            my ($other, $should) = $want->[$i] =~ /^(.*) (\S+)$/;
            exit 1 if $path ne $other || abs($score - $should) > 1e-6;
        }' "$1" "$2"
    ok $? "$3" || printf '# got\n%s\n# want\n%s\n' "$1" "$2"
}

mkdir "$work/photos"
for i in 1 2 3 4 5 6 7 8 9; do picture "$work/photos/$i.png" $((i * 25)) $((250 - i * 20)) $((i * 7 % 256)); done
run --gallery "$work/file.db" index "$work/photos"
run --gallery "$work/file.db" search --json -k 9 a red square
want=$(json '"$_->{path} $_->{score}"' <<<"$out")
compound='(red square + in:"'$work/photos'" -blue) OR green sky'
run --gallery "$work/file.db" search --json -k 9 "$compound"
is "$status" 0 "a query of several parts" || echo "# $err"
want_compound=$(json '"$_->{path} $_->{score}"' <<<"$out")

# ---- splitting ----

export KEEPSAKE_GALLERY
KEEPSAKE_GALLERY=$(address a gallery)
shards=("$(address a shard)" "$(address b shard)" "$(address c shard)")
run index "$work/photos"
is "$status" 0 "a gallery on one server" || echo "# $err"
run split "${shards[@]}"
like "$err" "postgres_fdw.*superuser" "an ordinary user needs the extensions: says so"
sql a gallery "CREATE EXTENSION postgres_fdw; CREATE EXTENSION dblink; GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO ana"
run split "$KEEPSAKE_GALLERY" "${shards[1]}"
like "$err" "gallery's own database" "its own database is no shard"
run split "${shards[1]}" "${shards[1]}"
like "$err" "given twice" "a shard is given once"
escaped=${secret/\'/%27}
PGPASSFILE=/nowhere run --gallery "${KEEPSAKE_GALLERY/ana@/ana:$escaped@}" split "${shards[@]/ana@/ana:wrong@}"
like "$status $err" "^1 .*cannot connect.*password" "a wrong password: says so"
unlike "$err" "wrong|$escaped" "... without showing it"
PGUSER=ana sql a gallery "CREATE TABLE album (photo bigint REFERENCES image_gallery); CREATE VIEW own AS SELECT path FROM image_gallery;
    CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM image_gallery; CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
    CREATE TRIGGER told BEFORE INSERT ON image_gallery FOR EACH ROW EXECUTE FUNCTION tell();
    CREATE FUNCTION newest() RETURNS image_gallery LANGUAGE sql AS 'SELECT * FROM image_gallery ORDER BY id DESC LIMIT 1';
    CREATE POLICY anybody ON image_gallery USING (true); CREATE PUBLICATION all_photos FOR TABLE image_gallery" 2>/dev/null
run split "${shards[@]}"
like "$status $err" "^1 .*: the foreign key album_photo_fkey of album, the materialized view counted, the view own, the trigger told \(tell\(\)\),\
 the function newest\(\), the policy anybody, the publication all_photos; drop them" "what hangs on the table is named"
PGUSER=ana sql a gallery "DROP TABLE album; DROP VIEW own; DROP MATERIALIZED VIEW counted; DROP TRIGGER told ON image_gallery; DROP FUNCTION tell;
    DROP FUNCTION newest; DROP POLICY anybody ON image_gallery; DROP PUBLICATION all_photos"
run split "${shards[@]}"
is "$status" 0 "splits it" || echo "# $err"
is "$out" "the gallery is on 3 shards now: 9 photos moved" "... and says so"
printed=$out$err
run split "${shards[@]}"
is "$status $out" "0 the gallery is on these 3 shards already" "once more changes nothing"
run split "${shards[0]}" "${shards[2]}" "${shards[1]}"
like "$status $err" "^1 .*is not its shard 2" "other shards are refused"
printed+=$out$err
unlike "$printed$(cat "$folder"/[abc]/log)" "ather'+secret" "the password is not printed, and in no server's log"
run search --json -k 9 a red square
same_results "$(json '"$_->{path} $_->{score}"' <<<"$out")" "$want" "searches find what they find in a file"
run search --json -k 9 "$compound"
same_results "$(json '"$_->{path} $_->{score}"' <<<"$out")" "$want_compound" "... also by a query of several parts"
run -q embed --sql --text "a red square"
same_results "$(PGUSER=ana sql a gallery "SELECT path || ' ' || score FROM keepsake_search('$out', 9)")" "$want" "so does the function for SQL"
is "$(PGUSER=ana sql a gallery "SELECT count(*), count(p.name) FROM keepsake_search('$out', 9, '{\"folder\": \"$work/photos\"}') AS s
    JOIN keepsake_photos AS p USING (id)")" "9|9" "... with a filter, and joined with the view"
run status --json
is "$(json '"$_->{photos} $_->{failed}"' <<<"$out")" "9 0" "status counts all shards"
run index --json "$work/photos"
is "$(json '"$_->{unchanged} $_->{added}"' <<<"$out")" "9 0" "index knows all of them"
mkdir "$work/elsewhere"
cp "$work/photos/1.png" "$work/elsewhere/"
vector=$(PGUSER=ana sql a gallery "SELECT embedding FROM image_gallery LIMIT 1")
PGUSER=ana sql a gallery "INSERT INTO image_gallery (path, path_key, size, mtime_ns) VALUES ('$work/elsewhere/1.png',
    convert_to('$work/elsewhere/1.png', 'UTF8'), 0, 0); INSERT INTO image_gallery (path, path_key, size, mtime_ns, embedding)
    VALUES ('$work/elsewhere/2.png', convert_to('$work/elsewhere/2.png', 'UTF8'), 0, 0, l2_normalize('$vector'::vector))"
run index --json --missing
is "$(json '"$_->{found} $_->{updated}"' <<<"$out") $(PGUSER=ana sql a gallery "SELECT count(*), count(embedding), count(hash) FROM image_gallery
    WHERE path LIKE '$work/elsewhere/%'")" "1 1 2|2|1" "rows of other programs are filled" || echo "# $err"
run forget "$work/elsewhere"
is "$(PGUSER=ana sql a gallery "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = 'image_gallery'::regclass")" 0 "a split gallery has no triggers"
mv "$work/photos/3.png" "$work/photos/33.png"
rm "$work/photos/4.png"
run index --json "$work/photos"
is "$(json '"$_->{moved} $_->{removed} $_->{unchanged}"' <<<"$out")" "1 1 7" "index follows a rename and a removal"
run forget "$work/photos/5.png"
is "$status $(sql a shard 'SELECT count(*) FROM image_gallery') $(sql b shard 'SELECT count(*) FROM image_gallery') \
$(sql c shard 'SELECT count(*) FROM image_gallery')" "0 $(sql a shard 'SELECT photos FROM keepsake_part') \
$(sql b shard 'SELECT photos FROM keepsake_part') $(sql c shard 'SELECT photos FROM keepsake_part')" "forget"
run status --json
is "$(json '$_->{photos}' <<<"$out")" "7" "... leaves the others"

# ---- another user; a shard that moves ----

for i in 0 1 2; do
    PGOPTIONS="-c log_statement=none" sql a gallery "CREATE USER MAPPING FOR ben SERVER keepsake_public_part_$i
        OPTIONS (user 'ana', password '${secret/\'/\'\'}')"
done
sql a gallery "GRANT SELECT ON ALL TABLES IN SCHEMA public TO ben"
run --gallery "${KEEPSAKE_GALLERY/ana/ben}" search --json -k 9 a red square
is "$status $(wc -l <<<"$out")" "0 7" "another user searches" || echo "# $err"
run --gallery "${KEEPSAKE_GALLERY/ana/ben}" forget "$work/photos/6.png"
like "$status $err" "^1 .*may not" "... and may not change anything"

"$bin/pg_dump" -h "$folder/b" -U ana --schema-only shard >"$work/shard.sql"
sql c postgres "CREATE DATABASE moved OWNER ana"
"$bin/psql" -Xq -h "$folder/c" -U ana -d moved -f "$work/shard.sql" >"$work/log" 2>&1
ALTER="ALTER SERVER keepsake_public_part_1 OPTIONS (SET host '$folder/c', SET dbname 'moved')"
sql a gallery "$ALTER"
run index --json "$work/photos"
is "$status $(json '"$_->{found} " . ($_->{added} + $_->{unchanged})' <<<"$out")" "0 8 8" "an index run fills an empty shard" || echo "# $err"
run search --json -k 9 a red square
is "$(json '$_->{path}' <<<"$out" | sort -u | wc -l)" 8 "... and all photos are found again"

# ---- another number of shards ----

ids() { perl -ne '/"id":(\d+),"path":"([^"]*)"/ and print "$1 $2\n"'; }
found=$(ids <<<"$out")
run export "$work/all.keepsake"
is "$status" 0 "exports the split gallery" || echo "# $err"
again=$(address a gallery again)
run --gallery "$again" import "$work/all.keepsake"
is "$status" 0 "... imports it" || echo "# $err"
run --gallery "$again" split "$(address b shard again)" "$(address c shard again)"
is "$status $out" "0 the gallery is on 2 shards now: 8 photos moved" "... and splits it again" || echo "# $err"
run --gallery "$again" search --json -k 9 a red square
is "$(ids <<<"$out")" "$found" "... with the same ids and results"

# ---- one shard stops for a while ----

ctl c -m fast stop
# shellcheck disable=SC2034 # for eval
refused=$(grep -c "could not connect" "$folder/a/log")
"$program" search --json -k 9 a red square >"$work/stdout" 2>"$work/stderr" </dev/null &
wait_until '(($(grep -c "could not connect" "$folder/a/log") > refused)) || ! kill -0 $! 2>/dev/null' "a refused connection"
ctl c start
wait $!
status=$? out=$(<"$work/stdout") err=$(<"$work/stderr")
is "$status $(wc -l <<<"$out")" "0 8" "a search waits for a shard that comes back" || echo "# $err"

# ---- a replica ----

as_owner "$bin/pg_basebackup" -h "$folder/b" -U keepsake -D "$folder/replica/data" -R -X stream -c fast
ctl replica start
both="postgresql://ana@/plain?host=$folder/b,$folder/replica&target_session_attrs=prefer-standby"
export KEEPSAKE_GALLERY=$both
run index "$work/photos"
is "$status" 0 "index writes to the primary, whichever is preferred for searches" || echo "# $err"
# shellcheck disable=SC2034 # for eval
caught_up="SELECT coalesce(pg_last_wal_replay_lsn() >= '$(sql b plain 'SELECT pg_current_wal_lsn()')', false)"
wait_until '[[ $(sql replica plain "$caught_up") = t ]]'
answered() { grep -cE '\(embedding <#> .* FROM image_gallery|FROM image_gallery .*ORDER BY \(?embedding' "$folder/replica/log"; }
before=$(answered)
run search --json -k 9 a red square
is "$status $(wc -l <<<"$out")" "0 8" "a search with a replica" || echo "# $err"
ok $(($(answered) <= before)) "... is answered by it"
found=$out
ctl b -m fast stop
run search --json -k 9 a red square
is "$out" "$found" "searches go on when the primary has stopped" || echo "# $err"
ctl b start

# ---- the store's own tests, on three servers ----

KEEPSAKE_TEST_GALLERY=$(address a gallery NUMBER)
KEEPSAKE_TEST_GALLERY=${KEEPSAKE_TEST_GALLERY/%NUMBER/sNUMBER}
KEEPSAKE_TEST_SHARDS="$(address a shard)&options=-csearch_path%3DsNUMBER $(address b shard)&options=-csearch_path%3DsNUMBER \
$(address c shard)&options=-csearch_path%3DsNUMBER"
KEEPSAKE_TEST_PSQL="$bin/psql -h $folder/a -U ana -d gallery -XAtq -v ON_ERROR_STOP=1 -c"
export KEEPSAKE_TEST_GALLERY KEEPSAKE_TEST_SHARDS KEEPSAKE_TEST_PSQL
all="postgres_split postgres_upgrade store store_search store_filter store_criteria store_labels store_ledger store_folders store_listing store_claims store_dump"
for test in $(test_rounds "$all" "postgres_split store store_search" "$all"); do
    prove -v -e '' "$build/tests/unit/test_$test" >"$work/log" 2>&1
    ok $? "test_$test on three servers" || sed 's/^/# /' "$work/log"
    grep -E 'SKIP|recall|the top' "$work/log" | sed 's/^/# /'
done
done_testing
