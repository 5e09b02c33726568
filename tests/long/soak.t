#!/bin/bash
# SPDX-License-Identifier: MIT
# A server that indexes, searches and answers in turns: some turns, or KEEPSAKE_SOAK_S seconds of them.
# shellcheck source=tests/server/lib.sh
. tests/server/lib.sh
[[ ${KEEPSAKE_BUILD:-} != *san ]] || skip_all "a sanitizer keeps memory that was given back"
exec node tests/long/soak.mjs
