#!/bin/bash
# SPDX-License-Identifier: MIT
# Our client and the vendors' own clients read the same replies to the same text, usage, tool calls
# and stop reason, at every size of pieces.
set -eu
driver=${KEEPSAKE_BUILD:-build/release}/tests/llm/llm_send
if ! command -v node >/dev/null; then
    echo "1..0 # SKIP node is not installed"
elif [[ ! -d tests/node_modules/@anthropic-ai/sdk ]]; then
    echo "1..0 # SKIP npm's packages are not installed: tools/npm-packages tests"
elif [[ ! -x $driver ]]; then
    echo "Bail out! $driver is not there: make build-tests"
    exit 1
else
    exec node tests/llm/same_as_sdk.mjs
fi
