#!/bin/bash
# SPDX-License-Identifier: MIT
# Decoders in a cage: a file that breaks its decoder costs itself, at every door of the command line;
# and what is said of the cage. The program here is build/MODE/tests/cage/faulty, whose decoder does
# what the end of a file says (tests/cage_hook.h).
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh

faulty=${program%/bin/keepsake}/tests/cage/faulty
without=${program%/bin/keepsake}/tests/cage/without
sane=$program
[[ -x $faulty ]] || { echo "1..0 # SKIP $faulty is not there: make build-tests" && exit; }
export KEEPSAKE_GALLERY=$work/gallery.db KEEPSAKE_MODEL=mini

# faulty_picture WORD FILE
faulty_picture() {
    picture "$2" 40 "${#1}" 90
    printf '\nKEEPSAKE-TEST %s\n' "$1" >>"$2"
}

few_pictures
mkdir "$work/bad"
for word in crash abort exit lie babble; do faulty_picture "$word" "$work/bad/$word.png"; done

# ---- index ----

run index "$work/photos"
found() { run search -k 9 --json "a red square" && json 'sprintf "%s %.5f", $_->{path}, $_->{score}' <<<"$out"; }
with=$(found)
program=$faulty
export KEEPSAKE_GALLERY=$work/other.db
mv "$work/bad" "$work/photos/bad"
run index --json "$work/photos"
is "$status" 3 "index: some photos failed" || echo "# $err"
is "$(tail -1 <<<"$out" | json '"$_->{added} $_->{failed}"')" "4 5" "those that break their decoder, and no other"
run status --failures
like "$out" "bad/crash.png: the decoder crashed on it: signal 11" "a crash is a failure with its reason"
like "$out" "bad/abort.png: the decoder crashed on it: signal 6" "an abort, too"
like "$out" "bad/exit.png: the decoder crashed on it: exit status 5" "and an exit"
like "$out" "bad/lie.png: the decoder sent an invalid answer" "and an answer that cannot be"
is "$(found)" "$with" \
    "the others are found as in a gallery that never saw these files"
run index --json "$work/photos"
is "$(tail -1 <<<"$out" | json '"$_->{unchanged} $_->{failed}"')" "4 0" "the next run leaves them alone"

# ---- search --like, embed ----

broken=$work/photos/bad/crash.png
fails 1 ".*bad/crash.png: the decoder crashed on it: signal 11" "search --like" search --like "$broken"
fails 1 ".*bad/crash.png: the decoder crashed on it: signal 11" "embed" embed "$broken"
run embed "$work/photos/red.png"
is "$status" 0 "embed of a sound one works"

# ---- mcp: the photo was indexed while its decoder was sound ----

export KEEPSAKE_GALLERY=$work/third.db
program=$sane
run index "$work/photos"
is "$status" 0 "a sound decoder takes all of them"
run search -k 20 --json "a red square"
ids=$(json '$_->{path} =~ /crash/ ? "crash=$_->{id}" : $_->{path} =~ /red/ ? "red=$_->{id}" : ""' <<<"$out")
eval "$ids"
# view ID NUMBER: a request for a view
view() {
    printf '{"jsonrpc":"2.0","id":%s,"method":"tools/call","params":{"name":"view_photo","arguments":{"id":%s}}}\n' "$2" "$1"
}
hello='{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-03-26","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}'
# shellcheck disable=SC2154 # ids
said=$({ echo "$hello" && view "$crash" 2 && view "$red" 3; } | "$faulty" mcp 2>/dev/null)
like "$(sed -n 2p <<<"$said")" "the decoder crashed on it: signal 11" "view_photo says so"
like "$(sed -n 3p <<<"$said")" '"type":"image"' "and shows the next one"

# ---- no descriptor for a worker: the sentence says which limit ----

program=$work/few
printf '#!/bin/bash\nexec 3<&- 4<&- 5<&- 6<&- 7<&- 8<&- 9<&-\nulimit -n 8\nexec "%s" "$@"\n' "$sane" >"$program"
chmod +x "$program"
fails 1 ".*red.png: cannot start the decoder process: Too many open files; raise its limit.*ulimit -n.*" \
    "too few descriptors" embed "$work/photos/red.png"

program=$sane

# ---- the hidden argument ----

run --decoding-worker
is "$status" 2 "a worker without an owner ends"
like "$err" "keepsake: --decoding-worker is only for keepsake itself" "with a sentence"

# ---- doctor, and machines that cannot build the cage ----

program=$sane
export KEEPSAKE_GALLERY=$work/gallery.db
run doctor
like "$out" "ok    decoders    confined" "doctor tells that decoders are confined"
run index --require-cage "$work/photos"
is "$status" 0 "--require-cage works where they are"
for wall in landlock seccomp; do
    program=$without
    run "$wall" "$sane" doctor
    like "$out" "warn  decoders    not fully confined: .*$wall|Landlock" "without $wall: doctor warns"
    run "$wall" "$sane" embed "$work/photos/red.png"
    is "$status" 0 "without $wall: pictures are decoded"
    is "$err" "" "and nobody is bothered with it"
    for how in option variable; do
        if [[ $how == option ]]; then
            run "$wall" "$sane" embed --require-cage "$work/photos/red.png"
        else
            KEEPSAKE_REQUIRE_CAGE=yes run "$wall" "$sane" embed "$work/photos/red.png"
        fi
        is "$status" 1 "without $wall, --require-cage by $how: refused"
        like "$err" "--require-cage needs a fully confined decoder" "with a sentence"
    done
done
program=$sane
echo "require-cage = maybe" >"$XDG_CONFIG_HOME/keepsake/config"
fails 1 ".*config:1: require-cage must be yes or no, not 'maybe'" "a config file with a wrong word" status
rm "$XDG_CONFIG_HOME/keepsake/config"

done_testing
