#!/bin/bash
# SPDX-License-Identifier: MIT
# serve: index runs.
# shellcheck source=tests/server/lib.sh
. tests/server/lib.sh
need_packages ajv ajv-formats
node_test index.mjs
