#!/bin/bash
# SPDX-License-Identifier: MIT
# The tests of store.h again, on PostgreSQL: every program of the contract with each kind of index.
cd "$(dirname "$0")/../.." || exit 1
. tests/store/pg_cluster.sh
cluster_start
build=${KEEPSAKE_BUILD:-build/release}

number=0
# The kind of index is in SQL alone.
for index in $(test_rounds "none hnsw ivfflat" hnsw "none hnsw ivfflat"); do
    for program in test_store test_store_search test_store_filter test_store_criteria test_store_labels \
        test_store_ledger test_store_folders test_store_listing test_store_claims test_store_dump test_store_signals test_doctor; do
        number=$((number + 1))
        log=$cluster_folder/$program.$index.out
        KEEPSAKE_TEST_GALLERY=$(cluster_url "g${number}_NUMBER") KEEPSAKE_TEST_INDEX=$index \
            prove -e '' "$build/tests/unit/$program" >"$log" 2>&1
        status=$?
        if [ $status = 0 ]; then
            echo "ok $number - $program on PostgreSQL, index $index"
        else
            echo "not ok $number - $program on PostgreSQL, index $index"
            sed 's/^/# /' "$log"
        fi
    done
done
echo "1..$number"
