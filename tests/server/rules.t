#!/bin/bash
# SPDX-License-Identifier: MIT
# serve: never-send rules and folders of filters mean the same as on the command line.
# shellcheck source=tests/server/lib.sh
. tests/server/lib.sh
need_packages ajv ajv-formats
node_test rules.mjs
