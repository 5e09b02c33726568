/* SPDX-License-Identifier: MIT */
/* A set of ids against a plain array, dense and sparse. */
#include "store/id_set.h"

#include "store_fixture.h"

enum { N = 3000 };

static bool is_in(const int64_t *ids, size_t n, int64_t id)
{
    for (size_t i = 0; i < n; i++)
        if (ids[i] == id)
            return true;
    return false;
}

/* Ids within `spread` of `first`, in no order, some twice. */
static void test(int64_t first, uint64_t spread, size_t n, bool bits, const char *name)
{
    static int64_t ids[N];
    struct id_set set = {.ids = NULL};
    uint64_t state = spread + n;
    for (size_t i = 0; i < n; i++) {
        ids[i] = i % 9 == 8 ? ids[i - 1] : first + (int64_t)(fixture_random(&state) % spread);
        id_set_add(&set, ids[i]);
    }
    id_set_seal(&set);
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++)
        wrong += !id_set_has(&set, ids[i]);
    for (size_t i = 0; i < N; i++) {
        int64_t id = i % 2 ? first + (int64_t)(fixture_random(&state) % spread)
                           : (n ? ids[i % n] : 0) + (int64_t)(fixture_random(&state) % 5) - 2;
        wrong += id_set_has(&set, id) != is_in(ids, n, id);
    }
    const int64_t far[] = {INT64_MIN, INT64_MAX, 0, -1, first - 1, first + (int64_t)spread};
    for (size_t i = 0; i < sizeof far / sizeof *far; i++)
        wrong += id_set_has(&set, far[i]) != is_in(ids, n, far[i]);
    ok(wrong == 0 && (set.bits != NULL) == bits, "%s", name);
    id_set_release(&set);
}

int main(void)
{
    test(1, 10, 0, false, "nothing");
    test(5, 1, 1, true, "one id");
    test(1, 5000, N, true, "close together: bits");
    test(-3000, 6000, N, true, "... around zero");
    test(1, (uint64_t)1 << 52, N, false, "far apart: sorted");
    test(-((int64_t)1 << 60), (uint64_t)1 << 61, N, false, "... over most of all numbers");
    test(((int64_t)1 << 53) - 100, 100, 50, true, "large ones");
    return done_testing();
}
