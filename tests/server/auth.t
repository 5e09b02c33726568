#!/bin/bash
# SPDX-License-Identifier: MIT
# serve: passwords, tokens, sessions.
# shellcheck source=tests/server/lib.sh
. tests/server/lib.sh
node_test auth.mjs
