#!/bin/bash
# SPDX-License-Identifier: MIT
# The tests of store.h again, on PostgreSQL: every program of the contract with each kind of index.
cd "$(dirname "$0")/../.." || exit 1
. tests/store/pg_cluster.sh
cluster_start
build=${KEEPSAKE_BUILD:-build/release}

# What searches runs with each kind of index; the kind is in SQL alone, so the sanitizers see it once.
searching="test_store_search test_store_filter test_store_criteria test_doctor"
others="test_store test_store_labels test_store_ledger test_store_folders test_store_listing test_store_claims test_store_dump test_store_signals"
programs_of() { # INDEX
    case $1 in
    none) test_rounds "$searching $others" "$others" "$searching $others" ;;
    hnsw) test_rounds "$searching test_store" "$searching" "$searching $others" ;;
    ivfflat) test_rounds "test_store_search test_store_filter test_doctor" "" "$searching $others" ;;
    esac
}

number=0
for index in none hnsw ivfflat; do
    for program in $(programs_of "$index"); do
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
