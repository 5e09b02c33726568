#!/bin/bash
# SPDX-License-Identifier: MIT
# Where the results go: pipes that close, full disks, closed descriptors; and Ctrl-C.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh

few_pictures
cd "$work" || exit 1
"$program" -q index photos >/dev/null

texts=()
for i in {1..300}; do texts+=(--text "text $i"); done
"$program" -q embed --json "${texts[@]}" 2>"$work/stderr" | head -n 1 >"$work/stdout"
writer=${PIPESTATUS[0]}
is "$writer" 0 "a reader that leaves early: status 0"
is "$(<"$work/stderr")" "" "index -q prints nothing else"
is "$(json '$_->{input}' <"$work/stdout")" "text 1" "after its first line"

exec 7> >(:)
wait $!
for command in doctor status "search red" "never-send" "embed --text x" "help --man"; do
    read -ra words <<<"$command"
    "$program" -q "${words[@]}" >&7 2>"$work/stderr"
    is "$?:$(<"$work/stderr")" 0: "$command to a pipe that nobody reads: status 0, quietly"
done
exec 7>&-

for command in "search red" "search --json red" "status" "status --json" "help" "version" \
    "model list" "embed --text x" "index photos" "help --man" "help --completion bash"; do
    read -ra words <<<"$command"
    "$program" -q "${words[@]}" >/dev/full 2>"$work/stderr"
    is "$?" 1 "$command to a full disk: status 1"
    is "$(<"$work/stderr")" "keepsake: cannot write the output: No space left on device" "says so"
done
"$program" -q search red >&- 2>"$work/stderr"
is "$?" 1 "stdout closed: status 1"
like "$(<"$work/stderr")" "cannot write the output" "says so"
picture photos/new.png 3 3 3
"$program" -q index photos >&- 2>/dev/null
run status --json
is "$(json '$_->{photos}' <<<"$out")" 5 "an index with stdout closed leaves the gallery whole"
"$program" -q search red 2>&- >"$work/stdout"
is "$?" 0 "stderr closed: status 0"
is "$(wc -l <"$work/stdout")" 5 "with the results"
"$program" search red <&- 2>/dev/null >"$work/stdout"
is "$(wc -l <"$work/stdout")" 5 "stdin closed: the results, too"

# Ctrl-C of a run that takes a while: many large pictures.
picture large.png 20 30 210 1500
copies 100 large.png many
count() { # 0 while there is no gallery
    "$program" --gallery many.db status --json >count.json 2>/dev/null || echo '{"photos":0}' >count.json
    json '$_->{photos}' <count.json
}
interrupted() { # SIGNAL...: sends them once some photos are in; sets $status
    local before
    # shellcheck disable=SC2034 # for eval
    before=$(count)
    "$program" --gallery many.db --threads 1 --json index many >"$work/stdout" 2>"$work/stderr" &
    local pid=$!
    wait_until '(($(count) > before)) || ! kill -0 $pid 2>/dev/null'
    for signal in "$@"; do kill -"$signal" $pid 2>/dev/null; done
    wait $pid
    status=$?
}
interrupted INT
is "$status" 130 "Ctrl-C: status 130"
like "$(<"$work/stderr")" "interrupted; completed work is in the gallery" "says so"
is "$(json '$_->{interrupted}' <"$work/stdout")" 1 "--json says so"
kept=$(count)
((kept > 0 && kept < 100))
ok $? "finished work is kept ($kept of 100)"
is "$(json '$_->{added}' <"$work/stdout")" "$kept" "the numbers are as reported"
interrupted TERM
is "$status" 130 "SIGTERM: status 130"
run --gallery many.db --json index many
is "$status" 0 "the next run goes on"
is "$(count)" 100 "to the end"
rm many.db
interrupted INT TERM
is "$status" 130 "two signals: status 130"
run --gallery many.db -q index many
is "$status:$(count)" "0:100" "and the next run completes"
done_testing
