#!/bin/bash
# SPDX-License-Identifier: MIT
# We and the vendors' own clients, side by side before the same server: the same addresses, headers and
# bodies go out, and the same is asked again after the same wait.
set -eu
if ! command -v node >/dev/null; then
    echo "1..0 # SKIP node is not installed"
elif [[ ! -d tests/node_modules/@anthropic-ai/sdk ]]; then
    echo "1..0 # SKIP npm's packages are not installed: tools/npm-packages tests"
else
    exec node tests/llm/wire_suite.mjs
fi
