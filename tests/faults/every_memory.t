#!/bin/sh
# SPDX-License-Identifier: MIT
# Allocations that fail, one after the other, in whole commands.
cd "$(dirname "$0")/../.." || exit 1
if [ ! -e "${KEEPSAKE_BUILD:-build/release}/tests/faults/shim.so" ]; then
    echo "1..0 # SKIP sanitizers bring their own allocator and calls: run in the release build"
    exit 0
fi
exec node tests/faults/every_call.mjs memory
