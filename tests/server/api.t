#!/bin/bash
# SPDX-License-Identifier: MIT
# serve: the API is as openapi.json describes it.
# shellcheck source=tests/server/lib.sh
. tests/server/lib.sh
need_packages ajv ajv-formats @apidevtools/swagger-parser
node_test api.mjs
