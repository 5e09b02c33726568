#!/bin/sh
# SPDX-License-Identifier: MIT
# Searching in a browser: while one types, by a picture, by likeness, with filters; names from labels.
# shellcheck source=tests/web/lib.sh
. tests/web/lib.sh
needs_browser
exec node tests/web/search.mjs
