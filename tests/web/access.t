#!/bin/sh
# SPDX-License-Identifier: MIT
# Every view of the page is usable by everybody: axe-core finds nothing serious or critical.
# shellcheck source=tests/web/lib.sh
. tests/web/lib.sh
release_only
needs_browser
exec node tests/web/access.mjs
