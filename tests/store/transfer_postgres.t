#!/bin/bash
# SPDX-License-Identifier: MIT
# export, import and doctor with a gallery in PostgreSQL.
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/store/pg_cluster.sh
. tests/store/pg_cluster.sh
type sqlite3 >/dev/null 2>&1 || cluster_skip "the program sqlite3 is not installed"
cluster_start
build=${KEEPSAKE_BUILD:-build/release}
program=${KEEPSAKE:-build/release/bin/keepsake}
number=0

check() { # NAME COMMAND...
    local name=$1
    shift
    number=$((number + 1))
    if "$@" >"$cluster_folder/out" 2>&1; then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        sed 's/^/# /' "$cluster_folder/out"
    fi
}
refused() { ! "$@"; }
same() { diff <(rows "$1") <(rows "$2"); }
rows() {
    sqlite3 "$1" "SELECT * FROM photo ORDER BY id; SELECT photo, hex(vector) FROM vector ORDER BY photo;
        SELECT * FROM failure ORDER BY path; SELECT * FROM model"
}

check "galleries through a server are as they were" env KEEPSAKE_TEST_POSTGRES="$(cluster_url t_NUMBER)" \
    prove -e '' "$build/tests/unit/test_transfer"

work=$cluster_folder/work
mkdir -p "$work/photos" "$work/home"
export HOME=$work/home XDG_DATA_HOME=$work/data XDG_CONFIG_HOME=$work/config OMP_WAIT_POLICY=passive
for i in 1 2 3 4 5 6; do
    perl -MCompress::Zlib -e '
        sub chunk { my ($type, $data) = @_; pack("N", length $data) . $type . $data . pack("N", crc32($type . $data)) }
        print "\x89PNG\r\n\x1a\n", chunk("IHDR", pack("NNC5", 8, 8, 8, 2, 0, 0, 0)),
            chunk("IDAT", compress(join "", map { "\0" . pack("C3", 40 * $ARGV[0], 20 * $_, 99) x 8 } 1 .. 8)), chunk("IEND", "")' \
        "$i" >"$work/photos/$i"$'\xff.png'
done
echo no >"$work/photos/no.png"
cd "$work" || exit 1
program=$OLDPWD/${program#"$OLDPWD"/}
url=$(cluster_url people)
"$program" -q index photos >/dev/null 2>&1
check "a file is exported" "$program" export a.keepsake
check "and imported into the server" "$program" --gallery "$url" import a.keepsake
check "the server's gallery is healthy" "$program" --gallery "$url" doctor
check "it is exported" "$program" --gallery "$url" export b.keepsake
check "and has all that the file had" same a.keepsake b.keepsake
check "a server is imported from without a file" "$program" --gallery c.db import "$url"
check "with the same result" same a.keepsake c.db
secret=${url/keepsake@/keepsake:hush@}
check "a password is accepted" "$program" --gallery "$secret" status
nothere=${secret/gallery/nothere}
for words in "status --json" "doctor --json" "import $secret" "export $secret" "import $nothere"; do
    # shellcheck disable=SC2086 # words
    "$program" --gallery "$secret" $words
done >said 2>&1
"$program" --gallery e.db import "$secret" --json >>said 2>&1
"$program" --gallery "$nothere" doctor >>said 2>&1
check "and named in what is said" test "$(grep -c keepsake@ said)" -ge 7
check "but never told" refused grep hush said
"$program" --gallery "$url" -q index photos >/dev/null 2>&1
check "an index run has nothing to do" grep -q '"decoded":0' <("$program" --gallery "$url" --json index photos 2>/dev/null)
check "a photo loses its vector" cluster_sql "UPDATE people.image_gallery SET embedding = NULL WHERE id = 2"
check "the doctor finds it" refused "$program" --gallery "$url" doctor
check "and says so" grep -q '^BAD  *vectors  *1 photo without a vector' <("$program" --gallery "$url" doctor 2>/dev/null)
check "the export leaves it out" refused "$program" --gallery "$url" export d.keepsake
check "and has the others" test "$(sqlite3 d.keepsake 'SELECT count(*) FROM vector')" = 5
echo "1..$number"
