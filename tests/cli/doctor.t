#!/bin/bash
# SPDX-License-Identifier: MIT
# doctor: a sound gallery, and what is wrong with damaged ones.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh

few_pictures
cd "$work" || exit 1
gallery=$XDG_DATA_HOME/keepsake/gallery.db

fails 1 "there is no gallery at .* yet" "without a gallery" doctor
fails 2 "doctor takes no arguments" "an argument" doctor photos

mkdir none
"$program" -q --gallery empty.db index none >/dev/null
run --gallery empty.db doctor
is "$status" 0 "an empty gallery: status 0"
unlike "$out" "BAD" "a sound gallery: nothing is bad"

"$program" -q index photos >/dev/null
run doctor
is "$status" 0 "a sound gallery: status 0"
is "$err" "" "nothing on stderr"
is "$(grep -vE '^[a-z]* +(room|libraries|decoders)' <<<"$out" | awk '{ print $1 }' | sort -u)" ok "all is ok (room, libraries and decoders are the machine's affair)"
is "$(awk '{ print $2 }' <<<"$out" | uniq | xargs)" \
    "gallery model integrity tables references codes labels rules albums ledger room index vectors recall failures files libraries cache decoders" "these are checked"
like "$out" "gallery +4 photos and 0 failed files" "a sound gallery: rows are checked"
like "$out" "model +mini, 256 numbers" "a sound gallery: the model is checked"
like "$out" "index +exact scan" "kind of index"
like "$out" "recall@10 1\.000 over 4 of" "a sound gallery: recall is measured"
run doctor --json
is "$status" 0 "--json: status 0"
is "$(wc -l <<<"$out")" 1 "doctor --json: one object is printed"
is "$(json 'join " ", $_->{healthy} ? "healthy" : "ill", $_->{gallery}, scalar grep { $_->{check} !~ /^(libraries|cache|decoders)$/ } @{$_->{checks}}' <<<"$out")" \
    "healthy $gallery 17" "healthy, gallery and checks"
is "$(json 'join " ", map { $_->{verdict} } grep { $_->{check} !~ /^(room|libraries|cache|decoders)$/ } @{$_->{checks}}' <<<"$out")" \
    "ok ok ok ok ok ok ok ok ok ok ok ok ok ok ok ok" "verdicts"
like "$(json 'join ": ", map { @$_{qw(check message)} } grep { $_->{check} eq "recall" } @{$_->{checks}}' <<<"$out")" "^recall: recall@10 1" "doctor --json: messages are sentences"

echo no >photos/one.png
echo no >photos/two.png
head -c 100 photos/red.png >photos/$'cut\xff.png'
"$program" -q index photos >/dev/null 2>&1
run doctor
is "$status" 0 "failed files: still healthy"
like "$out" "warn +failures +3 files could not be indexed" "but told"
like "$out" "warn +failures +2 files, such as $work/photos/one.png: .*not a" "by reason, with an example"
like "$out" "warn +failures +1 file, such as $work/photos/cut" "the other reason"
mv photos/blue.png elsewhere.png
run doctor
is "$status" 0 "a vanished file: still healthy"
like "$out" "warn +files +1 of 4 photos .*such as $work/photos/blue.png" "but told"
mv elsewhere.png photos/blue.png

# The same weights in a folder of another name are another model; other weights of the same name, too.
cp -r "${KEEPSAKE_MODELS:-$OLDPWD/models/mini}" mine
run --model "$work/mine" doctor
is "$status" 1 "another model: status 1"
like "$out" "BAD +model +.*mini" "says which"
like "$err" "^keepsake: the gallery is not healthy: 1 of [0-9]+ findings are bad$" "doctor sums up its findings"
"$program" -q --model "$work/mine" --gallery mine.db index photos >/dev/null 2>&1
run --gallery mine.db doctor
is "$status" 1 "a model that is not installed: status 1"
like "$out" "BAD +model +.*mine.*not installed" "says so"

if ! type sqlite3 >/dev/null 2>&1; then
    skip "sqlite3 is not installed: no damage by hand"
    done_testing
fi

damage() { # NAME REGEX SQL: one kind of damage in a copy of the gallery
    rm -f hurt.db*
    sqlite3 "$gallery" ".backup hurt.db"
    sqlite3 -cmd '.dbconfig defensive off' hurt.db "$3" >/dev/null # newer shells defend the schema
    run --gallery hurt.db doctor
    is "$status" 1 "$1: status 1"
    like "$out" "BAD +$2" "$1: is found"
    run --gallery hurt.db doctor --json
    is "$(json '$_->{healthy} ? 1 : 0' <<<"$out")" 0 "$1: --json, too"
}
damage "a vector gone" "vectors +1 photo without a vector of 256 numbers, 0 photos" \
    "DELETE FROM vector WHERE photo = 2"
like "$(json 'join "\n", map { $_->{message} } @{$_->{checks}}' <<<"$out")" \
    "photos/[a-z/]+\.png: it has no vector" "names the photo"
damage "a vector cut off" "vectors +1 photo without a vector of 256 numbers, 0 photos" \
    "UPDATE vector SET vector = substr(vector, 1, 100) WHERE photo = 3"
damage "both" "vectors +2 photos without" \
    "DELETE FROM vector WHERE photo = 2; UPDATE vector SET vector = substr(vector, 1, 100) WHERE photo = 3"
damage "no vector at all" "recall +not measured" "DELETE FROM vector"
damage "a vector of zeros" "vectors +0 photos without .*, 1 photo with a vector whose length is not 1" \
    "UPDATE vector SET vector = zeroblob(1024) WHERE photo = 1"
damage "vectors exchanged" "codes +2 codes do not fit" \
    "UPDATE vector SET vector = (SELECT vector FROM vector WHERE photo = 4) WHERE photo IN (1, 2)"
damage "a photo gone, its vector not" "references +1 vector.* 1 code" "DELETE FROM photo WHERE id = 1"
damage "a photo that failed" "references +1 path" \
    "INSERT INTO failure (path, size, mtime_ns, reason) SELECT path, 0, 0, 'x' FROM photo WHERE id = 1"
damage "other weights" "model +.*other weights" "UPDATE model SET fingerprint = replace(fingerprint, '0', '1')"
damage "no model" "model +the gallery has photos, but no record" "DELETE FROM model"
damage "a ledger without its guards" "ledger +the triggers .* are missing" "DROP TRIGGER ledger_never_shrinks"
damage "a trigger that silences the ledger" "tables +the trigger hush .* was not made by keepsake" \
    "CREATE TRIGGER hush BEFORE INSERT ON ledger BEGIN SELECT RAISE(IGNORE); END"
damage "a rule of which one bit changed" "rules +the never-send rule for the folder /privatf is not as" \
    "INSERT INTO rule VALUES ('folder', '/privatf', '/privatf', zeroblob(16))"
damage "an index that is lost" "integrity +.*damaged.*BAD +references .*damaged" \
    "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'sqlite_autoindex_photo_1'"

rm -f hurt.db*
sqlite3 "$gallery" ".backup hurt.db"
sqlite3 hurt.db "DELETE FROM code WHERE photo = 1"
run --gallery hurt.db doctor
is "$status" 0 "a code gone: still healthy"
like "$out" "warn +codes +1 vector" "but told"
sqlite3 hurt.db "DELETE FROM vector WHERE photo IN (1, 2)"
run --gallery hurt.db export healed.keepsake
is "$status" 3 "a damaged gallery can be exported: status 3"
like "$out" "^exported 2 photos and 3 failed files, 2 left out" "without what is damaged"
like "$err" "png is left out: it has no vector" "which is named"
run --gallery healed.keepsake doctor
is "$status" 0 "the export is healthy"
"$program" -q --gallery healed.db import healed.keepsake >/dev/null
run --gallery healed.db index --json photos
is "$(json '"$_->{added} $_->{unchanged}"' <<<"$out")" "2 2" "and an index run completes it"

# What is damaged costs those photos, not the search, and an index run mends it.
rm -f hurt.db*
sqlite3 "$gallery" ".backup hurt.db"
sqlite3 hurt.db "UPDATE vector SET vector = x'00' WHERE photo = 1; DELETE FROM vector WHERE photo = 2"
run --gallery hurt.db search red
is "$status" 0 "a search among damaged vectors: status 0"
is "$(wc -l <<<"$out")" 2 "finds the others"
like "$err" "2 photos are left out, their vectors are damaged" "and says so"
run --gallery hurt.db search --like photos/red.png
is "$status:$(wc -l <<<"$out")" "0:2" "by a picture, too"
run --gallery hurt.db index --json photos
is "$(json '"$_->{updated} @{[$_->{unchanged} + $_->{touched}]}"' <<<"$out")" "2 2" "an index run embeds them again"
run --gallery hurt.db doctor
is "$status" 0 "and all is healthy"
dd if=/dev/urandom of=hurt.db bs=8192 seek=2 count=3 conv=notrunc 2>/dev/null
run --gallery hurt.db doctor
is "$status" 1 "pages of noise: status 1"
like "$out$err" "damaged" "says so"
done_testing
