#!/bin/sh
# SPDX-License-Identifier: MIT
# Asking in a browser: the outbox first, then the answer as it streams, its citations, tools, faults.
# shellcheck source=tests/web/lib.sh
. tests/web/lib.sh
needs_browser
exec node tests/web/ask.mjs
