#!/bin/bash
# SPDX-License-Identifier: MIT
# The memory of all decodes together stays within the budget, whatever the files weigh: index with more
# threads than pictures fit, 16 uploads at once. KEEPSAKE_TEST_LONG=1 takes 13,000 x 13,000 pixels and the
# default budget (half a gigabyte each, a minute of processor time).
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh

tool=tests/cli/decode_memory.py
if ! command -v python3 >/dev/null; then echo "1..0 # SKIP python3 is not installed" && exit; fi
if [[ $program != */release/* ]]; then echo "1..0 # SKIP sanitizers take memory of their own" && exit; fi
export KEEPSAKE_GALLERY=$work/gallery.db KEEPSAKE_MODEL=mini

side=4500 too_large=7000 budget=128
if [[ ${KEEPSAKE_TEST_LONG:-} ]]; then side=13000 too_large=18000 budget=; fi
[[ ! $budget ]] || export KEEPSAKE_DECODE_MEMORY=$budget
budget_mib=$((${budget:-1611} * 1000000 / 1048576))

mkdir "$work/small" "$work/large" "$work/too_large"
python3 $tool make 40 8 "$work/small"
python3 $tool make $side 8 "$work/large"
python3 $tool make $too_large 1 "$work/too_large"

read -r base status <<<"$(python3 $tool peak "$program" -q index --threads 8 "$work/small")"
is "$status" 0 "eight small pictures: $base MiB"
read -r most status <<<"$(python3 $tool peak "$program" -q index --threads 8 "$work/large")"
is "$status" 0 "eight pictures of $side x $side: $most MiB"
((most - base < budget_mib))
ok $? "of it $((most - base)) MiB for decoding, within the budget of $budget_mib"
run index "$work/too_large"
is "$status" 3 "a picture that is larger than the whole budget: a failure"
like "$err" "$too_large-0.png: .*(would take|claims)" "with a clear sentence: ${err##*: }"
run status
like "$out" "photos +9|photos +16" "all others are there"

# ---- more pixels than may be held at once: made smaller while they are decoded ----

mkdir "$work/huge"
python3 - "$work/huge" <<'END'
import struct, sys, zlib

def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

width, height = 17000, 16000
rows = zlib.compress(bytes(height * (1 + (width + 7) // 8)), 1)
with open(sys.argv[1] + "/huge.png", "wb") as file:
    file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
               + chunk(b"IDAT", rows) + chunk(b"IEND", b""))
END
python3 -c 'import sys; sys.stdout.buffer.write(b"P5 17000 16000 255\n" + bytes(17000 * 16000))' |
    cjpeg -quality 50 >"$work/huge/huge.jpg"
run --gallery "$work/huge.db" index "$work/huge"
is "$status" 0 "272 million pixels of PNG and JPEG within ${budget:-1611} MB"
like "$("$program" --gallery "$work/huge.db" status)" "photos +2" "both are there"

# ---- uploads ----

port=$(perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport')
export KEEPSAKE_TOKEN=0123456789abcdef0123456789abcdef
"$program" -q serve --port "$port" >"$work/served" 2>&1 &
server=$!
wait_for_line "$work/served" .
url="http://127.0.0.1:$port/api/v1/search?limit=1"
read -r base statuses <<<"$(python3 $tool upload "$url" $KEEPSAKE_TOKEN 4 "$work/small/40-0.png" $server)"
is "$statuses" "200 200 200 200" "four small uploads: $base MiB"
read -r most statuses <<<"$(python3 $tool upload "$url" $KEEPSAKE_TOKEN 16 "$work/large/$side-0.png" $server)"
is "$statuses" "$(for ((i = 0; i < 16; i++)); do echo 200; done | xargs)" "16 uploads of $side x $side at once: $most MiB"
((most - base < budget_mib))
ok $? "of it $((most - base)) MiB for decoding, within the budget of $budget_mib"
kill $server
wait $server
is "$?" 0 "the server stops as ever"

done_testing
