#!/bin/bash
# SPDX-License-Identifier: MIT
# embed: unit vectors of texts and pictures; model: list, pull, verify, path.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh

few_pictures
cd "$work/photos" || exit 1

norm='sqrt(eval { my $s = 0; $s += $_ ** 2 for @{$_->{vector}}; $s })'
run embed --json --text "a red square" blue.png --text "" red.png
is "$status" 0 "embed: status 0"
is "$(json '$_->{input}' <<<"$out" | xargs -d '\n' printf '%s,')" "a red square,blue.png,,red.png," \
    "texts and files in the order given"
is "$(json '"$_->{model} $_->{dim} " . @{$_->{vector}}' <<<"$out" | sort -u)" "mini 256 256" \
    "model and dimension"
is "$(json "abs($norm - 1) < 1e-6" <<<"$out" | sort -u)" 1 "vectors of length 1"
[[ ! -e $XDG_DATA_HOME ]]
ok $? "and no gallery is made"

all=$out
run embed --text "a red square" blue.png
is "$(wc -lw <<<"$out" | xargs)" "2 512" "without --json: two lines of 256 numbers"
is "$(head -1 <<<"$out")" "$(head -1 <<<"$all" | json 'join " ", @{$_->{vector}}')" "the same numbers"
is "$(perl -e 'print scalar grep { unpack("f", pack("f", $_)) != unpack("f", pack("f", sprintf "%.9g", unpack("f", pack("f", $_)))) } split " ", <STDIN>' <<<"$out")" \
    0 "with digits enough for float32"

run embed --sql --text "a red square"
is "$out" "[$(head -1 <<<"$all" | json 'join ",", @{$_->{vector}}')]" "--sql: as pgvector reads it"
vector_of() { json 'join " ", @{$_->{vector}}' <<<"$1"; }
piped() { # FILE ARGUMENT...: run with that file as standard input
    out=$("$program" "${@:2}" 2>"$work/stderr" <"$1")
    status=$?
    err=$(<"$work/stderr")
}
piped blue.png embed --json -
is "$(vector_of "$out")" "$(vector_of "$(sed -n 2p <<<"$all")")" "-: the picture on standard input"
printf 'a red square\n\nblue.png\r\nlast' >lines
piped lines embed --json --text - red.png
is "$(json '$_->{input}' <<<"$out" | xargs -d '\n' printf '%s,')" "a red square,blue.png,last,red.png," \
    "--text -: a text each line"
printf 'blue.png\0red.png\0' >names
piped names embed --json -0 --files-from -
is "$(json '$_->{input}' <<<"$out" | xargs)" "blue.png red.png" "--files-from - with -0: the files of a list"
printf 'red.png\nnowhere.png\n' >list
run embed --json --files-from list --text x
is "$status:$(json '$_->{input}' <<<"$out" | xargs)" "3:x red.png" "--files-from FILE, after the others"
piped names embed --files-from -
is "$status" 1 "NULs where lines are expected: status 1"
like "$err" "contains a NUL byte; give -0" "and the way out"
fails 2 "standard input \(-\) can be read only once" "it is there once" embed --text - -
fails 1 ".*cannot read the list nowhere" "a list that is not there" embed --files-from nowhere
rm lines names list
run embed --text собака
like "$err" "reads only English in Latin letters" "a text that the model does not read"

echo no >no.jpg
head -c 100 red.png >cut.png
run embed --json no.jpg red.png cut.png nowhere.png .
is "$status" 3 "some fail: status 3"
is "$(json '$_->{input}' <<<"$out")" "red.png" "the good one is printed"
is "$(grep -c '^keepsake: ' <<<"$err")" 4 "a sentence each for the others"
like "$err" "keepsake: no.jpg: .*not a" "what is no picture"
like "$err" "keepsake: cut.png: " "a broken picture"
like "$err" "nowhere.png" "a missing file"
fails 1 ".*no.jpg" "all fail" embed no.jpg
fails 1 ".*UTF-8" "a text that is not UTF-8" embed --text $'\xff'
run embed --json --text "$(printf 'word %.0s' {1..200})"
is "$status" 0 "a long text is cut"
like "$err" "a text exceeds the model's limit, and its end was ignored" "and says so"

run embed --json --precision f32 --text x
is "$(json "abs($norm - 1) < 1e-6" <<<"$out")" 1 "--precision f32 is accepted"
one=$out
run embed --json --precision f32 --threads 1 --text x
is "$(json "abs($norm - 1) < 1e-6" <<<"$out")" 1 "--threads 1 is accepted"
is "$(printf '%s\n%s\n' "$one" "$out" | json '$_->{input}' | sort -u)" x "for the same text"

run model list
is "$status" 0 "model list: status 0"
like "$out" $'(^|\n)\*  mini +installed ' "marks the model in use"
like "$out" $'clip-vit-b-32 +not installed ' "lists what can be pulled"
run model list --json
is "$(json '$_->{installed} ? $_->{id} : ""' <<<"$out" | xargs)" mini "--json: only mini is installed"
is "$(json '$_->{chosen} ? $_->{id} : ""' <<<"$out" | xargs)" mini "and chosen"
is "$(json '$_->{licence} ne "" && $_->{title} ne ""' <<<"$out" | sort -u)" 1 "each with title and licence"
is "$err" "" "nothing on stderr"

run model path
is "$status" 0 "model path: status 0"
[[ -f $out/model.safetensors ]]
ok $? "is a folder with a model"
folder=$out
run model path mini
is "$out" "$folder" "the same by name"
run model path --json mini
is "$(json '$_->{folder}' <<<"$out")" "$folder" "embed --json prints objects"
fails 1 ".*clip-vit-b-32.*" "the path of one not installed" model path clip-vit-b-32
like "$err" "pull" "names the way to it"
fails 1 ".*nonsense" "the path of an unknown one" model path nonsense

run model verify mini
is "$status" 0 "model verify: status 0"
like "$out" $'\ngood +text: .*: (0\\.9999[0-9]*|1), expected 1' "texts as recorded"
like "$out" $'\ngood +picture: ' "pictures as recorded"
like "$out" $'(^|\n)good +SHA-256: model.safetensors(\n|$)' "files as recorded"
unlike "$out" "WRONG" "and none wrong"
run model verify --json
is "$(json '$_->{good}' <<<"$out" | sort -u)" 1 "--json: all good"
mkdir -p "$XDG_DATA_HOME/keepsake/models"
cp -r "$folder" "$XDG_DATA_HOME/keepsake/models/my-own"
run model list
like "$out" "my-own +installed +- +a folder that you added" "a folder copied by hand is listed"
run model verify my-own
is "$status" 0 "and can be verified"
run --model ./ embed --text x
is "$status" 1 "--model with a folder that is no model: status 1"
run --json --model "$XDG_DATA_HOME/keepsake/models/my-own" embed --text x
is "$(json '$_->{model}' <<<"$out")" "my-own" "--model with a folder"
is "$err" "" "and no remark about it"
truncate -s 100000 "$XDG_DATA_HOME/keepsake/models/my-own/model.safetensors"
fails 1 ".*my-own" "a broken model" --model my-own embed --text x

cp -r "$folder" "$XDG_DATA_HOME/keepsake/models/bent"
printf '\x40' | dd of="$XDG_DATA_HOME/keepsake/models/bent/model.safetensors" bs=1 seek=3000001 conv=notrunc status=none
run model verify bent
is "$status" 1 "verify of a model with a changed weight: status 1"
like "$out" "WRONG +SHA-256: model.safetensors" "its file is wrong"
like "$err" "of the model 'bent' failed" "and it says so"

run model pull mini
is "$status" 0 "pull of mini: status 0"
like "$out" "mini is installed in $folder" "it is already there"
fails 1 "there is no model 'clip-vit-b-23'; did you mean 'clip-vit-b-32'\?" "pull of a mistyped one" \
    model pull clip-vit-b-23
run model pull --print-urls clip-vit-b-32
is "$status:$out" "1:" "--print-urls over http is refused as the pull is"
HF_ENDPOINT=https://mirror.example/ run model pull --print-urls clip-vit-b-32
is "$(grep -c '^# https://mirror\.example/.*/resolve/[0-9a-f]\{40\}/' <<<"$out")" 5 "--print-urls: where each file comes from"
is "$(grep -cE '^[0-9a-f]{64}  [a-z.]+$' <<<"$out")" 3 "and the hashes that are published"
touch model.safetensors vocab.json merges.txt
is "$(sha256sum -c <<<"$out" 2>/dev/null | xargs)" "model.safetensors: FAILED vocab.json: FAILED merges.txt: FAILED" \
    "as sha256sum checks them"
HF_ENDPOINT=https://mirror.example run model pull --print-urls --json clip-vit-b-32
is "$(json '$_->{file}' <<<"$out" | xargs)" "model.safetensors config.json preprocessor_config.json vocab.json merges.txt" "a failure with --json"
fails 1 ".*is installed with keepsake" "of mini there are none" model pull --print-urls mini
HF_ENDPOINT=https://nowhere.invalid https_proxy=http://me:secret@127.0.0.1:9 run model pull clip-vit-b-32
like "$err" "through the proxy 127.0.0.1:9 \(https_proxy\)" "a proxy is named where it fails"
unlike "$err" "secret" "without its password"
fails 1 ".+" "pull without a network" model pull clip-vit-b-32
done_testing
