/* SPDX-License-Identifier: MIT */
/* Runs one fuzz target over its corpus without libFuzzer, a TAP line per file:
 *     fuzz_exif tests/fuzz/corpus/exif
 * A crash or sanitizer report ends the program, which prove reports. */
#include <dirent.h>
#include <stdint.h>

#include "base/file.h"
#include "tap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

int main(int argc, char **argv)
{
    struct dirent **entries = NULL;
    int n = argc == 2 ? scandir(argv[1], &entries, NULL, by_name) : -1;
    if (n < 0) {
        fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
        return 2;
    }
    for (int i = 0; i < n; i++) {
        char *path = file_join(argv[1], entries[i]->d_name);
        struct file f;
        if (entries[i]->d_name[0] != '.' && !file_read(path, SIZE_MAX / 4, &f, NULL)) {
            LLVMFuzzerTestOneInput(f.data, f.size);
            file_release(&f);
            ok(true, "%s", entries[i]->d_name);
        }
        free(path);
        free(entries[i]);
    }
    free(entries);
    ok(tap_count > 0, "the corpus %s is not empty", argv[1]);
    return done_testing();
}
