#!/bin/bash
# SPDX-License-Identifier: MIT
# serve: questions, with the stand-in for a language model.
# shellcheck source=tests/server/lib.sh
. tests/server/lib.sh
need_packages ajv ajv-formats
node_test ask.mjs
