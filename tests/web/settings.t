#!/bin/sh
# SPDX-License-Identifier: MIT
# The rest of the page in a browser: index runs, failures, rules, language, theme, keys, sign-in.
# shellcheck source=tests/web/lib.sh
. tests/web/lib.sh
release_only
needs_browser
exec node tests/web/settings.mjs
