#!/bin/bash
# SPDX-License-Identifier: MIT
# What goes beside the pictures, what a model may add to them, and what it learns of the rest.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh
# shellcheck source=tests/ask/lib.sh
. tests/ask/lib.sh

command -v node >/dev/null || leave "node is not installed"
few_photos
coproc greedy { exec node tests/ask/greedy_server.mjs; }
read -r port <&"${greedy[0]}"
cd "$work" || exit 1
question="What is the dog doing?"

# greedy SCRIPT ARGUMENT...: ask, while the model does what SCRIPT says
greedy() {
    local script
    script=$(printf %s "$1" | base64 -w0 | tr +/ -_ | tr -d =)
    shift
    ANTHROPIC_API_KEY=$key ANTHROPIC_BASE_URL=http://127.0.0.1:$port/$script run ask "$@" "$question"
}
# Of each request that the model got since the last call, an object $_.
got() { node -e 'fetch(process.argv[1]).then((reply) => reply.json()).then((all) => all.forEach((one) => console.log(JSON.stringify(one))))' \
    "http://127.0.0.1:$port/_log" | json "$1"; }
outbox() { json "$1" <<<"$out"; }

# ---- facts ----
"$program" -q label photos/dogs/1.jpg Rex >/dev/null
"$program" -q label photos/dogs/1.jpg 10%,10%,30%,30% Bello >/dev/null
run ask --dry-run "$question"
like "$out" $'\nwith date, place \(to about 1 km\), camera, 2 labels\n' "the outbox lists what goes as text"
like "$out" $'\nat most 10 more, 1[0-9.]* MB, if the model requests them' "and what the model may add"
run ask --dry-run --json "$question"
is "$(outbox 'join ",", @{$_->{outbox}{facts}}, $_->{outbox}{labels}')" "date,place,camera,labels,2" "--json, too"
is "$(outbox 'join ",", sort map { join "+", @{$_->{facts}} } @{$_->{outbox}{photos}}' | tr , '\n' | sort -u | xargs)" \
    "date+place+camera date+place+camera+labels" "and for each photo"
like "$(outbox 'join "\n", map { $_->{caption} } @{$_->{outbox}{photos}}')" "at latitude 48.86, longitude 2.29;" "the place is rounded"
unlike "$out" "48\.858|2\.294" "nowhere is it exact"
run ask --dry-run --json --exact-place "$question"
like "$out" "at latitude 48.85833, longitude 2.29444;" "--exact-place tells the coordinates"
is "$(outbox 'join ",", @{$_->{outbox}{facts}}')" "date,exact-place,camera,labels" "is told"
run ask --dry-run --json --no-facts "$question"
is "$(outbox 'join ",", @{$_->{outbox}{facts}}, $_->{outbox}{labels}')" "0" "--no-facts: none"
is "$(outbox 'my %s; $s{s/\d+/N/gr}++ for map { $_->{caption} } @{$_->{outbox}{photos}}; join "|", keys %s')" "Image N: NxN pixels" "only the size"
unlike "$(outbox 'join "\n", map { $_->{text} // "" } @{$_->{request}{messages}[0]{content}}')" "2019|Kodak|Rex|latitude" "nothing of them in the body"
unlike "$(outbox 'join " ", map { keys %{$_->{input_schema}{properties}} } @{$_->{request}{tools}}')" "from|until|folder" "no tool tells them by its answers"
run ask --dry-run --no-facts "$question"
like "$out" $'\npictures only\n' "the outbox says so"
fails 2 "give either --exact-place or --no-facts" "both" ask --dry-run --exact-place --no-facts "$question"
echo "ask-facts = none" >"$XDG_CONFIG_HOME/keepsake/config"
run ask --dry-run "$question"
like "$out" $'\npictures only\n' "the config says what is usual"
run ask --dry-run --exact-place "$question"
like "$out" "with date, exact place, camera, 2 labels" "the command line has the last word"
echo "ask-facts = some" >"$XDG_CONFIG_HOME/keepsake/config"
fails 1 ".*ask-facts.*rounded, exact or none" "a kind that is none" ask --dry-run "$question"
rm "$XDG_CONFIG_HOME/keepsake/config"

# ---- the ledger ----
greedy '[]'
is "$status" 0 "sent"
is "$(ledger 'join ",", @{$_->{facts} // []}' | head -1)" "date,place,camera,labels" "the ledger has the kinds of fact"
like "$("$program" ledger)" "  5 with date,place,camera,labels  " "for people, too"
like "$(got 'join "", @{$_->{captions}}')" "latitude 48.86, longitude 2.29" "it was so that they went"
greedy '[]' --no-facts
is "$(ledger '$_->{event} eq "sent" ? "@{$_->{facts}}" : ()' | tail -1)" "(none)" "none went, none is told"
got 1 >/dev/null
greedy '[]' -k 2
greedy '[]' --continue --no-facts -k 1
like "$(got 'join "|", map { s/\d+/N/gr } @{$_->{captions}}' | tail -1)" '^(Image N: NxN pixels\|?)+$' \
    "--continue --no-facts: those before lose theirs, too"

# ---- programs that look by themselves ----
# mcp TOOL INPUT ARGUMENT...: the structured reply to one call
mcp() {
    local tool=$1 input=$2
    shift 2
    printf '%s\n' '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"clientInfo":{"name":"tester"}}}' \
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\",\"params\":{\"name\":\"$tool\",\"arguments\":$input}}" |
        "$program" mcp "$@" 2>/dev/null | tail -1 | json '$_->{result}{structuredContent} || $_->{result}{content}[0]{text}'
}
id=$("$program" search --json -k 1 a dog 2>/dev/null | json '$_->{id}')
one=$(mcp photo_facts "{\"id\":$id}")
is "$(json '"$_->{latitude} $_->{longitude} $_->{place}{latitude} $_->{camera}{make} $_->{camera}{model}"' <<<"$one")" \
    '48.86 2.29 48.86 Kodak No. 2 "Brownie"' "mcp: the place is rounded"
is "$(ledger 'join ",", @{$_->{facts} // []}' | tail -2 | head -1)" "date,place,camera" "mcp: the ledger has the kinds of fact"
is "$(mcp photo_facts "{\"id\":$id}" --exact-place | json 'sprintf "%.4f", $_->{latitude}')" "48.8583" "mcp --exact-place"
# Of an object, the keys that have a value.
known='my $o = $_; sort grep { ref $o->{$_} eq "HASH" ? grep { defined } values %{$o->{$_}} : defined $o->{$_} } keys %$o'
is "$(mcp photo_facts "{\"id\":$id}" --no-facts | json "join ' ', do { $known }")" \
    "bytes folder format height id labels name path version width" "mcp --no-facts"
is "$(mcp gallery_status '{}' --no-facts | json 'scalar @{$_->{names}}')" 0 "... no names"
is "$(mcp search_photos '{"query":"Rex"}' --no-facts | json "join ' ', grep { /taken|place|latitude|camera|names/ } map { $known } @{\$_->{photos}}")" \
    "" "... none with a search"
like "$(mcp search_photos '{"query":"a dog","from":"2019"}' --no-facts)" "this gallery is shared without dates and labels" "... nor by filters"
is "$(ledger '$_->{event} eq "sent" ? join ",", @{$_->{facts}} : ()' | tail -1)" "(none)" "and the ledger says that none went"

# ---- photos that match nothing ----
run ask --dry-run --json -k 20 "$question"
weak=$(outbox '$_->{outbox}{weak}')
ok $((weak > 0 ? 0 : 1)) "some of the twenty match nothing: $weak"
is "$(outbox 'scalar @{$_->{outbox}{photos}}')" $((20 - weak)) "they are left out"
run ask --dry-run -k 20 "$question"
like "$out" "$weak photos? that match(es)? nothing (was|were) left out" "and the outbox says so"
run ask --dry-run --json -k 20 --include-weak "$question"
is "$(outbox 'join ",", scalar @{$_->{outbox}{photos}}, $_->{outbox}{weak}')" "20,0" "--include-weak sends them, too"

# ---- more than was agreed to ----
all='[[["search_photos",{"query":"a dog","count":10}]],[["search_photos",{"query":"a child on grass","count":10}]],[["view_photo",{"number":1,"box":[1,1,90,90]}]]]'
greedy "$all" -k 1 --include-weak --more 4
is "$status" 0 "a model that wants all of it"
is "$(got '$_->{images}' | xargs)" "1 5 5 5" "gets no more than four"
like "$err" "the agreed number of photos for this question is reached: 6 more not sent" "and the owner is told"
greedy "$all" -k 1 --include-weak --more 4 --json
is "$(got '$_->{results}[-1] // ""' | tail -1)" \
    "the owner's consent covers no more photos for this question: answer with what you have seen" "the model is told, too"
greedy "$all" -k 1 --include-weak --more 0
is "$(got '$_->{images}' | sort -u | xargs)" 1 "--more 0: none"
KEEPSAKE_ASK_MORE=2 greedy "$all" -k 1 --include-weak
is "$(got '$_->{images}' | tail -1)" 3 "KEEPSAKE_ASK_MORE"
greedy "$all" -k 1 --include-weak
is "$(got '$_->{images}' | tail -1)" 11 "ten when nothing is said"
if type script >/dev/null 2>&1; then
    script64=$(printf %s "$all" | base64 -w0 | tr +/ -_ | tr -d =)
    mkfifo keys
    ANTHROPIC_API_KEY=$key ANTHROPIC_BASE_URL=http://127.0.0.1:$port/$script64 TERM=dumb script -qfec \
        "'$program' ask -k 1 --include-weak --more 4 '$question'" typed.log <keys >/dev/null 2>&1 &
    typing=$!
    exec 9<>keys
    answer() { # NTH ANSWER: once the question was asked so often
        wait_until "[[ \$(grep -c 'which exceeds the agreed amount. Send?' typed.log 2>/dev/null) -ge $1 ]]" "question $1"
        echo "$2" >&9
    }
    answer 1 y
    answer 2 n
    exec 9>&-
    wait $typing
    like "$(tr -d '\r' <typed.log)" "The model asks for 10 more photos \([0-9.]+ [KM]B, with date, .*\), which exceeds the agreed amount. Send\? \[y/N\]" "on a terminal: asked"
    is "$(got '$_->{images}' | xargs)" "1 11 11 11" "yes lets them go, no keeps them here"
else
    skip "script is not installed"
fi

# ---- what a model learns of folders ----
"$program" never-send photos/others >/dev/null 2>&1
greedy '[[["search_photos",{"query":"a dog","folder":"others"}],["search_photos",{"query":"a dog","folder":"nowhere"}]]]'
is "$(got 'join "|", @{$_->{results}}' | tail -1)" "No photo matches.|No photo matches." "a folder whose photos all stay here is as one that is not there"
mkdir -p photos/elsewhere/others
cp photos/dogs/2.jpg photos/elsewhere/others/
"$program" -q index photos >/dev/null
greedy '[[["search_photos",{"query":"a dog","folder":"others"}]]]'
unlike "$(got 'join "|", @{$_->{results}}' | tail -1)" "several folders" "and does not count among those of its name"
"$program" never-send remove photos/others >/dev/null

# ---- near copies ----
mkdir -p kept
cp photos/dogs/3.jpg kept/original.jpg
perl -e 'open my $f, ">>", "photos/dogs/3.jpg"; print $f "edited"' # other bytes, the same pixels
"$program" -q index photos kept >/dev/null
"$program" never-send kept >/dev/null 2>&1
run ask --dry-run --json -k 20 --include-weak "$question"
is "$(outbox '$_->{outbox}{near_withheld}')" 1 "a photo that looks like one under a rule is counted"
like "$(outbox '$_->{outbox}{near_withheld_why}')" "photos/dogs/3.jpg looks very similar to a photo that never-send withholds by the folder $work/kept" "and named"
run ask --dry-run -k 20 --include-weak "$question"
like "$out" "look twice: .*photos/dogs/3.jpg looks very similar to a photo" "the outbox warns"
done_testing
