#!/bin/bash
# SPDX-License-Identifier: MIT
# index: a disk that is not there is not taken for deleted photos, and an edit that keeps size and
# time is seen.
# shellcheck source=tests/cli/gone_scenes.sh
. tests/cli/gone_scenes.sh
in_namespace "$0" "$@"
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
cd "$work" || exit 1

gone_scenes gallery.db
edit_scenes gallery.db

mkdir empty
pictures_in one 1 10
run --gallery root.db index one
rm one/1.png
fails 1 ".*one is empty, but the gallery has 1 photos" "a root that is empty now" \
    --gallery root.db index one
run --gallery root.db --json index one empty
is "$(counts) $status" "not_reachable 1 0" "beside another root: it stays, and is no news"
run --gallery root.db --json index --gone one
is "$(counts) $status" "removed 1 0" "--gone: the user says so"
fails 1 "cannot index nowhere: No such file" "a path that is not there" --gallery root.db index nowhere
done_testing
