/* SPDX-License-Identifier: MIT */
/* Files and paths. Paths are bytes, as the kernel has them: not always UTF-8. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/memory.h"

/* The bytes of a whole file. It is read, not mapped: a photo that is truncated while it is mapped
 * would end the program with SIGBUS. One NUL follows the data. */
struct file {
    uint8_t *data;
    size_t size;
};

/* ERR_LIMIT when the file is larger than max_bytes; ERR_INVALID when it is not a regular file. */
int file_read(const char *path, size_t max_bytes, struct file *ret_file,
              struct error *err) MUST_CHECK;
void file_release(struct file *f);
/* As file_read, for a descriptor of a regular file, from its current offset on. `name` is used in
 * errors. */
int file_read_descriptor(int fd, const char *name, size_t max_bytes, struct file *ret_file,
                         struct error *err) MUST_CHECK;
/* As file_read, for a file whose size is not known in advance, such as one in /proc. */
int file_read_stream(const char *path, size_t max_bytes, struct file *ret_file,
                     struct error *err) MUST_CHECK;

/* A read-only private mapping, for large files that do not change (model weights). */
struct file_map {
    const uint8_t *data;
    size_t size;
};

/* ERR_CORRUPT when the file is empty. */
int file_map_open(const char *path, struct file_map *ret_map, struct error *err) MUST_CHECK;
void file_map_close(struct file_map *map);

/* Opens a regular file for reading and never blocks (opening a FIFO would). The caller closes it.
 * Errors as of file_read. */
int file_open_regular(const char *path, int *ret_fd, size_t *ret_size,
                      struct error *err) MUST_CHECK;

/* Makes the folder and its missing parents, with mode 0700 or as the umask says. */
int file_make_folders(const char *path, struct error *err) MUST_CHECK;

/* "folder/name" with exactly one slash between; the caller frees. */
char *file_join(const char *folder, const char *name);
/* A copy of path without its last component ("." when it has no slash); the caller frees. */
char *file_parent(const char *path);
/* Points into path, past the last slash. */
const char *file_name(const char *path);

/* $XDG_DATA_HOME/keepsake, or $HOME/.local/share/keepsake; the caller frees. NULL without HOME. */
char *file_data_home(void);
/* $XDG_CONFIG_HOME/keepsake, or $HOME/.config/keepsake; the caller frees. NULL without HOME. */
char *file_config_home(void);
/* $XDG_CACHE_HOME/keepsake, or $HOME/.cache/keepsake; the caller frees. NULL without HOME. */
char *file_cache_home(void);
/* $XDG_STATE_HOME/keepsake, or $HOME/.local/state/keepsake; the caller frees. NULL without HOME. */
char *file_state_home(void);
/* The folder of read-only data that comes with the program: $KEEPSAKE_DATA, else ../share/keepsake
 * relative to the folder of the running program. The caller frees. NULL when neither exists. */
char *file_program_data(void);
