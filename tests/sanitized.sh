# SPDX-License-Identifier: MIT
# How much a test script repeats itself, as sanitized.h for C: less under a sanitizer, all of it with
# KEEPSAKE_TEST_LONG (make check-long). Sourced by tests/cli/lib.sh and tests/store/pg_cluster.sh.
# shellcheck shell=bash
#
#   test_is_short                        under a sanitizer in make check
#   test_rounds RELEASE SANITIZED ALL    one of the three numbers (or words)

test_is_sanitized() { [[ ${KEEPSAKE_BUILD:-${KEEPSAKE:-}} == *[at]san* ]]; }
test_is_short() { [[ -z ${KEEPSAKE_TEST_LONG:-} ]] && test_is_sanitized; }
test_rounds() {
    if [[ -n ${KEEPSAKE_TEST_LONG:-} ]]; then echo "$3"; elif test_is_sanitized; then echo "$2"; else echo "$1"; fi
}
