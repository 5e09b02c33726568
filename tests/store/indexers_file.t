#!/bin/bash
# SPDX-License-Identifier: MIT
# Four index runs at once on one gallery in a file, one of them killed: the others see that it has
# ended, and do not wait for its lease.
# shellcheck source=tests/cli/lib.sh disable=SC2016,SC2317 # Perl in single quotes; called by name
. tests/cli/lib.sh
# shellcheck source=tests/store/indexers.sh
. tests/store/indexers.sh
lease=600
gallery=$work/gallery.db

status_of() { "$program" --gallery "$gallery" status --json 2>/dev/null; }

wait_for_photos() { # COUNT
    local n=0
    until ((n >= $1)) || [[ -z $(jobs -pr) ]]; do
        n=$(status_of | json '$_->{photos}')
        n=${n:-0}
    done
}

# Photos, and those with an id up to 300: a search for everything lists all ids.
count_ids() {
    "$program" --gallery "$gallery" --model mini search --copies --json -k 1000 anything |
        json '$n++; $old++ if $_->{id} <= 300; "$n $old"' | tail -1
}

for ((round = 1; round <= (rounds < 3 ? rounds : 3); round++)); do
    rm -f "$gallery"*
    moment=$((RANDOM % 280)) doomed=$((RANDOM % 4))
    start_indexers "$gallery" 4
    wait_for_photos $moment
    kill -9 "${pids[doomed]}" 2>/dev/null
    sum_reports $doomed
    echo "# round $round: killed number $doomed at $moment photos; the others embedded $decoded"
    is "$good $settled" "3 3" "round $round: three end well, and count every photo"
    is "$(status_of | json '"$_->{photos} $_->{failed}"')" "300 0" "... 300 photos"
    is "$decoded" "$added" "... nothing was embedded that another had stored"
done

rm -f "$gallery"*
start_album
start_indexers "$gallery" 1
sum_reports -1
change_album
start_indexers "$gallery" 4
check_album count_ids
done_testing
