#!/bin/bash
# SPDX-License-Identifier: MIT
# The program is built hardened, with the caller's flags, and the same in any folder.
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh

if ! command -v readelf >/dev/null; then
    skip "readelf is not installed"
    done_testing
fi
symbols=$(readelf -sW "$program" | awk '$7 == "UND" { sub(/@.*/, "", $8); print $8 }' | sort -u)
if grep -qE '^__(asan|tsan|ubsan)_' <<<"$symbols"; then
    skip "a sanitizer's build is not hardened: it stops at what hardening would catch"
    done_testing
fi

# ---- the program ----

like "$(readelf -hW "$program")" "Type: +DYN" "it is position-independent"
dynamic=$(readelf -dW "$program")
like "$dynamic" "Flags:.* PIE" "and says so"
like "$dynamic" "BIND_NOW|Flags: NOW" "every symbol is bound at the start"
segments=$(readelf -lW "$program")
like "$segments" "GNU_RELRO" "and the table of them is read-only from then on"
like "$segments" "GNU_STACK +[^ ]+ [^ ]+ [^ ]+ [^ ]+ [^ ]+ RW " "the stack is not executable"
unlike "$segments" "RWE" "no segment can be written and executed"
grep -qx __stack_chk_fail <<<"$symbols"
ok $? "functions have stack canaries"
checked=$(grep -cE '^__(memcpy|snprintf|vsnprintf|fprintf|printf)_chk$' <<<"$symbols")
[[ $checked -ge 3 ]]
ok $? "FORTIFY: the C library's checked functions are called ($checked of 5)"

# The C library's own start files decide whether the linked program keeps this note, so an object is asked.
objects=$(dirname "$program")/../obj
if [[ ! -e $objects/cli/main.o ]]; then
    skip "$program is not in its build folder: objects are not there to be read"
elif [[ $(uname -m) == x86_64 ]]; then
    like "$(readelf -n "$objects/cli/main.o")" "IBT, SHSTK" "indirect branches and returns are guarded (CET)"
elif [[ $(uname -m) == aarch64 ]]; then
    like "$(readelf -n "$objects/cli/main.o")" "BTI, PAC" "indirect branches and returns are guarded (BTI, PAC)"
else
    skip "no branch protection is known for $(uname -m)"
fi

# ---- the same program in any folder ----

unlike "$(strings -a "$program" | grep -F "$PWD/")" . "the folder it was built in is not named in it"

# make_in FOLDER ARGUMENT...: the tree's Makefile there, with nothing of what runs this test.
caller=()
make_in() {
    env -u CC -u AR -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MODE -u BUILD -u CFLAGS -u CPPFLAGS -u LDFLAGS \
        "${caller[@]}" make -C "$@"
}

for folder in "$work/one" "$work/the second"; do
    mkdir -p "$folder/web" "$folder/places"
    cp -r Makefile tools src "$folder/"
    cp places/build.mjs places/package-lock.json "$folder/places/"
    make_in "$folder" build/release/obj/{base/error,base/text,server/openapi}.o >"$work/log" 2>&1
    ok $? "objects are made in $folder" || sed 's/^/# /' "$work/log"
done
for object in base/error base/text server/openapi; do
    cmp "$work/one/build/release/obj/$object.o" "$work/the second/build/release/obj/$object.o"
    ok $? "$object.o is the same in both folders"
done

# ---- the caller's flags ----

producer() { readelf --debug-dump=info "$work/one/build/release/obj/$1" 2>/dev/null | sed -n 's/.*DW_AT_producer *: *//p' | head -1; }

# As dpkg-buildflags gives them, by the environment.
caller=(CFLAGS='-g1 -O1 -fno-strict-aliasing' CPPFLAGS='-Wdate-time -D_FORTIFY_SOURCE=2' LDFLAGS='-Wl,-z,defs')
make_in "$work/one" build/release/obj/base/error.o >"$work/log" 2>&1
ok $? "an object with a caller's flags" || sed 's/^/# /' "$work/log"
made=$(producer base/error.o)
like "$made" "-O1" "their optimisation wins"
like "$made" "-fno-strict-aliasing" "their CFLAGS are there"
like "$made" "-std=gnu17" "the language stays what the sources are written in"
like "$made" "-fstack-protector-strong" "and the hardening"
commands=$(make_in "$work/one" -n build/release/bin/keepsake 2>&1)
like "$commands" "-Isrc .*-Wdate-time -D_FORTIFY_SOURCE=2 .*-o build/release/obj/base/text.o" "their CPPFLAGS, after ours"
unlike "$commands" "FORTIFY_SOURCE=3" "their FORTIFY instead of ours"
link=$(grep -F -- '-o build/release/bin/keepsake' <<<"$commands")
like "$link" "-z,now .*-z,defs .*-pthread" "their LDFLAGS, and ours"

# By the command line, which would overrule a plain assignment in the Makefile.
caller=()
commands=$(make_in "$work/one" -n CC=some-cc AR=some-ar CFLAGS=-O0 WERROR= build/release/bin/keepsake 2>&1)
like "$commands" "some-cc .*-Isrc .*-std=gnu17 .*-pthread .*-O0 .*-c src/cli/main.c" "CC and CFLAGS on the command line"
unlike "$commands" "FORTIFY_SOURCE" "no FORTIFY without optimisation"
unlike "$commands" "-Werror" "WERROR= leaves warnings be"
like "$commands" "some-ar rcs" "AR on the command line"

# ---- other flags, another build ----

like "$(make_in "$work/one" -n build/release/obj/base/error.o 2>&1)" "-c src/base/error.c" "other flags build an object anew"
make_in "$work/one" build/release/obj/base/error.o >"$work/log" 2>&1
like "$(make_in "$work/one" -n build/release/obj/base/error.o 2>&1)" "up to date" "the same flags do not"
done_testing
