# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154,SC2016 # shared with the scripts; Perl in single quotes
# Several index runs at once over the same 300 photos, for scripts that have sourced cli/lib.sh:
#   start_indexers GALLERY COUNT   $pids
#   sum_reports KILLED             waits; $good, $added, $decoded, $settled of all but number KILLED
#   start_album, change_album      $photos becomes an album that is moved, thinned and copied from
# $rounds: how often one is killed; KEEPSAKE_ROUNDS changes it; KEEPSAKE_SEED repeats the moments.
# $lease: for how many seconds claims hold; one that lives must not be taken for dead on a busy machine.

photos=$shared/photos/flickr8k-300/images
if [[ ! -d $photos ]]; then
    echo "1..0 # SKIP the reference photos are not there"
    exit 0
fi
seed=${KEEPSAKE_SEED:-$RANDOM}
echo "# KEEPSAKE_SEED=$seed"
RANDOM=$seed
rounds=${KEEPSAKE_ROUNDS:-$(test_rounds 3 1 10)}
lease=10

start_indexers() { # GALLERY COUNT
    pids=()
    rm -f "$work"/*.json
    local i
    for ((i = 0; i < $2; i++)); do
        KEEPSAKE_LEASE=$lease "$program" --gallery "$1" --model mini index --json --threads 1 "$photos" \
            >"$work/$i.json" 2>"$work/$i.err" &
        pids[i]=$!
    done
}

# Those that were not killed: how many ended well, and the sums of what they report.
sum_reports() { # KILLED
    good=0
    local i
    for i in "${!pids[@]}"; do
        wait "${pids[i]}" 2>/dev/null
        local code=$?
        ((i == $1)) && continue
        if ((code == 0)); then good=$((good + 1)); else sed 's/^/# /' "$work/$i.err"; fi
    done
    (($1 < 0)) || rm "$work/$1.json"
    read -r added decoded settled < <(cat "$work"/*.json | json \
        '$a += $_->{added}; $d += $_->{decoded};
         $s += $_->{added} + $_->{by_others} + $_->{unchanged} == 300; "$a $d $s"' | tail -1)
}

start_album() {
    mkdir "$work/album"
    cp -r "$photos" "$work/album/before"
    photos=$work/album
}

# 300 photos: 40 of them are gone, 40 others there twice, one is where it was (a folder that is empty or gone
# is taken for a disk that cannot be reached), all else is in another folder.
change_album() {
    mkdir "$photos/after" "$photos/twice"
    local names
    mapfile -t names < <(ls "$photos/before")
    (cd "$photos/before" && rm "${names[@]:0:40}" && mv "${names[@]:40:259}" ../after/)
    (cd "$photos/after" && cp -p "${names[@]:100:40}" ../twice/)
}

check_album() { # COMMAND: prints how many photos there are, and how many with an id up to 300
    sum_reports -1
    is "$good" 4 "an album is moved, thinned and copied from: four runs at once end well"
    is "$decoded" 0 "... without decoding anything"
    is "$(cat "$work"/*.json | json '$s += $_->{moved} + $_->{copied}' | tail -1)" 299 \
        "... and each of the others is moved or copied by one of them"
    is "$("$@")" "300 260" "... 300 photos, and those that moved keep their ids"
}
