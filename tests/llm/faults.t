#!/bin/bash
# SPDX-License-Identifier: MIT
# Everything that can go wrong between us and a language model, over the stand-in, in whole pieces and
# byte by byte: each is a sentence, and what is sent again is what Anthropic's SDK would send again.
set -eu
if ! command -v node >/dev/null; then
    echo "1..0 # SKIP node is not installed"
else
    exec node tests/llm/faults_suite.mjs
fi
