# SPDX-License-Identifier: MIT
# Disks that go and come back, from the command line: for any gallery. Sourced after lib.sh.
# shellcheck shell=bash disable=SC2016,SC2154 # Perl in single quotes; lib.sh sets $out, $work
#   in_namespace "$0" "$@"   begins the script again where it may mount, if it may at all
#   gone_scenes GALLERY
#   edit_scenes GALLERY

in_namespace() {
    [[ -z ${KEEPSAKE_TEST_NAMESPACE:-} ]] || return 0
    export KEEPSAKE_TEST_NAMESPACE=no
    unshare -m --propagation private true 2>/dev/null || return 0
    KEEPSAKE_TEST_NAMESPACE=yes exec unshare -m --propagation private bash "$@"
}

# The counts of a run that are not zero.
counts() {
    json 'my $r = $_; join " ", map { $r->{$_} ? "$_ $r->{$_}" : () } qw(found unchanged added updated moved copied removed touched failed not_reachable decoded)' <<<"$out"
}

is_index() { # WANT NAME STATUS PATH...
    local want=$1 name=$2 wanted_status=$3
    shift 3
    run --gallery "$gallery" --json index --no-thumbnails "$@"
    is "$(counts)" "$want" "$name"
    is "$status" "$wanted_status" "$name: status $wanted_status"
}

pictures_in() { # FOLDER N RED
    local i
    mkdir -p "$1"
    for ((i = 1; i <= $2; i++)); do picture "$1/$i.png" "$3" $((i * 20)) 60 32; done
}

ids_below() { # FOLDER: of all photos there
    run --gallery "$gallery" search --json -k 1000 --folder "$1" picture
    json '"$_->{id} $_->{path}"' <<<"$out" | sort
}

gone_scenes() {
    gallery=$1
    local place=$work/gone/pics
    rm -rf "$work/gone" && mkdir -p "$place"
    pictures_in "$place/a" 3 200
    if [[ $KEEPSAKE_TEST_NAMESPACE != yes ]]; then
        skip "this user cannot mount disks"
        return
    fi
    mkdir "$place/usb" "$work/gone/away"
    mount -t tmpfs none "$place/usb"
    pictures_in "$place/usb/2019" 5 20
    is_index "found 8 added 8 decoded 8" "disk: indexed with the folder above it" 0 "$place"
    local before
    before=$(ids_below "$place/usb")

    mount --move "$place/usb" "$work/gone/away"
    is_index "found 3 unchanged 3 not_reachable 5" "disk: not mounted" 3 "$place"
    like "$err" "5 photos below $place/usb are not reachable since 20.*index --gone '$place/usb'" "disk: says so"
    is "$(grep -c 'not reachable' <<<"$err")" 1 "disk: once"
    is_index "found 3 unchanged 3 not_reachable 5" "disk: still not mounted, no news" 0 "$place"
    run --gallery "$gallery" status
    like "$out" "not reachable $place/usb since 20[0-9-]*, with 5 photos" "disk: status"
    run --gallery "$gallery" status --json
    is "$(json 'join " ", map { "$_->{folder} $_->{photos}" } @{$_->{not_reachable}}' <<<"$out")" \
        "$place/usb 5" "disk: status --json"
    run --gallery "$gallery" doctor
    like "$out" "warn +folders +$place/usb is not reachable since 20" "disk: doctor"
    is "$(ids_below "$place/usb")" "$before" "disk: its photos are found all the same"
    rmdir "$place/usb"
    is_index "found 3 unchanged 3 not_reachable 5" "disk: without its mount point" 0 "$place"

    mkdir "$place/usb"
    mount -t tmpfs none "$place/usb"
    pictures_in "$place/usb" 1 99
    is_index "found 4 unchanged 3 added 1 not_reachable 5 decoded 1" "disk: another one in its place" 0 "$place"
    umount "$place/usb"
    mount --move "$work/gone/away" "$place/usb"
    is_index "found 8 unchanged 8 not_reachable 1" "disk: back, nothing is embedded again" 0 "$place"
    is "$(ids_below "$place/usb/2019")" "$before" "disk: the ids are what they were"
    run --gallery "$gallery" forget "$place/usb/1.png"
    mv "$place/usb/2019/1.png" "$place/a/moved.png"
    rm "$place/usb/2019/2.png"
    is_index "found 7 unchanged 6 moved 1 removed 1" "disk: moving and deleting on it work" 0 "$place"

    umount "$place/usb"
    is_index "found 4 unchanged 4 not_reachable 3" "disk: gone for good" 3 "$place"
    is_index "removed 3" "disk: --gone says that it was meant" 0 --gone "$place/usb"
    is_index "found 4 unchanged 4" "disk: and nothing is left of it" 0 "$place"
}

edit_scenes() {
    gallery=$1
    local place=$work/edits
    rm -rf "$place"
    pictures_in "$place" 2 150
    head -c 4096 /dev/zero >>"$place/1.png" # room for another picture in as many bytes
    touch -d '2013-03-03 03:03:03' "$place"/*.png
    is_index "found 2 added 2 decoded 2" "edit: two photos" 0 "$place"
    local size
    size=$(stat -c %s "$place/1.png")
    picture "$work/other.png" 1 250 250 32
    truncate -s "$size" "$work/other.png"
    cat "$work/other.png" >"$place/1.png"
    touch -d '2013-03-03 03:03:03' "$place/1.png"
    is "$(stat -c '%s %y' "$place/1.png" | cut -c1-24)" "$size 2013-03-03 03:03:03" "edit: size and time are kept"
    is_index "found 2 unchanged 1 updated 1 decoded 1" "edit: is seen all the same" 0 "$place"
    chmod 600 "$place/2.png"
    is_index "found 2 unchanged 1 touched 1" "edit: chmod is none" 0 "$place"
    is_index "found 2 updated 2 decoded 2" "edit: --reread" 0 --reread "$place"
    is_index "found 2 unchanged 2" "edit: and all is as it was" 0 "$place"
}
