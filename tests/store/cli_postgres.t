#!/bin/bash
# SPDX-License-Identifier: MIT
# Every command on a PostgreSQL gallery, from the command line: adopting the article's table,
# choosing an index, and passwords that nobody sees.
cd "$(dirname "$0")/../.." || exit 1
. tests/store/pg_cluster.sh
photos=${KEEPSAKE_SHARED:-../shared}/photos/coco-by-86/images
[ -d "$photos" ] || photos=${KEEPSAKE_SHARED:-../shared}/photos/coco-by-86
[ -d "$photos" ] || cluster_skip "no photos here"
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
lacks() { ! grep -qF -- "$2" <<<"$1" || { echo "# ${1//$'\n'/$'\n'# }"; false; }; }
k() { "$keepsake" "$@" 2>&1; }

mkdir "$cluster_folder/photos"
find "$photos" -name '*.jpg' | sort | head -8 | while read -r photo; do cp "$photo" "$cluster_folder/photos/"; done
first=$(find "$cluster_folder/photos" -name '*.jpg' | sort | head -1)

# The table as the article makes it, one photo in it, by a relative path.
url=$(cluster_url article)
cluster_sql "SET client_min_messages = error; CREATE EXTENSION vector; CREATE SCHEMA article;
    CREATE TABLE article.image_gallery (id serial PRIMARY KEY, path text, embedding vector(256));
    INSERT INTO article.image_gallery (path, embedding)
        SELECT 'photos/$(basename "$first")', array_fill(0.5, ARRAY[256])::vector"
check "another program's table is not touched" has "$(k --gallery "$url" index "$cluster_folder/photos")" "--adopt"
out=$(k --gallery "$url" index --adopt --relative-to "$cluster_folder")
check "without a path, --adopt says what it would do" has "$out" "keeps all 1 rows of image_gallery"
check "... and that nothing was changed" has "$out" "nothing was changed"
check "... nor with one and --dry-run" has \
    "$(k --gallery "$url" index --json --dry-run --adopt --relative-to "$cluster_folder" "$cluster_folder/photos")" '{"plan":["keeps all 1 rows'
check "... as the table shows" same "$(cluster_sql "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'article'")" 3
check "--dry-run is for --adopt" has "$(k --gallery "$url" index --dry-run "$cluster_folder/photos")" "--dry-run goes with --adopt"
out=$(k --gallery "$url" index --adopt --relative-to "$cluster_folder" --vector-index hnsw "$cluster_folder/photos")
check "adopting says what it adds" has "$out" "adopting: adds the columns path_key"
check "... and that it keeps the rows" has "$out" "keeps all 1 rows"
check "... and the photo that was there is brought up to date, the others added" has "$out" "7 added, 1 updated"
check "its row is the same" same "$(cluster_sql "SELECT path FROM article.image_gallery WHERE id = 1")" "$first"
check "the index that was asked for is there" same \
    "$(cluster_sql "SELECT bool_or(indexdef LIKE '%USING hnsw%vector_cosine_ops%') FROM pg_indexes WHERE schemaname = 'article' AND indexname LIKE '%keepsake'")" t
check "status" has "$(k --gallery "$url" status)" "photos       8"
check "search" has "$(k --gallery "$url" search -k 8 "a cat")" "$(basename "$first")"
check "forget" has "$(k --gallery "$url" forget "$first"; k --gallery "$url" status)" "photos       7"

# A table of other names, with keys of another type, and an index with more lists than rows.
other=$(cluster_url other)
cluster_sql "CREATE SCHEMA other; CREATE TABLE other.photos (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        image_path text, vec vector(256), model text DEFAULT 'mine');
    INSERT INTO other.photos (image_path, vec) SELECT '/there/' || i, array_fill(i::real, ARRAY[256])::vector
        FROM generate_series(1, 100) AS i;
    SET client_min_messages = error; CREATE INDEX lists ON other.photos USING ivfflat (vec vector_cosine_ops)"
check "a table of other names is found by none" has "$(k --gallery "$other" index --adopt)" "--adopt 'photos(id, image_path, vec)'"
check "... that does not exist" has "$(k --gallery "$other" index --adopt 'pictures(id, image_path, vec)')" "there is no table pictures"
out=$(k --gallery "$other" index --adopt 'photos(id, image_path, vec)' "$cluster_folder/photos")
check "a table of other names is adopted" has "$out" "8 added"
check "... of which an index has more lists than it should" has "$out" "lists has 100 lists for 100 rows, about 1 in each"
check "its programs find it as it was" same "$(cluster_sql "SELECT count(*), count(DISTINCT id), min(model) FROM other.photos")" "108|108|mine"
check "... and keepsake, too" has "$(k --gallery "$other" status)" "photos       108"
check "the index is there, by its name" same "$(cluster_sql "SELECT indisvalid FROM pg_index WHERE indexrelid = 'other.lists'::regclass")" t

# A program that knows nothing of keepsake: on its own table, on the same after it was adopted, and on one of keepsake's.
if /usr/bin/python3 -c 'import psycopg2' 2>/dev/null; then
    program() { (cd "$cluster_folder" && KEEPSAKE=$(realpath "$keepsake") /usr/bin/python3 "$article" "$address" "$@" 2>&1); }
    found() { k -q --gallery "$address" search --json -k 5 "$1" | sed 's/.*"path":"\([^"]*\)".*/\1/'; }
    article=$PWD/tests/store/article.py
    keepsake=$(realpath "$keepsake")
    mapfile -t names < <(cd "$cluster_folder" && find photos -name '*.jpg' | sort)
    address=$(cluster_url program),public
    cluster_sql "CREATE SCHEMA program"
    check "a program makes its table" same "$(program create 256)" ""
    check "... and fills it" same "$(program insert "${names[@]:0:5}")" 1
    check "... with an index" same "$(program index)" ""
    before=$(program nearest "a cat")
    check "... and searches" same "$(sort <<<"$before")" "$(printf '%s\n' "${names[@]:0:5}")"
    check "the table is adopted" has "$(k --gallery "$address" index --adopt --relative-to "$cluster_folder" "$cluster_folder/${names[0]}")" "1 updated"
    check "... and gives the program what it gave" same "$(program nearest "a cat")" "$cluster_folder/${before//$'\n'/$'\n'$cluster_folder/}"
    check "... and keepsake the same" same "$(found "a cat")" "$(program nearest "a cat")"
    check "the program goes on filling it, by relative paths" same "$(program insert "${names[@]:5:3}" | grep -cx '[0-9]*')" 1
    check "... which keepsake finds, whole" same "$(k -q --gallery "$address" search --json -k 9 "a cat" | wc -l) $(found "a cat")" "8 $(program nearest "a cat")"
    check "... and moving" same "$(program move "$cluster_folder/${names[5]}" "$cluster_folder/moved.jpg")" 1
    check "... and deleting" same "$(program delete "$cluster_folder/moved.jpg")" 1
    check "the index of the program is in use" has "$(k --gallery "$address" doctor)" "ivfflat"
    address=$(cluster_url plain),public
    k -q --gallery "$address" index "${names[@]/#/$cluster_folder/}" >/dev/null
    check "on a table that keepsake made, it searches" same "$(program nearest "a dog")" "$(found "a dog")"
    program delete "$cluster_folder/${names[7]}" >/dev/null
    program delete "$cluster_folder/${names[6]}" >/dev/null
    program delete "$cluster_folder/${names[5]}" >/dev/null
    check "... cannot store a photo twice" has "$(program insert "$cluster_folder/${names[0]}")" "image_gallery_path_key_key"
    check "... fills it" same "$(program insert "$cluster_folder/${names[7]}" "$cluster_folder/${names[6]}" "$cluster_folder/${names[5]}" |
        grep -cx '[0-9]*')" 1
    check "... and makes its index" same "$(program index)" ""
    check "... and all are found" same "$(k -q --gallery "$address" search --json -k 9 "a dog" | wc -l) $(found "a dog")" "8 $(program nearest "a dog")"
else
    echo "# python3-psycopg2 is not installed: the program of tests/store/article.py does not run"
fi

# A gallery by words; halfvec.
words="host=$cluster_folder user=keepsake dbname=gallery options=-csearch_path=words"
check "an address in words" has "$(k --gallery "$words" index --vector-storage halfvec "$cluster_folder/photos")" "8 added"
check "... vectors in halves" same "$(cluster_sql "SELECT format_type(atttypid, atttypmod) FROM pg_attribute
    WHERE attrelid = 'words.image_gallery'::regclass AND attname = 'embedding'")" "halfvec(256)"
check "no pgvectorscale" has "$(k --gallery "$words" index --vector-index diskann "$cluster_folder/photos")" "--vector-index hnsw"
check "a file has no such index" has "$(k --gallery "$cluster_folder/x.db" index --vector-index hnsw "$cluster_folder/photos")" "its search is exact"

# The door for SQL gives what keepsake's searches give, with an index (here of vectors) and without (of halves), and
# leaves the session's settings alone.
for gallery in article words; do
    address=$(cluster_url $gallery)
    near=$(k embed --sql --text "a cat")
    found=$(k -q --gallery "$address" search --json -k 5 "a cat" | sed 's/.*"path":"\([^"]*\)".*/\1/')
    check "SQL finds what a search finds ($gallery)" same "$(cluster_sql "SET hnsw.ef_search = 41; SET search_path = nowhere;
        SELECT path FROM $gallery.keepsake_search('$near', 5); SHOW hnsw.ef_search; SHOW search_path")" "$found"$'\n41\nnowhere'
    check "... in a folder, or not" same "$(cluster_sql "SELECT count(*) FROM $gallery.keepsake_search('$near', 9,
            '{\"folder\": [\"$cluster_folder/photos/\", \"/none\"], \"until\": null}');
        SELECT count(*) FROM $gallery.keepsake_search('$near', 9, '{\"folder\": \"$cluster_folder/photo\"}')")" \
        "$(cluster_sql "SELECT count(*) FROM $gallery.image_gallery")"$'\n0'
done
check "... near photos that SQL chooses" same "$(cluster_sql "SELECT id FROM words.keepsake_search('$near', 9,
    jsonb_build_object('ids', (SELECT jsonb_agg(id) FROM words.image_gallery WHERE id IN (2, 5)))) ORDER BY 1" | xargs)" "2 5"
cluster_sql "UPDATE words.image_gallery SET taken = CASE id WHEN 3 THEN '2019-07-04T18:30:00+02:00' WHEN 4 THEN '2019-08' ELSE '2020-02-31' END,
    make = 'NIKON CORPORATION', model = CASE id WHEN 3 THEN 'NIKON CORPORATION D90' END WHERE id IN (3, 4, 5)"
for dates in '"from": "2019", "until": "2019":3 4' '"until": "2019-07-04":3' '"from": "2019-08":4 5' '"from": "2020-02-31", "until": "2020-02-31":5'; do
    check "dates: ${dates%:*}" same "$(cluster_sql "SELECT id FROM words.keepsake_search('$near', 9, '{${dates%:*}}') ORDER BY 1" | xargs)" "${dates##*:}"
done
check "the view has a time, a camera and a name" same "$(cluster_sql "SELECT taken_at, camera, name = regexp_replace(path, '.*/', ''),
    folder FROM words.keepsake_photos WHERE id IN (3, 4, 5) ORDER BY id")" \
    "2019-07-04 18:30:00|NIKON CORPORATION D90|t|$cluster_folder/photos
|NIKON CORPORATION|t|$cluster_folder/photos
2020-03-02 00:00:00|NIKON CORPORATION|t|$cluster_folder/photos"
cluster_sql "UPDATE words.image_gallery SET taken = NULL, make = NULL, model = NULL"
refused() { "$cluster_bin/psql" -XAtq -c "SELECT * FROM words.keepsake_search($1)" 2>&1; }
check "a filter that is none" has "$(refused "'$near', 9, '{\"year\": 2019}'")" "has no filter year: it has folder, from, until, label and ids"
check "... a date that is none" has "$(refused "'$near', 9, '{\"from\": \"July\"}'")" "from must be a date such as 2019"
check "... ids that are none" has "$(refused "'$near', 9, '{\"ids\": [1, \"x\"]}'")" "ids must be whole numbers, not x"
check "... no object" has "$(refused "'$near', 9, '[1]'")" "the filters must be an object"
check "... null, and more photos than there are" same "$(cluster_sql "SELECT count(*) FROM words.keepsake_search('$near', 2147483647, 'null')")" 8
check "... another model's vector" has "$(refused "'[1,2]'")" "has 2 numbers, and those of the gallery have 256: make it with the model mini"

# Labels, rules and the ledger are those of a file.
second=$(find "$cluster_folder/photos" -name '*.jpg' | sort | sed -n 2p)
w() { k -q --gallery "$words" "$@"; }
check "label" same "$(w label "$first" Anna Maria)" "$first: Anna Maria"
check "... with a box, by another case: one label" same \
    "$(w label --json "$second" 10%,20%,30%,40% opa | cut -d, -f1; w label --json "$second" 10%,20%,30%,40% OPA | cut -d, -f1)" \
    $'{"id":2\n{"id":2'
check "SQL searches below labels, too" same "$(cluster_sql "SELECT path FROM words.keepsake_search('$near', 9, '{\"label\": \"anna maria\"}')")" "$first"
check "... and shows them" same "$(cluster_sql "SELECT labels FROM words.keepsake_photos WHERE path = '$first'")" '{"Anna Maria"}'
check "labels, by name" same "$(w labels | awk '{ print $1 }' | xargs)" "1 2"
check "a search that speaks of a name" has "$(w search --json -k 1 "what is OPA holding?")" '"names":"opa"'
check "... or of two: the photo with the longer one" has "$(w search --json -k 1 anna maria)" '"names":"Anna Maria"'
check "search --label" same "$(w search --json --label ANNA\ maria a cat | wc -l)" 1
check "search --folder" same "$(w search --json --folder "$second" a cat | wc -l)" 1
check "search --from" has "$(k --gallery "$words" search --from 2999 a cat)" "there is no photo within these limits"
check "how well it matches" has "$(w search --json --like "$first" -k 1)" '"strength":"strong"'
check "labels edit" same "$(w labels edit 2 Karl)" "label 2 is now: Karl"
check "labels remove" same "$(w labels remove 2; w labels | wc -l)" $'label 2 removed\n1'
check "never-send" same "$(w never-send "$cluster_folder/photos" --label "anna maria")" \
    "$(printf '%s\n' "added: folder $cluster_folder/photos" "added: label anna maria")"
check "... the list" same "$(w never-send)" "$(printf '%s\n' "folder $cluster_folder/photos" "label anna maria")"
check "... and back" same "$(w never-send remove "$cluster_folder/photos")" "removed: folder $cluster_folder/photos"
check "ledger" same "$(k --gallery "$words" ledger)" "keepsake: nothing was ever sent"

# A password is shown nowhere: not in results, errors, or the list of processes.
secret="postgresql://keepsake:s3cret@/gallery?host=$cluster_folder&options=-csearch_path%3Dwords"
for command in "status" "status --json" "search a cat" "index $cluster_folder/photos" "forget /nowhere"; do
    # shellcheck disable=SC2086 # words
    check "no password in: $command" lacks "$(k --gallery "$secret" $command)" s3cret
done
check "an address with a password works" has "$(k --gallery "$secret" index "$cluster_folder/photos")" "8 unchanged"
check "no password when there is no gallery" lacks "$(k --gallery "${secret%words}empty" status)" s3cret
check "no password when nothing answers" lacks "$(k --gallery "postgresql://ana:s3cret@localhost:1/x" status)" s3cret
"$cluster_bin/psql" -XAtq -c "BEGIN; LOCK TABLE words.image_gallery; SELECT pg_sleep(60)" >/dev/null 2>&1 &
wait_until "[ \"\$(cluster_sql \"SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation = 'words.image_gallery'::regclass\")\" = 1 ]" \
    "a lock on the photos"
k --gallery "$secret" index "$cluster_folder/photos" >/dev/null &
waiting=$!
wait_until "[ \"\$(cluster_sql \"SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'words.image_gallery'::regclass\")\" != 0 ]" \
    "a lock that the run waits for"
line=$(tr '\0' ' ' </proc/$waiting/cmdline)
children=$(cat /proc/$waiting/task/$waiting/children 2>/dev/null)
for child in $children; do line="$line $(tr '\0' ' ' <"/proc/$child/cmdline")"; done
check "the waiting process is seen" has "$line" keepsake
check "... without its password" lacks "$line" s3cret
cluster_sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%'
    AND pid <> pg_backend_pid()" >/dev/null
wait
echo "1..$number"
