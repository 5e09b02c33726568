#!/bin/bash
# SPDX-License-Identifier: MIT
# A full disk: what reads goes on, thumbnails leave room for the gallery, and sentences say what helps.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh

few_pictures
cd "$work" || exit 1
mkdir disk
if [[ $(id -u) != 0 ]] || ! mount -t tmpfs -o size=3m tmpfs disk 2>/dev/null; then
    echo "1..0 # SKIP a small disk can only be made by root"
    exit 0
fi
trap 'umount "$work/disk"; rm -rf "$work"' EXIT
export KEEPSAKE_GALLERY=$work/disk/gallery.db
fill() { dd if=/dev/zero of=disk/rest bs=4096 2>/dev/null; }

run index photos
is "$status" 0 "a small disk: index, status 0"
like "$err" "the disk is nearly full, and the remaining space is reserved for the gallery" "without thumbnails, and says so"
run status --json
is "$(json '"$_->{photos} $_->{thumbnails}"' <<<"$out")" "4 0" "photos, and no thumbnails"

fill
is "$(df --output=avail disk | tail -1 | tr -d ' ')" 0 "nothing is free"
run search red
is "$status:$(wc -l <<<"$out")" "0:4" "search goes on"
run status
is "$status" 0 "status goes on"
run doctor
is "$status" 0 "doctor goes on"
like "$out" "warn +room +only 0 (B|bytes) are free" "and tells of the room"
run labels
is "$status" 0 "labels are listed"
run export disk/out.keepsake
is "$status $(ls disk/out* 2>/dev/null)" "1 " "an export finds no room: status 1"
like "$err" "nothing was written to disk/out\.keepsake: the disk is full" "says so"
run label photos/red.png Mia
is "$status" 1 "a label cannot be stored: status 1"
like "$err" "the disk is full" "says so"

# The server reads, too.
port=$(perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport')
"$program" serve --no-auth --port "$port" >served 2>&1 & server=$!
wait_until "curl -fs http://127.0.0.1:$port/healthz >/dev/null || ! kill -0 $server 2>/dev/null" "a server on a full disk"
is "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/api/v1/search?q=red")" 200 "a server searches"
is "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/api/v1/photos?limit=4")" 200 "and lists photos"
is "$(curl -s -o thumbnail -w '%{http_code}' "http://127.0.0.1:$port/api/v1/photos/1/thumbnail") $(head -c 3 thumbnail | od -An -tx1)" "200  ff d8 ff" \
    "and shows small pictures"
kill $server 2>/dev/null
wait $server
is "$?" 0 "and ends in order"

# A cache from when there was room gives way.
rm disk/rest
"$program" -q search red >/dev/null 2>&1
dd if=/dev/zero of=disk/gallery.db.thumbs bs=1M count=1 2>/dev/null
fill
run label photos/red.png Mia
is "$status" 0 "a label takes the room of the cache: status 0"
like "$err" "the thumbnails were deleted to free space for the gallery" "and says so"
copies 24 photos/red.png more
run index more
is "$status" 0 "index goes on in it: status 0"
run status --json
is "$(json '$_->{photos}' <<<"$out")" 28 "all photos are in"
done_testing
