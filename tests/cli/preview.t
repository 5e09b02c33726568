#!/bin/bash
# SPDX-License-Identifier: MIT
# Pictures on the terminal: `script` is the terminal, and what arrives there is decoded again.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh

if ! command -v script >/dev/null; then
    skip "there is no script(1) to stand for a terminal"
    done_testing
fi
few_pictures
cd "$work" || exit 1
"$program" -q index photos >/dev/null
unset TERM_PROGRAM LC_TERMINAL KITTY_WINDOW_ID TMUX STY KEEPSAKE_PREVIEW

on_terminal() { # VARIABLE=VALUE... ARGUMENT...: what a terminal of that kind gets, in ./shown
    local variables=()
    while [[ $1 == *=* ]]; do
        variables+=("$1")
        shift
    done
    script -qec "stty cols 100 rows 40; env ${variables[*]} $program -q $*" shown </dev/null >/dev/null
}
shown() { tr -d '\r' <shown; }

# png_pixels FILE: "WIDTH HEIGHT HEX" of an 8-bit RGB or palette PNG, with PNG's own filters undone.
png_pixels() {
    perl -MCompress::Zlib -0777 -ne '
        my ($at, $idat, $palette, @size) = (8, "", "");
        while ($at < length) {
            my ($length, $type) = unpack "N a4", substr $_, $at;
            my $data = substr $_, $at + 8, $length;
            @size = unpack "NNCC", $data if $type eq "IHDR";
            $palette = $data if $type eq "PLTE";
            $idat .= $data if $type eq "IDAT";
            $at += 12 + $length;
        }
        my ($width, $height, $bits, $kind) = @size;
        die "not 8 bits" if $bits != 8;
        my $bytes = $kind == 2 ? 3 : 1;
        my @rows = unpack "(a" . (1 + $width * $bytes) . ")*", uncompress($idat);
        my @above = (0) x ($width * $bytes);
        my $hex = "";
        for (@rows) {
            my ($filter, @row) = unpack "C*", $_;
            for my $i (0 .. $#row) {
                my $left = $i >= $bytes ? $row[$i - $bytes] : 0;
                my $corner = $i >= $bytes ? $above[$i - $bytes] : 0;
                my $p = $left + $above[$i] - $corner;
                my ($l, $u, $c) = (abs $p - $left, abs $p - $above[$i], abs $p - $corner);
                my $paeth = $l <= $u && $l <= $c ? $left : $u <= $c ? $above[$i] : $corner;
                my @guess = (0, $left, $above[$i], ($left + $above[$i]) >> 1, $paeth);
                $row[$i] = ($row[$i] + $guess[$filter]) & 255;
            }
            @above = @row;
            $hex .= unpack "H*", $kind == 3 ? join "", map { substr $palette, 3 * $_, 3 } @row : pack "C*", @row;
        }
        print "$width $height $hex\n";' "$1"
}

kitty_png() { shown | perl -0777 -ne 'print join "", /\e_G[^;]*;([^\e]*)\e\\/g' | base64 -d; }
square=$(png_pixels photos/blue.png)

on_terminal TERM=xterm-kitty search --like photos/blue.png
kitty_png >kitty.png
is "$(png_pixels kitty.png)" "$square" "kitty: the best photo, pixel by pixel"
is "$(shown | grep -ao $'\e_Ga=T' | wc -l)" 1 "and only that"
is "$(shown | grep -acE '^[1-4]  .*photos/')" 4 "with the list of all"
like "$(shown | grep -a -A1 'blue.png')" $'blue.png\n\e_G' "below its line"
for kind in TERM=xterm-ghostty "TERM=xterm TERM_PROGRAM=ghostty" "TERM=xterm-256color KITTY_WINDOW_ID=1"; do
    # shellcheck disable=SC2086 # a list of words
    on_terminal $kind search --like photos/blue.png
    kitty_png >kitty.png
    is "$(png_pixels kitty.png)" "$square" "$kind: the same"
done
on_terminal TERM=xterm-kitty search --pictures red
is "$(shown | grep -ao $'\e_Ga=T' | wc -l)" 4 "--pictures: every photo"

for kind in "TERM=xterm TERM_PROGRAM=iTerm.app" "TERM=xterm TERM_PROGRAM=WezTerm" "TERM=xterm LC_TERMINAL=iTerm2" \
    "TERM=xterm KEEPSAKE_PREVIEW=iterm"; do
    # shellcheck disable=SC2086
    on_terminal $kind search --like photos/blue.png
    shown | perl -0777 -ne '/\e\]1337;File=inline=1;size=\d+;width=40px;height=40px:([^\a]*)\a/ and print $1' |
        base64 -d >iterm.jpg
    if command -v djpeg >/dev/null; then
        # The ground of the picture is (20, 30, 210).
        is "$(djpeg -pnm iterm.jpg | perl -0777 -ne '
            /^P6\s(\d+) (\d+)\s255\s/g; my @px = unpack "C*", substr $_, pos;
            print "$1 $2 ", abs($px[0] - 20) < 4 && abs($px[1] - 30) < 4 && abs($px[2] - 210) < 4')" \
            "40 40 1" "$kind: an inline image"
    else
        skip "djpeg (libjpeg-turbo-progs) is not installed"
    fi
done

on_terminal TERM=xterm search --preview sixel --like photos/blue.png
shown | perl -0777 -ne '/(\eP.*?\e\\)/s and print $1' >six
if command -v sixel2png >/dev/null; then
    sixel2png <six >six.png 2>/dev/null
    png_pixels six.png >six.txt
    # A colour is a percentage in sixels: 2.55 steps.
    is "$(perl -e '
        my ($w, $h, $got) = split " ", <STDIN>; my @got = unpack "C*", pack "H*", $got;
        my ($ww, $hh, $want) = split " ", shift; my @want = unpack "C*", pack "H*", $want;
        my $most = 0; for (0 .. $#want) { my $off = abs $got[$_] - $want[$_]; $most = $off if $off > $most }
        print "$w $h ", @got == @want && $most <= 2 ? "same" : "$most off"' "$square" <six.txt)" \
        "40 40 same" "sixel: libsixel reads the same picture"
else
    skip "sixel2png (libsixel-bin) is not installed"
fi

# A terminal that is asked what it can do.
answer_with() { # ANSWER
    rm -f shown keys
    mkfifo keys
    script -qfec "stty cols 100 rows 40; env TERM=xterm $program -q search red" shown <keys >/dev/null &
    local terminal=$!
    exec 9>keys
    wait_for_line shown $'\e\\[c'
    printf '%b' "$1" >&9
    wait $terminal
    exec 9>&-
}
answer_with '\033[?62;4;22c'
like "$(shown)" $'\eP0;1;0q"1;1;40;40#' "a terminal that says it has sixels gets them"
unlike "$(shown)" '\?62;4' "its answer is not shown"
answer_with '\033[?62;22c'
unlike "$(shown)" $'\eP' "one that says no gets none"
like "$(shown)" "photos/red.png" "but the list"

plain() { # NAME VARIABLE=VALUE... ARGUMENT...
    local name=$1
    shift
    on_terminal "$@"
    unlike "$(shown)" $'\e[P_]' "$name: no picture"
    like "$(shown)" "photos/blue.png" "$name: the list"
}
plain "TERM=dumb" TERM=dumb KITTY_WINDOW_ID=1 search red
plain "--preview off" TERM=xterm-kitty search --preview off red
plain "KEEPSAKE_PREVIEW=off" TERM=xterm-kitty KEEPSAKE_PREVIEW=off search red
plain "--json" TERM=xterm-kitty search --json red
plain "inside tmux, which is asked" TERM=screen TMUX=/tmp/x KITTY_WINDOW_ID=1 search red
echo "preview = off" >"$XDG_CONFIG_HOME/keepsake/config"
plain "the config file" TERM=xterm-kitty search red
rm "$XDG_CONFIG_HOME/keepsake/config"
TERM=xterm-kitty run -q search --preview kitty --pictures red
unlike "$out" $'\e' "not on a terminal: no picture, whatever is asked for"
fails 2 "--preview must be auto, off, kitty, iterm or sixel, not 'ascii'" "an unknown kind" search --preview ascii red

rm photos/blue.png
script -qec "env TERM=xterm-kitty $program search --like photos/green.png -k 4 --pictures" shown </dev/null >/dev/null
like "$(shown)" "no picture: cannot open .*/photos/blue.png: No such file" "a photo that is gone: a remark"
like "$(shown)" "photos/trip/grey.png" "and the rest of the list"
done_testing
