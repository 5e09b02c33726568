#!/bin/sh
# SPDX-License-Identifier: MIT
# Anything in any order for a minute: KEEPSAKE_MONKEY_S=600 for ten, KEEPSAKE_MONKEY_SEED=N for the same again.
# shellcheck source=tests/web/lib.sh
. tests/web/lib.sh
release_only
needs_browser
exec node tests/web/monkey.mjs
