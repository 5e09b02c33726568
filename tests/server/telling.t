#!/bin/bash
# SPDX-License-Identifier: MIT
# serve: what goes beside the pictures, and what a model may add, in questions over HTTP.
# shellcheck source=tests/server/lib.sh
. tests/server/lib.sh
need_packages ajv ajv-formats
node_test telling.mjs
