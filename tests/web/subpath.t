#!/bin/sh
# SPDX-License-Identifier: MIT
# The page below a path of its host, behind a real nginx that takes the path off, and signed in by the
# address that the server printed.
# shellcheck source=tests/web/lib.sh
. tests/web/lib.sh
needs_browser
release_only
exec node tests/web/subpath.mjs
