#!/bin/bash
# SPDX-License-Identifier: MIT
# serve: everything at once, and a stop in the middle.
# shellcheck source=tests/server/lib.sh
. tests/server/lib.sh
node_test load.mjs
