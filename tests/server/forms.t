#!/bin/bash
# SPDX-License-Identifier: MIT
# A thing is the same JSON whichever way a program asks: the command line, the API and MCP.
# shellcheck source=tests/server/lib.sh
. tests/server/lib.sh
need_packages ajv ajv-formats
node_test forms.mjs
