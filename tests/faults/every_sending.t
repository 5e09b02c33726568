#!/bin/sh
# SPDX-License-Identifier: MIT
# A server and a question while calls of the file system fail.
cd "$(dirname "$0")/../.." || exit 1
if [ ! -e "${KEEPSAKE_BUILD:-build/release}/tests/faults/shim.so" ]; then
    echo "1..0 # SKIP sanitizers bring their own allocator and calls: run in the release build"
    exit 0
fi
exec node tests/faults/every_sending.mjs
