#!/bin/sh
# SPDX-License-Identifier: MIT
# Modules of the page that need no browser: rows, places, blocks, months, events, text.
# shellcheck source=tests/web/lib.sh
. tests/web/lib.sh
needs_node
release_only
[ -d web/node_modules/justified-layout ] || skip_all "npm's packages of web/ are not installed"
exec node tests/web/modules.mjs
