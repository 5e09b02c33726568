#!/bin/bash
# SPDX-License-Identifier: MIT
# What is in the program's memory stays there: no core files, no looks from other programs; and all works so for
# a user who is not root.
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh

if readelf -sW "$program" | grep -qE ' __(asan|tsan)_init'; then
    skip "a sanitizer's build may be looked into"
    done_testing
fi

few_pictures
chmod 755 "$work"
copy=$work/place/bin
mkdir -p "$copy" "$work/place/share"
cp "$program" "$copy/keepsake"
cp -rL "$(dirname "$program")/../share/keepsake" "$work/place/share/"

# as_user COMMAND...: as nobody when the test runs as root.
if [[ $(id -u) == 0 ]] && command -v setpriv >/dev/null; then
    chown -R nobody: "$work"
    as_user() { setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"; }
else
    as_user() { "$@"; }
fi

# ---- everything works ----

keepsake() { as_user "$copy/keepsake" "$@"; }
if ! keepsake version >/dev/null 2>&1; then
    skip "user nobody cannot reach $work"
    done_testing
fi
keepsake -q index "$work/photos" >/dev/null 2>&1
is "$?" 0 "index finds the models beside the program"
out=$(keepsake search --json red 2>&1)
is "$?" 0 "search" || echo "# $out"
out=$(keepsake doctor 2>&1)
is "$?" 0 "doctor" || echo "# $out"

# ---- core files and looks ----

# crash [VARIABLE=VALUE]: starts mcp, asks it something, looks at it, ends it with SIGSEGV; prints what it saw:
# whether another process of the user could read its memory, and whether a core was written.
crash() {
    # shellcheck disable=SC2016 # Perl
    as_user env "$@" bash -c 'ulimit -c unlimited; cd "$1"; exec perl -MIPC::Open2 -e '\''
        my $pid = open2(my $from, my $to, $ARGV[0], "mcp");
        print $to qq({"jsonrpc":"2.0","id":1,"method":"ping"}\n);
        <$from>;
        open my $limits, "<", "/proc/$pid/limits" or die;
        my ($core) = grep { s/^Max core file size +(\S+) .*/$1/s } <$limits>;
        print "limit=$core looks=", (sysopen(my $memory, "/proc/$pid/mem", 0) ? 1 : 0), " ";
        kill SEGV => $pid;
        waitpid $pid, 0;
        print "signal=", $? & 127, " core=", $? & 128 ? 1 : 0, "\n"'\'' "$2"' - "$work/place" "$copy/keepsake"
}

seen=$(crash KEEPSAKE_DUMPABLE=0)
like "$seen" "limit=0 looks=[01] signal=11 core=0" "a crash writes no core"
plain=$(crash KEEPSAKE_DUMPABLE=1)
like "$plain" "limit=(unlimited|[1-9][0-9]*) looks=1 signal=11" "KEEPSAKE_DUMPABLE=1 lets a debugger look"
if [[ $plain == *core=1* ]]; then
    ok 0 "and writes a core, which nothing else hindered"
else
    skip "this machine writes no cores anyway: $plain"
fi
if [[ $(id -u) != 0 ]] || command -v setpriv >/dev/null; then
    like "$seen" "looks=0" "another program of the same user cannot read its memory"
else
    skip "root may read everything"
fi
rm -f "$work"/place/core*
like "$(<packaging/keepsake@.service)" $'\n'"LimitCORE=0"$'\n' "the service writes no cores either"
done_testing
