#!/bin/bash
# SPDX-License-Identifier: MIT
# The tests that need a PostgreSQL server, each program with the server of this script.
cd "$(dirname "$0")/../.." || exit 1
. tests/store/pg_cluster.sh
cluster_start
build=${KEEPSAKE_BUILD:-build/release}

KEEPSAKE_TEST_GALLERY=$(cluster_url NUMBER)
KEEPSAKE_TEST_GALLERY=${KEEPSAKE_TEST_GALLERY/%NUMBER/sNUMBER}
KEEPSAKE_TEST_PSQL="$cluster_bin/psql -XAtq -v ON_ERROR_STOP=1 -c"
KEEPSAKE_TEST_RESTART="$BASH $cluster_folder/restart"
export KEEPSAKE_TEST_GALLERY KEEPSAKE_TEST_PSQL KEEPSAKE_TEST_RESTART
{
    echo "cluster_bin=$cluster_bin cluster_owner=$cluster_owner cluster_folder=$cluster_folder"
    echo "cluster_settings='$cluster_settings'"
    declare -f cluster_as_owner cluster_ctl
    echo "cluster_ctl -m \"\$1\" restart"
} >"$cluster_folder/restart"

number=0
for program in ${KEEPSAKE_TEST_PROGRAMS:-search adopt neighbour upgrade objects faults dump cancel}; do
    number=$((number + 1))
    log=$cluster_folder/$program.out
    if prove -v -e '' "$build/tests/unit/test_postgres_$program" >"$log" 2>&1; then
        grep -E '^#|SKIP' "$log"
        echo "ok $number - test_postgres_$program"
    else
        sed 's/^/# /' "$log"
        echo "not ok $number - test_postgres_$program"
    fi
done
echo "1..$number"
