# SPDX-License-Identifier: MIT
# Shared by the tests of ask; sourced after tests/cli/lib.sh.
# shellcheck shell=bash disable=SC2154,SC2016 # what tests/cli/lib.sh sets; JavaScript in quotes
#
#   need_stand_in          starts tests/llm/stand_in.mjs, or ends the test with a SKIP
#   few_photos             real photos with EXIF in $work/photos, indexed; or ends with a SKIP
#   ask SCENARIO ARG...    keepsake ask, with the stand-in playing that scenario: $out, $err, $status
#   asked SCENARIO EXPR    each request that the stand-in got is an object $_; prints the expression
#   let_go SCENARIO        a reply with the option hold=N goes on: tests/llm/holds.mjs

unset "${!ANTHROPIC_@}" "${!OPENAI_@}" "${!OLLAMA_@}" "${!AWS_@}" "${!GOOGLE_@}" "${!KEEPSAKE_LLM@}"
unset KEEPSAKE_PROVIDER KEEPSAKE_EFFORT KEEPSAKE_ASK_CONSENT CLOUD_ML_REGION
export XDG_STATE_HOME=$work/state KEEPSAKE_MODEL=mini
export KEEPSAKE_ASK_CONSENT=yes # consent.t is about it
key=sk-ant-stand-in

leave() { # WHY
    skip "$1"
    done_testing
}

need_stand_in() {
    command -v node >/dev/null || leave "node is not installed"
    coproc stand_in { exec node tests/llm/stand_in.mjs 2>"$work/stand_in.log"; }
    local word
    read -r word port <&"${stand_in[0]}" || word=none
    [[ $word == PORT ]] || { cat "$work/stand_in.log" && leave "the stand-in does not start"; }
    at=http://127.0.0.1:$port
}

# exif FILE ORIENTATION TAKEN NEW: a copy of a JPEG with a camera, a date and a place in it.
exif() {
    perl -e '
        use strict;
        my ($file, $orientation, $taken, $new) = @ARGV;
        open my $in, "<:raw", $file or die "$file: $!";
        my $jpeg = do { local $/; <$in> };
        my @main = ([0x10F, 2, "Kodak\0"], [0x110, 2, "No. 2 \"Brownie\"\0"], [0x112, 3, $orientation]);
        my @more = ([0x9003, 2, "$taken\0"]);
        my @place = ([1, 2, "N\0"], [2, 5, [48, 51, 30]], [3, 2, "E\0"], [4, 5, [2, 17, 40]]);
        my $at = 8;
        my $directory = sub {
            my ($next, @entries) = @_;
            my $values = $at + 2 + 12 * @entries + 4;
            my ($table, $data) = (pack("n", scalar @entries), "");
            for (@entries) {
                my ($tag, $type, $value) = @$_;
                my ($n, $bytes) = $type == 3 ? (1, pack("nn", $value, 0))
                    : $type == 4 ? (1, pack("N", $value))
                    : $type == 5 ? (3, pack("N6", map { ($_, 1) } @$value)) : (length $value, $value);
                if (length $bytes <= 4) { $table .= pack("nnN", $tag, $type, $n) . substr($bytes . "\0" x 4, 0, 4) }
                else { $table .= pack("nnNN", $tag, $type, $n, $values + length $data); $data .= $bytes }
            }
            my $all = $table . pack("N", 0) . $data;
            $all .= "\0" if length($all) % 2;
            return $all;
        };
        # The first directory points to the others: lengths do not depend on the values.
        my $size = length $directory->(0, @main, [0x8769, 4, 0], [0x8825, 4, 0]);
        my $exif_at = 8 + $size;
        $at = $exif_at; my $exif = $directory->(0, @more);
        my $place_at = $exif_at + length $exif;
        $at = $place_at; my $gps = $directory->(0, @place);
        $at = 8; my $first = $directory->(0, @main, [0x8769, 4, $exif_at], [0x8825, 4, $place_at]);
        my $block = "Exif\0\0MM\0*" . pack("N", 8) . $first . $exif . $gps;
        open my $out, ">:raw", $new or die "$new: $!";
        print $out "\xFF\xD8\xFF\xE1" . pack("n", 2 + length $block) . $block . substr($jpeg, 2);
        close $out or die;' "$@"
}

# Photos of the split "test" whose captions speak of a dog, and as many others.
few_photos() {
    local from=$shared/photos/flickr8k-300 name n=0
    [[ -d $from/images ]] || leave "no reference photos in $shared"
    mkdir -p "$work/photos/dogs" "$work/photos/others"
    while read -r name; do
        n=$((n + 1))
        exif "$from/images/$name" 1 "2019:07:$(printf %02d $n) 18:30:05" "$work/photos/dogs/$n.jpg"
    done < <(grep -P '\ttest\t.*\bdog\b' "$from/captions.tsv" | cut -f1 | uniq | head -12)
    while read -r name; do
        n=$((n + 1))
        cp "$from/images/$name" "$work/photos/others/$n.jpg"
    done < <(grep -vP '\bdogs?\b' "$from/captions.tsv" | grep -P '\ttest\t' | cut -f1 | uniq | head -8)
    export KEEPSAKE_GALLERY=$work/gallery.db
    "$program" -q index "$work/photos" >/dev/null
}

ask() { # SCENARIO ARGUMENT...
    local scenario=$1
    shift
    ANTHROPIC_API_KEY=$key ANTHROPIC_BASE_URL=$at/$scenario run ask "$@"
}

stand_in_get() { # PATH
    perl -MIO::Socket::INET -e '
        my ($port, $path) = @ARGV;
        my $server = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port") or die "the stand-in is gone: $!";
        print $server "GET $path HTTP/1.0\r\n\r\n";
        local $/;
        print <$server> =~ s/^.*?\r\n\r\n//sr;' "$port" "$1"
}

# The log; pictures as their size and hash.
asked() { # SCENARIO EXPRESSION
    stand_in_get "/_log?segment=$1" | json "$2"
}

let_go() { stand_in_get "/_go?segment=$1" >/dev/null; }

ledger() { # EXPRESSION: of each entry
    "$program" ledger --json | json "$1"
}
