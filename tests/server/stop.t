#!/bin/bash
# SPDX-License-Identifier: MIT
# serve: starting, and ending by a signal.
# shellcheck source=tests/server/lib.sh
. tests/server/lib.sh
node_test stop.mjs
