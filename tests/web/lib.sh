# SPDX-License-Identifier: MIT
# Shared by tests/web: runs a node program of this folder, or says why it cannot.
# shellcheck shell=sh

skip_all() {
    echo "1..0 # SKIP $1"
    exit 0
}

needs_node() {
    command -v node >/dev/null || skip_all "node is not installed"
}

needs_browser() {
    needs_node
    [ -d tests/node_modules/playwright-core ] || skip_all "tests/node_modules is not there: make deps"
    command -v chromium >/dev/null || skip_all "chromium is not installed"
    grep -q '"/", "text/html' "${BUILD:-build}/web/assets.c" 2>/dev/null ||
        skip_all "the page was left out of this build (no npm)"
}

# The page is the same in every build: once is enough for what is about the page alone.
release_only() {
    case ${KEEPSAKE_BUILD:-} in *asan*) skip_all "the release build runs this" ;; esac
}
