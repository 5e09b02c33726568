#!/bin/bash
# SPDX-License-Identifier: MIT
# How the program answers to being called: help, version, wrong usage, man page.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh

commands="index search ask status embed model forget label labels places never-send ledger export import backup restore doctor serve version help"

run
is "$status" 2 "no command: status 2"
is "$out" "" "nothing on stdout"
like "$err" "usage: keepsake" "the overview on stderr"

for how in help --help -h; do
    run $how
    is "$status" 0 "$how: status 0"
    is "$err" "" "$how: nothing on stderr"
    for c in $commands; do
        like "$out" $'\n'"  $c " "$how lists $c"
    done
done

for c in $commands "model list" "model pull" "model verify" "model path" "labels edit" "labels remove" "never-send remove"; do
    read -ra words <<<"$c"
    run "${words[@]}" --help
    is "$status" 0 "$c --help: status 0"
    like "$out" "^usage: keepsake $c" "$c --help: usage"
    like "$out" "--gallery=FILE" "$c --help: global options"
    is "$err" "" "$c --help: nothing on stderr"
    help=$out
    run help "${words[@]}"
    is "$out" "$help" "help $c is the same"
    is "$(awk 'length > 80' <<<"$out")" "" "help $c fits 80 columns"
done

run --version
is "$status" 0 "--version: status 0"
like "$out" "^keepsake [0-9]+\.[0-9]+\.[0-9]+"$'\n' "--version prints the version"
first=$out
run -V
is "$out" "$first" "-V is the same"
run version
is "$out" "$first" "version is the same"
like "$out" "SQLite 3\.[0-9]+" "version names SQLite's version"
like "$out" "CPU level (scalar|avx2|avx512)" "the CPU level"
run version --json
is "$(json '$_->{version}' <<<"$out")" "$(head -1 <<<"$first" | cut -d' ' -f2)" "version --json prints an object"
is "$(KEEPSAKE_CPU=scalar "$program" version --json | json '$_->{cpu}')" scalar "its CPU level"
text=$("$program" version)
object=$("$program" version --json)
# Each library by its own pkg-config file, which is another witness than the library itself.
for pair in libpng=libpng libwebp=libwebp libheif=libheif libtiff-4=libtiff libmicrohttpd=libmicrohttpd libcurl=libcurl \
    sqlite3=SQLite libsodium=libsodium jansson=jansson lcms2=lcms2; do
    version=$(pkg-config --modversion "${pair%=*}" 2>/dev/null) || continue
    is "$(json "(grep { \$_->{name} eq '${pair#*=}' } @{\$_->{libraries}})[0]{version}" <<<"$object")" "$version" \
        "the version of ${pair#*=}"
    like "$text" "  ${pair#*=} +${version//./\\.}" "also for people"
done

fails 2 "unknown command 'serach'; did you mean 'search'\?" "a mistyped command" serach dog
fails 2 "unknown command 'xyzzy'" "an unknown command" xyzzy
unlike "$err" "did you mean" "nothing is suggested for it"
fails 2 "unknown command 'model pul'; did you mean 'model pull'\?" "a mistyped verb" model pul
fails 2 "model needs one of its commands" "a group alone" model
fails 2 "unknown command 'stats'; did you mean 'status'\?" "help for a mistyped one" help stats
fails 2 "unknown option --jsno; did you mean --json\?" "a mistyped option" status --jsno
like "$err" "usage: keepsake status" "the usage of that command"
fails 2 "unknown option --nonsense" "an unknown option before the command" --nonsense status
fails 2 "unknown option -Z" "an unknown letter" status -Z
fails 2 "--gallery needs a value" "a value missing" status --gallery
fails 2 "--json takes no value" "a value too many" status --json=yes
fails 2 "--threads must be a whole number from 1 to 1024, not '0'" "no threads" --threads 0 status
fails 2 "--precision must be auto, f32 or bf16, not 'f8'" "no such precision" --precision f8 status
fails 2 "--gallery is empty" "an empty gallery name" --gallery= status
fails 2 "status takes no arguments" "status with an argument" status now
fails 2 "version takes no arguments" "version with an argument" version now
fails 2 "index needs the PATH" "index of nothing" index
fails 2 "forget needs the PATH" "forget of nothing" forget
fails 2 "embed needs a FILE" "embed of nothing" embed
fails 2 "search needs words" "search for nothing" search
fails 2 "search needs words" "search for blanks" search "  " ""
fails 2 "search takes either words or --like" "search for two things" search a --like b
for k in 0 -1 10001 five 5x ''; do
    fails 2 "-k must be a whole number from 1 to 10000, not '$k'" "-k '$k'" search -k "$k" dog
done
fails 2 "--count must be" "--count abc" search --count abc dog
fails 2 "model pull needs one NAME" "pull of nothing" model pull
fails 2 "model path takes one NAME" "path of two" model path a b
fails 2 "model verify takes one NAME" "verify of two" model verify a b
fails 2 "model list takes no arguments" "list of one" model list a

run help --man
is "$status" 0 "the man page: status 0"
"$program" help --man >"$work/keepsake.1"
if type groff >/dev/null 2>&1; then
    is "$(groff -ww -man -Tutf8 "$work/keepsake.1" 2>&1 >/dev/null)" "" "groff has no warnings"
    page=$(groff -man -Tascii -P-c -rLL=200n "$work/keepsake.1" | perl -pe 's/.\x08//g')
    for c in $commands "model list" "model pull" "model verify" "model path"; do
        like "$page" "keepsake $c" "the man page has $c"
    done
    for word in KEEPSAKE_GALLERY KEEPSAKE_MODEL KEEPSAKE_PRECISION KEEPSAKE_THREADS KEEPSAKE_PREVIEW KEEPSAKE_THUMBNAILS_MAX NO_COLOR \
        ANTHROPIC_API_KEY ANTHROPIC_AUTH_TOKEN ANTHROPIC_BASE_URL AWS_BEARER_TOKEN_BEDROCK GOOGLE_OAUTH_ACCESS_TOKEN \
        OPENAI_BASE_URL OLLAMA_HOST SSL_CERT_FILE XDG_STATE_HOME --provider=NAME --dry-run "answer is incomplete" \
        "EXIT STATUS" ENVIRONMENT FILES EXAMPLES --like=FILE --count=N --failures --text=T; do
        like "$page" "$word" "the man page has $word"
    done
    unlike "$page" "--completion" "the man page has no hidden option"
else
    skip "groff is not installed"
fi
if type man >/dev/null 2>&1; then
    is "$(man --warnings -l "$work/keepsake.1" 2>&1 >/dev/null)" "" "man has no warnings"
else
    skip "man is not installed"
fi
if type mandoc >/dev/null 2>&1; then
    is "$(mandoc -T lint "$work/keepsake.1")" "" "mandoc has nothing to say"
else
    skip "mandoc is not installed"
fi
done_testing
