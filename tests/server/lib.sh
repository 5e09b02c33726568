# SPDX-License-Identifier: MIT
# Shared by tests/server/*.t: says SKIP where node or its packages are missing, then runs a script of
# this folder.
# shellcheck shell=bash
#
#   node_test SCRIPT [ARGUMENT...]     in place of this shell
#   need_packages NAME...              SKIP unless tests/node_modules has them
set -u
export KEEPSAKE=${KEEPSAKE:-build/release/bin/keepsake}
export KEEPSAKE_SHARED=${KEEPSAKE_SHARED:-../shared}
export OMP_WAIT_POLICY=passive

skip_all() {
    echo "1..0 # SKIP $1"
    exit 0
}

need_packages() {
    local name
    for name in "$@"; do
        [[ -d tests/node_modules/$name ]] ||
            skip_all "npm's packages are not installed: tools/npm-packages tests"
    done
}

command -v node >/dev/null || skip_all "node is not installed"
[[ -d $KEEPSAKE_SHARED/photos/flickr8k-300 ]] || skip_all "no reference photos in $KEEPSAKE_SHARED"
node_test() { exec node "tests/server/$1" "${@:2}"; }
