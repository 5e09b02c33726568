#!/bin/bash
# SPDX-License-Identifier: MIT
# serve: what strangers try, on 127.0.0.1 only.
# shellcheck source=tests/server/lib.sh
. tests/server/lib.sh
ulimit -n "$(ulimit -Hn)"
[[ $(ulimit -n) -gt 12000 || $(ulimit -n) == unlimited ]] || skip_all "no 12,000 open files are allowed here"
node_test attacks.mjs
