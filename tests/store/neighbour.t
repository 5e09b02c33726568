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
echo "1..$number"
