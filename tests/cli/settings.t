#!/bin/bash
# SPDX-License-Identifier: MIT
# Where settings come from: command line, environment, config file, default; and which model.
# shellcheck source=tests/cli/lib.sh disable=SC2016,SC2088 # Perl, and a ~, in single quotes
. tests/cli/lib.sh

few_pictures
cd "$work" || exit 1
config=$XDG_CONFIG_HOME/keepsake/config
for name in flag environment file default; do
    mkdir "$name" && cp photos/red.png "$name/$name.png"
    "$program" -q --gallery "$name.db" index "$name" >/dev/null
done
mkdir -p "$XDG_DATA_HOME/keepsake" && cp default.db "$XDG_DATA_HOME/keepsake/gallery.db"

found() { # ARGUMENT...: the name of the only photo
    run "$@" -q --json search red
    json '$_->{path}' <<<"$out" | xargs -r basename -s .png
}

is "$(found)" default "the default gallery"
echo "gallery = $work/file.db" >"$config"
is "$(found)" file "the config file wins over the default"
export KEEPSAKE_GALLERY=environment.db
is "$(found)" environment "the environment over the config file"
is "$(found --gallery flag.db)" flag "the command line over the environment"
is "$("$program" -q --json search --gallery=flag.db red | json '$_->{path}')" "$work/flag/flag.png" \
    "also after the command"
export KEEPSAKE_GALLERY=
is "$(found)" file "an empty variable counts as not set"
unset KEEPSAKE_GALLERY
printf '; mine\n  # and\n\ngallery = ~/home.db\nprecision = f32\nthreads = 1\n' >"$config"
cp flag.db "$HOME/home.db"
is "$(found)" flag "~ in the config file, comments, all keys"
rm "$config"
is "$(found '--gallery=~/home.db')" flag "~ where the shell leaves it"
KEEPSAKE_GALLERY='~/home.db' run status --json
is "$(json '$_->{gallery}' <<<"$out")" "$HOME/home.db" "and in a variable"
(unset XDG_CONFIG_HOME && mkdir -p "$HOME/.config/keepsake" &&
    echo "gallery = $work/environment.db" >"$HOME/.config/keepsake/config" &&
    found) >"$work/log"
is "$(<"$work/log")" environment "without XDG_CONFIG_HOME: ~/.config"

echo "model = nonsense" >"$config"
fails 1 ".*nonsense" "the model of the config file" search red
KEEPSAKE_MODEL=mini run -q search red
is "$status" 0 "the environment's model wins"
KEEPSAKE_MODEL=other run -q --model mini search red
is "$status" 0 "the command line's model wins"

printf '\ngalery = x\n' >"$config"
fails 1 "$config:2: unknown key 'galery'; did you mean 'gallery'\?" "an unknown key" status
echo "json = yes" >"$config"
fails 1 "$config:1: unknown key 'json'; the keys are gallery, model, precision, threads, preview" \
    "a key of nothing" status
echo "threads = 0" >"$config"
fails 1 "$config:1: threads must be a whole number from 1 to 1024, not '0'" "a bad value" status
fails 1 "$config:1: threads" "even when it is overridden" --threads 1 status
echo "gallery" >"$config"
fails 1 "$config:1: this line is not 'key = value'" "no value" status
printf 'gallery = a\0b\n' >"$config"
fails 1 "$config is not text" "a NUL byte" status
head -c 100000 /dev/zero | tr '\0' '#' >"$config"
fails 1 "$config is 100000 bytes long; the limit" "a huge file" status
run help
is "$status" 0 "help needs no config file"
run version
is "$status" 0 "nor does version"
rm "$config"
mkdir "$config"
fails 1 "$config is a folder, not a file" "a folder" status
rmdir "$config"

KEEPSAKE_PRECISION=f8 fails 1 "KEEPSAKE_PRECISION must be auto, f32 or bf16, not 'f8'" "a bad variable" status
KEEPSAKE_THREADS=two fails 1 "KEEPSAKE_THREADS must be a whole number" "another one" status
HOME='' XDG_DATA_HOME='' fails 1 "cannot find the gallery: HOME is not set; give the gallery with --gallery" "no HOME" status
HOME='' XDG_DATA_HOME='' run --gallery flag.db status
is "$status" 0 "no HOME, but --gallery"

# The model: the gallery's own, when nobody asks for another.
models=$XDG_DATA_HOME/keepsake/models
mkdir -p "$models"
cp -r "$("$program" model path mini)" "$models/second"
"$program" -q --model second --gallery second.db index photos >/dev/null
is "$("$program" --gallery second.db status --json | json '$_->{model}')" second "a gallery of the model second"
run --gallery second.db search red
is "$status" 0 "is searched without naming it"
unlike "$err" "model" "and without a remark about it"
run --gallery second.db embed --json --text red
is "$(json '$_->{model}' <<<"$out")" second "embed takes the gallery's model, too"
rm -r "$models/second"
fails 1 "the gallery $work/second.db was made with the model 'second', which is not installed: give its folder with --model" \
    "its model is gone" --gallery second.db search red
fails 1 ".*second.*not installed" "also for index" --gallery second.db index photos

tiny=$shared/reference/golden/tiny-model
if [[ -d $tiny ]]; then
    mkdir tiny
    cp "$tiny"/*.safetensors "$tiny"/*.json tiny
    cp -n "$shared"/reference/hf-openai-clip-vit-base-patch32/{vocab.json,merges.txt} tiny
    fails 1 ".*(mini|tiny).*" "another model than the gallery's: search" -q --model ./tiny --gallery flag.db search red
    like "$err" "--gallery" "and the way out"
    like "$err" "keepsake model use" "another model than the gallery's: how to change the gallery over"
    KEEPSAKE_MODEL=./tiny fails 1 ".*mini.*" "another model in the environment: index" -q --gallery flag.db index flag
    before=$("$program" -q --gallery flag.db search --json red)
    run --model ./tiny --gallery flag.db index flag
    is "$status" 0 "index --model embeds with another model beside the one in use"
    like "$err" "model is mini, and stays so" "index --model says which model stays in use"
    models() { "$program" --gallery flag.db status --json | json 'join " ", map { "$_->{model}:$_->{pictures}:$_->{lacking}:$_->{arithmetic}" } @{$_->{models}}'; }
    like "$(models)" "^mini:1:0:(f32|bf16) tiny:1:0:(f32|bf16)$" "both models have vectors"
    run --gallery flag.db model use --json ./tiny
    is "$(json 'join " ", @{$_}{qw(model previous vectors lacking)}' <<<"$out")" "tiny mini 1 0" "model use: the vectors are there"
    run --model ./tiny --gallery flag.db search red
    is "$status" 0 "the new model is searched"
    fails 1 ".*tiny.*" "the model before is refused" -q --model mini --gallery flag.db search red
    run -q --model ./tiny --gallery flag.db index --json flag
    is "$(json 'join " ", @{$_}{qw(unchanged decoded)}' <<<"$out")" "1 0" "nothing is embedded again after the change"
    run -q --gallery flag.db model use mini
    is "$status" 0 "back to the first model"
    is "$("$program" -q --gallery flag.db search --json red)" "$before" "its vectors are what they were"
    fails 1 "there is no gallery at .*" "model use without a gallery" --gallery none.db model use mini
    fails 2 "" "model use without a name" --gallery flag.db model use
    run -q --precision f32 --gallery mix.db index flag
    sqlite3 mix.db "UPDATE model SET arithmetic = 'bf16'" # not every processor computes bf16
    run --precision f32 --gallery mix.db index flag
    unlike "$err" "computes vectors in" "a run that computes no vector has no arithmetic"
    run --precision f32 --gallery mix.db index --reread flag
    like "$err" "computes vectors in f32, and those of the gallery were computed in bf16" "another arithmetic is told"
    is "$("$program" --gallery mix.db status --json | json '$_->{arithmetic}')" "bf16,f32" "status knows both arithmetics"
    run --precision f32 --gallery mix.db index --reread flag
    unlike "$err" "computes vectors in" "a mixture is told once"
else
    skip "no tiny model in $shared"
fi
done_testing
