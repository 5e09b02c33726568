#!/bin/sh
# SPDX-License-Identifier: MIT
# The page's language files: the same keys, the same places in the text, every key used and there.
# shellcheck source=tests/web/lib.sh
. tests/web/lib.sh
release_only
needs_node
exec node tests/web/words.mjs
