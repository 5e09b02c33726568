#!/bin/bash
# SPDX-License-Identifier: MIT
# The stand-in for the language model services is right: npm's @anthropic-ai/sdk, bedrock-sdk,
# vertex-sdk and openai talk to it, and every rule refuses one bad request and takes its valid counterpart.
set -eu
if [[ ${KEEPSAKE_BUILD:-build/release} != */release ]]; then
    echo "1..0 # SKIP no program of a build takes part: the release run has shown it"
elif ! command -v node >/dev/null; then
    echo "1..0 # SKIP node is not installed"
elif [[ ! -d tests/node_modules/@anthropic-ai/sdk ]]; then
    echo "1..0 # SKIP npm's packages are not installed: tools/npm-packages tests"
else
    exec node tests/llm/sdk_suite.mjs
fi
