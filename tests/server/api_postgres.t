#!/bin/bash
# SPDX-License-Identifier: MIT
# serve: the API over a gallery in PostgreSQL.
# shellcheck source=tests/server/lib.sh
. tests/server/lib.sh
need_packages ajv ajv-formats @apidevtools/swagger-parser
# shellcheck source=tests/store/pg_cluster.sh
. tests/store/pg_cluster.sh
cluster_start
KEEPSAKE_TEST_GALLERY=$(cluster_url serve) node tests/server/api.mjs
