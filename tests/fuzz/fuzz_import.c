/* SPDX-License-Identifier: MIT */
/* An export that somebody else wrote, taken in: whatever it holds, the gallery that takes it in
 * stays sound. */
#include "fuzz/gallery.h"
#include "transfer/transfer.h"

#define DIM 8

static void see_finding(void *context, const struct store_finding *finding)
{
    (void)context;
    if (finding->verdict == STORE_BAD)
        BUG("%s: %s", finding->check, finding->sentence);
}

static void note_photo(void *context, const char *path, const char *sentence)
{
    (void)context;
    if (!path[0] || !sentence[0])
        BUG("a photo that is left out without a word");
}

static void take_in(const char *from_path, const char *to_path)
{
    struct error err = ERROR_INIT;
    struct transfer_report report = {0};
    struct transfer_options options = {.note = note_photo};
    AUTO(store) *from = NULL, *to = NULL;
    if (store_open(from_path, STORE_READ, &from, &err)) {
        if (!err.message[0])
            BUG("an error without its sentence");
        return;
    }
    fuzz_must(store_open(to_path, STORE_WRITE, &to, &err), &err);
    int rc = transfer_copy(from, to, &options, &report, &err);
    if (rc && !err.message[0])
        BUG("an error without its sentence");
    store_check(to, see_finding, NULL);
}

/* Once into an empty gallery, once into one that has photos. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (fuzz_begin()) {
        struct store_model model = fuzz_model(DIM);
        fuzz_make_gallery(fuzz_path("sound.db"), &model);
    }
    const char *from = fuzz_path("from.db"), *to = fuzz_path("to.db");
    fuzz_make_database(from, fuzz_path("sound.db"), data, size);
    fuzz_remove(to);
    take_in(from, to);
    fuzz_copy(fuzz_path("sound.db"), to);
    take_in(from, to);
    return 0;
}
