#!/bin/sh
# SPDX-License-Identifier: MIT
# The gallery by date in a browser: grid, scrubber, keyboard, viewer, and Back.
# shellcheck source=tests/web/lib.sh
. tests/web/lib.sh
release_only
needs_browser
exec node tests/web/photos.mjs
