#!/bin/bash
# SPDX-License-Identifier: MIT
# serve: originals and thumbnails are of what was indexed, whatever lies at their paths by now.
# shellcheck source=tests/server/lib.sh
. tests/server/lib.sh
need_packages ajv ajv-formats
command -v sqlite3 >/dev/null || skip_all "sqlite3 is not installed"
node_test files.mjs
