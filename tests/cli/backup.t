#!/bin/bash
# SPDX-License-Identifier: MIT
# keepsake backup and restore: a sound copy while others write, the way back, and what is refused.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh

few_pictures
cd "$work" || exit 1
gallery=$work/gallery.db
export KEEPSAKE_GALLERY=$gallery

rows() { # GALLERY: every row that means something
    sqlite3 "$1" "SELECT 'p', id, path, hex(hash), hex(vector) FROM photo JOIN vector ON photo = id ORDER BY id;
        SELECT 'l', id, name, hex(checksum) FROM label; SELECT 'r', kind, value, hex(checksum) FROM rule; SELECT 'e', * FROM ledger;
        SELECT 'f', path, reason FROM failure; SELECT 'm', * FROM model"
}
beside() { find . -maxdepth 1 -name '*partial*' -o -maxdepth 1 -name '*-wal' -o -maxdepth 1 -name '*-shm' | sort | tr '\n' ' '; }

run backup copy.db
is "$status" 1 "no gallery: status 1"
like "$err" "there is no gallery at" "says so"
echo no >photos/no.png
"$program" -q index photos >/dev/null 2>&1
"$program" -q label photos/red.png Mia >/dev/null
"$program" -q never-send photos >/dev/null
run backup
is "$status" 2 "no FILE: status 2"
run backup postgresql://nowhere/x
is "$status" 2 "an address: status 2"
run backup copy.db
is "$status" 0 "backup: status 0"
like "$out" "^backed up 4 photos, 1 failed file, 1 label, 1 never-send rule to copy\.db \([0-9.]+ KB\); it is intact$" "says what it has"
is "$(rows copy.db)" "$(rows "$gallery")" "every row is in it"
is "$(sqlite3 copy.db 'PRAGMA integrity_check; PRAGMA journal_mode')" $'ok\ndelete' "sound, and one file"
is "$(stat -c %a copy.db)" 600 "which nobody else may read"
is "$(beside)" "" "nothing is left beside it"
run --gallery copy.db search red
is "$status" 0 "it can be searched"
run backup copy.db
is "$status" 1 "it is there already: status 1"
like "$err" "copy\.db exists: give another name, or --force" "says what to do"
echo log >copy.db-wal
run backup --force copy.db
like "$status $err" "^1 .*copy\.db-wal is the log of a gallery" "with the log of another file beside it, which SQLite would write into the copy"
is "$(<copy.db-wal) $(rows copy.db | grep -c ^p)" "log 4" "... both are as they were"
rm -f copy.db-wal
run --json backup --force copy.db
is "$status" 0 "--force --json: status 0"
is "$(json 'join " ", @$_{qw(file photos failures labels rules ledger_entries)}' <<<"$out")" "copy.db 4 1 1 1 0" "--json: one object is printed"
run backup "$gallery"
like "$status $err" "^1 .*exists: give another name" "not onto itself"
run backup --force "$gallery"
like "$status $err" "^1 .*is the gallery itself" "not with --force either"
mkdir folder
run backup --force folder
like "$status $err" "^1 .*folder is not a regular file" "nor onto a folder"
run backup nowhere/copy.db
like "$status $err" "^1 .*cannot write" "nor into a folder that is not there"

# While another process holds a transaction that writes, and after each of its commits.
mkfifo orders
sqlite3 "$gallery" <orders >/dev/null & writer=$!
exec 7>orders
echo "BEGIN IMMEDIATE; UPDATE photo SET size = size + 1; SELECT count(*) FROM photo;" >&7
run backup during.db
is "$status" 0 "while another process writes: status 0"
echo "COMMIT;" >&7
exec 7>&-
wait $writer
is "$(sqlite3 during.db 'SELECT count(*) FROM photo') $(sqlite3 during.db 'PRAGMA integrity_check')" "4 ok" "a sound copy"

# ---- restore ----
"$program" -q never-send remove photos >/dev/null
"$program" -q forget photos/red.png >/dev/null
before=$(rows "$gallery")
run restore
is "$status" 2 "restore without a FILE: status 2"
run restore nowhere.db
like "$status $err" "^1 .*nowhere\.db" "of a file that is not there"
echo "this is no gallery" >text
run restore text
like "$status $err" "^1 .*text is not a gallery" "of a text"
cp copy.db torn.db
dd if=/dev/urandom of=torn.db bs=8192 seek=3 count=4 conv=notrunc 2>/dev/null
run restore torn.db
is "$status" 1 "of a damaged backup: status 1"
like "$err" "damaged|malformed" "says so"
cp copy.db hostile.db
sqlite3 hostile.db "CREATE TRIGGER hush BEFORE INSERT ON ledger BEGIN SELECT RAISE(IGNORE); END"
run restore hostile.db
like "$status $err" "^1 .*trigger hush" "of one that somebody changed"
is "$(rows "$gallery")" "$before" "the gallery is as it was each time"
run restore "$gallery"
like "$status $err" "^1 .*is the gallery itself" "of the gallery itself"

sqlite3 "$gallery" <<<"BEGIN; SELECT count(*) FROM photo;
.shell \"$program\" restore copy.db >/dev/null 2>held; echo \$? >held.status
" >/dev/null
is "$(<held.status)" 1 "while another program has it open: status 1"
like "$(<held)" "another program has the gallery .* open: stop" "says what to do"
is "$(rows "$gallery")" "$before" "and changes nothing"

run restore copy.db
is "$status" 0 "restore: status 0"
like "$out" "^restored 4 photos, 1 failed file, 1 label, 1 never-send rule to $gallery"$'\n'"the replaced gallery is now $gallery\.before-[0-9-]+$" "says where the old one is"
is "$(rows "$gallery")" "$(rows copy.db)" "every row is back"
is "$(rows "$gallery".before-*)" "$before" "and the old gallery is whole"
is "$(beside)$(ls -d "$gallery".*-journal 2>/dev/null)" "" "nothing else is left"
run index photos
like "$status $out" "^0 5 photos: 4 unchanged" "an index run goes on from there"

# A gallery that is damaged, with a log that belongs to it.
printf 'noise' | dd of="$gallery" conv=notrunc 2>/dev/null
echo log >"$gallery-wal"
run --json restore copy.db
is "$status" 0 "over a damaged gallery: status 0"
kept=$(json '$_->{kept}' <<<"$out")
is "$(head -c 5 "$kept") $(<"$kept-wal")" "noise log" "it is kept, and its log with it"
is "$(rows "$gallery")" "$(rows copy.db)" "the backup is in its place"
run restore --to new/place.db copy.db
like "$status $out" "^0 restored 4 photos.* to new/place\.db$" "--to a place where nothing is"
is "$(rows new/place.db)" "$(rows copy.db)" "a gallery of its own"
# A writer that was killed left a log, and its gallery was moved away without it.
cp new/place.db new/gone.db
mkfifo to_shell
sqlite3 new/gone.db <to_shell >said & writer=$!
exec 7>to_shell
echo "PRAGMA journal_mode = WAL; UPDATE photo SET size = 99; SELECT 'written';" >&7
wait_for_line said written
kill -KILL $writer
exec 7>&-
wait $writer 2>/dev/null
mv new/gone.db new/bad.db
ok "$([[ -s new/gone.db-wal ]]; echo $?)" "a log without its gallery"
run restore --to new/gone.db copy.db
is "$status" 0 "restore beside it: status 0"
is "$(rows new/gone.db) $(sqlite3 new/gone.db 'SELECT count(*) FROM photo WHERE size = 99')" "$(rows copy.db) 0" "the log is not written into the backup"
is "$(find new -name 'gone.db.before-*-wal' -size +0 | wc -l)" 1 "... and is kept"
run --gallery postgresql://nowhere/x restore copy.db
like "$status $err" "^1 .*on a server.*pg_restore" "into a server: the way it is done there"

# Rows that are not as they were written go along, and it is said.
cp copy.db bad.db
sqlite3 bad.db "UPDATE rule SET value = '/elsewhere'; UPDATE vector SET vector = x'00' WHERE photo = (SELECT min(id) FROM photo)"
run --gallery bad.db backup bad-copy.db
is "$status" 3 "a gallery with damaged rows: status 3"
like "$out" "^backed up 4 photos.*KB\)$" "it is not called sound"
like "$err" "^keepsake: 2 rows are as damaged there as .*: 1 photo has no sound vector: .keepsake index. makes it" "says what is damaged"
is "$(rows bad-copy.db)" "$(rows bad.db)" "and everything is in the copy"
run --json restore --to bad-place.db bad-copy.db
is "$status $(json '$_->{damaged}' <<<"$out")" "3 2" "restore says so, too"
sqlite3 bad.db "UPDATE vector SET vector = (SELECT max(vector) FROM vector)"
run --gallery bad.db backup --force bad-copy.db
like "$status $err" "^3 keepsake: 1 row is .*: the never-send rule for the folder /elsewhere is not as it was written" "a damaged rule"

if [[ $(id -u) == 0 ]] && mkdir small && mount -t tmpfs -o size=64k tmpfs small 2>/dev/null; then
    run backup small/copy.db
    is "$status" 1 "no room: status 1"
    like "$err" "the copy needs [0-9.]+ .B, and only [0-9.]+ KB are free in small" "says how much"
    is "$(ls small)" "" "nothing is left there"
    umount small
else
    skip "a small disk can only be made by root"
fi
done_testing
