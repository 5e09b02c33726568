#!/bin/sh
# SPDX-License-Identifier: MIT
# The page over a gallery of 100,000 photos: first paint, the far end and back, memory.
# shellcheck source=tests/web/lib.sh
. tests/web/lib.sh
release_only
needs_browser
exec node tests/web/many.mjs
