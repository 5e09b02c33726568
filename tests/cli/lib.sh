# SPDX-License-Identifier: MIT
# Shared by the command line's tests, which print TAP; sourced by bash scripts in tests/cli.
# shellcheck shell=bash
#
#   run search a dog     runs the program: $out, $err, $status
#   ok, is, like, unlike one check each
#   json EXPR            each line of stdin is an object $_ (or an array of them); prints the Perl
#                        expression's value
#   wait_until, ...      tests/wait.sh
#
# The program is $KEEPSAKE (default build/release/bin/keepsake). Every test has a home of its own.
set -u
# shellcheck source=tests/wait.sh
. tests/wait.sh
# shellcheck source=tests/sanitized.sh
. tests/sanitized.sh

program=$(realpath "${KEEPSAKE:-build/release/bin/keepsake}")
# shellcheck disable=SC2034 # for the tests
shared=$(realpath -m "${KEEPSAKE_SHARED:-../shared}")
work=$(realpath "$(mktemp -d)")
trap 'rm -rf "$work"' EXIT
if [[ ! -x $program ]]; then
    echo "Bail out! $program is not there: make"
    exit 1
fi

unset KEEPSAKE_GALLERY KEEPSAKE_MODEL KEEPSAKE_PRECISION KEEPSAKE_THREADS KEEPSAKE_DATA KEEPSAKE_CPU
unset KEEPSAKE_LEASE KEEPSAKE_PREVIEW KEEPSAKE_THUMBNAILS_MAX NO_COLOR HF_TOKEN COLUMNS
export HOME=$work/home XDG_DATA_HOME=$work/data XDG_CONFIG_HOME=$work/config XDG_CACHE_HOME=$work/cache LC_ALL=C.UTF-8
export HF_ENDPOINT=http://127.0.0.1:9 # nothing answers there: no test reaches the network
export OMP_WAIT_POLICY=passive # several tests run at once: threads that wait must not spin
mkdir -p "$HOME" "$XDG_CONFIG_HOME/keepsake"

tap_count=0
tap_failed=0
tap_file=${0##*/}
tap_subject=
tap_sections=$(grep -nE '^# ---- .+ ----$' "$0") # lines "number:# ---- title ----"

# Sets `title` to the title of the section of the test's file that the current check is in.
find_title() {
    local line=${BASH_LINENO[${#BASH_LINENO[@]} - 2]} section
    title=
    while IFS= read -r section && [[ -n $section && ${section%%:*} -lt $line ]]; do
        title=${section#*# ---- }
    done <<<"$tap_sections"
    title=${title% ----}
}

# A line stands alone: it begins with the name of the test's file and the title of its section, and a name such
# as "and says so" follows the name that it continues. tap.h and tap.mjs have the same list of words.
ok() { # STATUS NAME
    local name=$2 title
    find_title
    tap_count=$((tap_count + 1))
    if [[ -n $tap_subject ]] && [[ $name =~ ^(and|but|or|nor|so|then|which|who|says|also|still|again|it|its|they|their|likewise)\  || $name == ...* ]]; then
        name="$tap_subject: $name"
    else
        tap_subject=$name
    fi
    [[ -z $title || $name == "$title"* ]] || name="$title: $name"
    if [[ $1 == 0 ]]; then
        echo "ok $tap_count - ${tap_file%.t}: $name"
    else
        echo "not ok $tap_count - ${tap_file%.t}: $name"
        tap_failed=$((tap_failed + 1))
    fi
    return "$1"
}

is() { # GOT WANT NAME
    [[ $1 == "$2" ]]
    ok $? "$3" || printf "# got  '%s'\n# want '%s'\n" "${1//$'\n'/$'\n# '}" "${2//$'\n'/$'\n# '}"
}

like() { # GOT REGEX NAME
    [[ $1 =~ $2 ]]
    ok $? "$3" || printf "# got  '%s'\n# want /%s/\n" "${1//$'\n'/$'\n# '}" "$2"
}

unlike() { # GOT REGEX NAME
    ! [[ $1 =~ $2 ]]
    ok $? "$3" || printf "# got  '%s'\n# must not be like /%s/\n" "${1//$'\n'/$'\n# '}" "$2"
}

skip() { # WHY
    tap_count=$((tap_count + 1))
    echo "ok $tap_count # SKIP $1"
}

done_testing() {
    echo "1..$tap_count"
    exit $((tap_failed > 0))
}

run() {
    "$program" "$@" >"$work/stdout" 2>"$work/stderr" </dev/null
    status=$?
    out=$(<"$work/stdout")
    err=$(<"$work/stderr")
}

# fails STATUS REGEX NAME ARGUMENT...: nothing on stdout, and one sentence (and usage, for 2) on
# stderr.
fails() {
    local want=$1 regex=$2 name=$3
    shift 3
    run "$@"
    is "$status" "$want" "$name: status $want"
    like "$err" "keepsake: $regex" "$name: says so"
    is "$out" "" "$name: nothing on stdout"
}

json() {
    perl -MJSON::PP -e '
        binmode STDOUT, ":utf8";
        my $expression = shift;
        while (my $line = <STDIN>) {
            my $objects = JSON::PP->new->utf8->decode($line);
            for (ref $objects eq "ARRAY" ? @$objects : $objects) {
                ref $_ eq "HASH" or die "not an object: $line";
                my $value = eval $expression;
                die $@ if $@;
                print defined $value ? ref $value && ref $value ne "JSON::PP::Boolean" ? JSON::PP->new->canonical->encode($value) : $value : "(none)", "\n";
            }
        }' "$1"
}

# picture FILE RED GREEN BLUE [SIDE [DATE]]: a PNG with a bright square on a ground of that colour,
# taken at DATE ("2019:07:04 18:30:05", in its EXIF).
picture() {
    perl -MCompress::Zlib -e '
        my ($file, $red, $green, $blue, $side, $date) = @ARGV;
        sub chunk { my ($type, $data) = @_; pack("N", length $data) . $type . $data . pack("N", crc32($type . $data)) }
        my $rows = "";
        for my $y (0 .. $side - 1) {
            $rows .= "\0" . join "", map { abs($_ - $side / 2) + abs($y - $side / 2) < $side / 4
                ? pack("C3", 255, 255, 200) : pack("C3", $red, $green, $blue) } 0 .. $side - 1;
        }
        open my $out, ">:raw", $file or die "$file: $!";
        print $out "\x89PNG\r\n\x1a\n", chunk("IHDR", pack("NNC5", $side, $side, 8, 2, 0, 0, 0)),
            $date ? chunk("eXIf", pack("a2 vV v vvVV V v vvVV V Z20", "II", 42, 8, 1, 0x8769, 4, 1, 26, 0,
                1, 0x9003, 2, 20, 44, 0, $date)) : (),
            chunk("IDAT", compress($rows)), chunk("IEND", "");
        close $out or die "$file: $!";' "$1" "$2" "$3" "$4" "${5:-40}" "${6:-}"
}

# copies N PICTURE FOLDER: files of different content that show the same picture.
copies() {
    mkdir -p "$3"
    for ((i = 1; i <= $1; i++)); do
        cp "$2" "$3/$i.png"
        echo "$i" >>"$3/$i.png" # after the picture's end: decoders do not look there
    done
}

# Four pictures in $work/photos.
few_pictures() {
    mkdir -p "$work/photos/trip"
    picture "$work/photos/red.png" 200 20 20
    picture "$work/photos/green.png" 20 180 40
    picture "$work/photos/blue.png" 20 30 210
    picture "$work/photos/trip/grey.png" 120 120 120
}
