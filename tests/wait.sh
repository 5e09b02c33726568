# SPDX-License-Identifier: MIT
# Waiting in shell scripts: for an event, never for a time. CONTRIBUTING.md, "How a test waits".
# Sourced by tests/cli/lib.sh; works alone, too.
# shellcheck shell=bash
#
#   wait_until CONDITION           until this command line succeeds
#   wait_for_line FILE REGEX       until a growing file has such a line (as grep -E reads it)
#   type_at COMMAND [REGEX LINE]...   runs a command line on a terminal and types each LINE once what it
#                                  has shown since the last one matches REGEX (Perl's); prints all that
#                                  it showed
#
# Each gives up after $patience_s seconds, says so, and fails.
patience_s=120 # a machine may be busy; a test that passes never waits as long

wait_until() { # CONDITION [WHAT]
    local end=$((SECONDS + patience_s))
    until eval "$1"; do
        if ((SECONDS > end)); then
            echo "# waited $patience_s s in vain for: ${2:-$1}"
            return 1
        fi
        sleep 0.02
    done
}

# shellcheck disable=SC2016,SC2034 # for eval
wait_for_line() {
    local file=$1 regex=$2
    wait_until 'grep -qasE -e "$regex" "$file"' "a line like /$2/ in $1"
}

type_at() {
    perl -e '
        use strict;
        my ($patience_s, $command, @typed) = @ARGV;
        pipe my $keys, my $typist or die $!;
        pipe my $screen, my $shown or die $!;
        my $child = fork // die $!;
        if (!$child) {
            open STDIN, "<&", $keys; open STDOUT, ">&", $shown; open STDERR, ">&", $shown;
            close $_ for $keys, $typist, $screen, $shown;
            exec "script", "-qefc", $command, "/dev/null" or exit 127;
        }
        close $keys; close $shown;
        $SIG{ALRM} = sub { print "# waited $patience_s s in vain for: $typed[0]\n"; kill TERM => $child; exit 1 };
        $SIG{PIPE} = "IGNORE";
        my ($all, $from) = ("", 0);
        while (1) {
            alarm $patience_s;
            last unless sysread $screen, $all, 4096, length $all;
            while (@typed && substr($all, $from) =~ /$typed[0]/) {
                $from = length $all;
                syswrite $typist, "$typed[1]\n";
                splice @typed, 0, 2;
            }
        }
        alarm 0;
        waitpid $child, 0;
        print $all =~ tr/\r//dr;
        exit $? >> 8;' "$patience_s" "$@"
}
