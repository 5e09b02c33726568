#!/bin/sh
# SPDX-License-Identifier: MIT
# One photo in a browser: zoom, swipe, facts, labels and their boxes, download.
# shellcheck source=tests/web/lib.sh
. tests/web/lib.sh
release_only
needs_browser
exec node tests/web/viewer.mjs
