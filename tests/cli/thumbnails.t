#!/bin/bash
# SPDX-License-Identifier: MIT
# Thumbnails beside the gallery: index makes them, status counts them, forget removes them.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh

few_pictures
cd "$work" || exit 1
picture photos/large.png 90 20 160 700
thumbs=gallery.db.thumbs
count() { run --gallery gallery.db --json status && json '$_->{thumbnails}' <<<"$out"; }

run --gallery gallery.db index --no-thumbnails photos
is "$status" 0 "index --no-thumbnails makes no thumbnails"
[[ ! -e $thumbs ]]
ok $? "makes no file"
is "$(count)" 0 "status: there are no thumbnails"
[[ ! -e $thumbs ]]
ok $? "and status makes none"

run --gallery gallery.db --json index --thumbnails photos
is "$status" 0 "index --thumbnails: status 0"
is "$(json '$_->{unchanged} // $_->{thumbnails_made}' <<<"$out" | xargs)" "5 5" "fills, after the run"
is "$(count)" 10 "two of each photo"
is "$(stat -c %a $thumbs)" 600 "for the owner only"
run --gallery gallery.db status
like "$out" "thumbnails   10 \([0-9.]+ KB\)" "status says so"
run --gallery gallery.db -q doctor
is "$status" 0 "doctor is content"
run --gallery gallery.db index --thumbnails photos
like "$out" "thumbnails of 0 photos made" "a second time: nothing to do"

picture photos/new.png 7 7 7
run --gallery gallery.db -q index photos
is "$status:$(count)" "0:12" "a new photo gets its own while it is indexed"
if command -v sqlite3 >/dev/null; then
    is "$(sqlite3 -readonly $thumbs "SELECT DISTINCT hex(substr(data, 1, 3)) FROM blob")" FFD8FF \
        "they are JPEGs"
else
    skip "sqlite3 is not installed"
fi

run --gallery gallery.db -q forget photos/new.png
is "$(count)" 10 "forget removes the photo's thumbnails"
cp $thumbs before
head -c 5000 /dev/urandom >$thumbs
run --gallery gallery.db index photos
is "$status" 0 "a damaged file: index goes on"
unlike "$err" "thumbs" "and says nothing of it"
is "$(count)" 2 "with a new one, for the photo that came back"
rm -f $thumbs*
mkdir $thumbs
picture photos/newer.png 9 9 9
run --gallery gallery.db index photos
is "$status" 0 "a folder in its place: index goes on"
like "$err" "thumbnails are not stored: .*$thumbs" "and says so"
rmdir $thumbs

fails 2 "--thumbnails and --no-thumbnails exclude each other" "both" \
    --gallery gallery.db index --thumbnails --no-thumbnails photos
fails 2 "--thumbnails-max must be a whole number from 1" "no room" --thumbnails-max 0 status
echo "thumbnails-max = 1" >"$XDG_CONFIG_HOME/keepsake/config"
for i in {1..40}; do
    head -c 100000 /dev/urandom | perl -MCompress::Zlib -0777 -ne '
        sub chunk { my ($t, $d) = @_; pack("N", length $d) . $t . $d . pack("N", crc32($t . $d)) }
        my ($data, $rows) = ($_, "");
        $rows .= "\0" . substr $data, $_ * 540, 540 for 0 .. 179;
        print "\x89PNG\r\n\x1a\n", chunk("IHDR", pack("NNC5", 180, 180, 8, 2, 0, 0, 0)),
            chunk("IDAT", compress($rows)), chunk("IEND", "")' >"photos/noise$i.png"
done
run --gallery gallery.db -q index photos
is "$status" 0 "a bound of 1 MB, in the config file"
run --gallery gallery.db --json status
is "$(json '$_->{thumbnail_bytes} <= 1e6 && $_->{thumbnail_bytes} > 5e5' <<<"$out")" 1 "the limit of the cache holds"
(($(stat -c %s $thumbs) < 1300000))
ok $? "on disk: $(stat -c %s $thumbs) bytes"
done_testing
