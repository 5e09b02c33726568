#!/bin/sh
# SPDX-License-Identifier: MIT
# What is shown is what the address says, however steps, closed connections and restarts come together; with
# motion on. Many tabs; changes by others.
# shellcheck source=tests/web/lib.sh
. tests/web/lib.sh
release_only
needs_browser
exec node tests/web/states.mjs
