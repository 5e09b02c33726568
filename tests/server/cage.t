#!/bin/bash
# SPDX-License-Identifier: MIT
# serve: pictures that break their decoder, sent and shown.
# shellcheck source=tests/server/lib.sh
. tests/server/lib.sh
export KEEPSAKE_FAULTY=${KEEPSAKE%/bin/keepsake}/tests/cage/faulty
[[ -x $KEEPSAKE_FAULTY ]] || skip_all "$KEEPSAKE_FAULTY is not there: make build-tests"
node_test cage.mjs
