#!/bin/bash
# SPDX-License-Identifier: MIT
# How the page gets into the program: the table of src/server/assets.h, with and without npm.
# shellcheck source=tests/web/lib.sh
. tests/web/lib.sh
release_only
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=0 failed=0

ok() { # STATUS NAME
    count=$((count + 1))
    if [[ $1 == 0 ]]; then echo "ok $count - $2"; else echo "not ok $count - $2" && failed=1; fi
}
compiles() { gcc -std=gnu17 -Wall -Wextra -Werror -Isrc -c "$1/assets.c" -o "$1/assets.o" 2>"$1/gcc"; }

# A PATH with what the script needs, and without node.
mkdir "$work/bin"
for tool in sh dirname mkdir cat; do ln -s "$(command -v $tool)" "$work/bin/$tool"; done
PATH=$work/bin tools/build-web "$work/without" 2>"$work/said"
ok $? "without node: no failure"
[[ $(wc -l <"$work/said") == 1 && $(cat "$work/said") == *"the page is left out"* ]]
ok $? "it says so in one line"
compiles "$work/without"
ok $? "an empty table, which compiles"

if [[ -d web/node_modules/esbuild ]] && command -v node >/dev/null; then
    tools/build-web "$work/one" >/dev/null && tools/build-web "$work/two" >/dev/null
    ok $? "with npm's packages: the page is bundled"
    compiles "$work/one"
    ok $? "the table compiles"
    cmp -s <(sed "s,$work/one,," "$work/one/assets.c") <(sed "s,$work/two,," "$work/two/assets.c")
    ok $? "twice the same"
    hash=$(sha256sum "$work/one/files/web_asset_0.bin" | cut -c1-16)
    grep -q "web_asset_0, .*\"$hash\", 1}" "$work/one/assets.c"
    ok $? "ETags are the beginning of the content's SHA-256"
    gzip -dc <"$work/one/files/web_asset_0_gzip.bin" | cmp -s - "$work/one/files/web_asset_0.bin"
    ok $? "what is compressed unpacks to the same"
    page=$(sed -n 's|.*{"/", "text/html[^"]*", \(web_asset_[0-9]*\),.*|\1|p' "$work/one/assets.c")
    ! grep -qE '<style|<script>| style=| on[a-z]+=|https?://' "$work/one/files/$page.bin"
    ok $? "the document has no inline script or style and names no other host"
    manifest=$(sed -n 's|.*{"/\(manifest-[^"]*\)", "application/manifest+json", \(web_asset_[0-9]*\),.*|\1 \2|p' "$work/one/assets.c")
    grep -q "rel=\"manifest\" href=\"${manifest% *}\"" "$work/one/files/$page.bin"
    ok $? "the document names its manifest"
    missing=$(node -e 'for (const { src } of JSON.parse(require("fs").readFileSync(process.argv[1])).icons) console.log(src)' \
        "$work/one/files/${manifest#* }.bin" | while read -r src; do grep -q "{\"/$src\"" "$work/one/assets.c" || echo "$src"; done)
    [[ -n $manifest && -z $missing ]]
    ok $? "and that its icons, which are there${missing:+: not $missing}"
    ! grep -qaE '\beval\(|new Function\(' "$work/one"/files/web_asset_0.bin
    ok $? "the script evaluates no text"
    total=$(cat "$work/one"/files/*_gzip.bin | wc -c)
    [[ $total -lt 125000 ]]
    ok $? "all of the page is $total bytes on the wire, less than 125,000 (15,000 of them the map, where it is shown)"
else
    count=$((count + 1))
    echo "ok $count # SKIP npm's packages of web/ are not installed"
fi
echo "1..$count"
exit $failed
