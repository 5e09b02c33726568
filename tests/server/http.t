#!/bin/bash
# SPDX-License-Identifier: MIT
# serve: caching, ranges, downloads, methods, headers.
# shellcheck source=tests/server/lib.sh
. tests/server/lib.sh
node_test http.mjs
