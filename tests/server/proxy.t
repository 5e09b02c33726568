#!/bin/bash
# SPDX-License-Identifier: MIT
# serve: behind a real nginx, as docs/serve.md has it and as people paste it; whose address counts.
# shellcheck source=tests/server/lib.sh
. tests/server/lib.sh
node_test proxy.mjs
