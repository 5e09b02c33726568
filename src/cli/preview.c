/* SPDX-License-Identifier: MIT */
/* Selects the terminal's graphics protocol, and shows a photo, with an optional box. */
#include "cli/preview.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/photo_file.h"
#include "cage/cage.h"
#include "cli/preview_print.h"
#include "cli/terminal.h"
#include "cli/terminal_query.h"

#define COLUMNS_MAX 40
#define ROWS_MAX 12
#define FRAME_PX 4

static bool variable_is(const char *name, const char *value)
{
    const char *found = getenv(name);
    return found && (value ? strcasecmp(found, value) == 0 : found[0] != '\0');
}

/* Inside a multiplexer, the environment describes the outer terminal, or the one it was started
 * on. */
static bool is_multiplexed(void)
{
    return variable_is("TMUX", NULL) || variable_is("STY", NULL) ||
           strncmp(getenv("TERM"), "screen", 6) == 0 || strncmp(getenv("TERM"), "tmux", 4) == 0;
}

static enum preview_kind kind_by_environment(void)
{
    if (is_multiplexed())
        return PREVIEW_NONE;
    if (variable_is("TERM_PROGRAM", "WezTerm") || variable_is("TERM_PROGRAM", "iTerm.app") ||
        variable_is("LC_TERMINAL", "iTerm2") || variable_is("TERM_PROGRAM", "mintty"))
        return PREVIEW_ITERM;
    if (variable_is("TERM", "xterm-kitty") || variable_is("TERM", "xterm-ghostty") ||
        variable_is("TERM_PROGRAM", "ghostty") || variable_is("KITTY_WINDOW_ID", NULL))
        return PREVIEW_KITTY;
    return PREVIEW_NONE;
}

enum preview_kind preview_kind(FILE *stream, const char *setting)
{
    static const char *const names[] = {"off", "kitty", "iterm", "sixel"};
    if (!terminal_obeys(stream))
        return PREVIEW_NONE;
    for (size_t i = 0; setting && i < sizeof names / sizeof *names; i++)
        if (strcmp(setting, names[i]) == 0)
            return (enum preview_kind)i;
    enum preview_kind kind = kind_by_environment();
    return !kind && terminal_shows_sixel(stream) ? PREVIEW_SIXEL : kind;
}

/* Decodes the photo and scales it down, in proportion, to at most width x height. */
static int load_preview(const char *path, const uint8_t hash[HASH_BYTES], int width, int height,
                        struct image **ret_image, struct error *err)
{
    struct file file;
    int rc = photo_file_read(path, hash, LIMIT_PHOTO_FILE_BYTES, &file, err);
    if (rc)
        return rc;
    AUTO(image) *photo = NULL;
    struct decode_options options = {.short_edge_px = width < height ? width : height};
    rc = cage_decode(file.data, file.size, &options, &photo, NULL, err);
    file_release(&file);
    if (rc)
        return error_add(err, "%s", path);
    double scale = 1.0, across = (double)width / photo->width,
           down = (double)height / photo->height;
    scale = across < scale ? across : scale;
    scale = down < scale ? down : scale;
    int to_width = (int)(photo->width * scale), to_height = (int)(photo->height * scale);
    return image_resize(photo, to_width > 1 ? to_width : 1, to_height > 1 ? to_height : 1,
                        ret_image, err);
}

static void set_pixel(struct image *image, int x, int y, uint8_t value)
{
    if (x >= 0 && y >= 0 && x < image->width && y < image->height)
        memset(image->rgb + ((size_t)y * (size_t)image->width + (size_t)x) * 3, value, 3);
}

/* The frame is white between black lines, visible on any photo, just outside of the box if there
 * is room. */
static void draw_frame(struct image *image, const struct store_box *box)
{
    int left = (int)(box->x * image->width), top = (int)(box->y * image->height);
    int right = (int)((box->x + box->width) * image->width + 0.5) - 1;
    int bottom = (int)((box->y + box->height) * image->height + 0.5) - 1;
    left = left < FRAME_PX ? FRAME_PX : left;
    top = top < FRAME_PX ? FRAME_PX : top;
    right = right > image->width - 1 - FRAME_PX ? image->width - 1 - FRAME_PX : right;
    bottom = bottom > image->height - 1 - FRAME_PX ? image->height - 1 - FRAME_PX : bottom;
    for (int out = 1; out <= FRAME_PX; out++) {
        uint8_t value = out == 1 || out == FRAME_PX ? 0 : 255;
        for (int x = left - out; x <= right + out; x++) {
            set_pixel(image, x, top - out, value);
            set_pixel(image, x, bottom + out, value);
        }
        for (int y = top - out; y <= bottom + out; y++) {
            set_pixel(image, left - out, y, value);
            set_pixel(image, right + out, y, value);
        }
    }
}

int preview_show(enum preview_kind kind, FILE *stream, const char *path,
                 const uint8_t hash[HASH_BYTES], const struct store_box *box, struct error *err)
{
    static int (*const print[])(FILE *, const struct image *, struct error *) = {
        [PREVIEW_KITTY] = preview_print_kitty,
        [PREVIEW_ITERM] = preview_print_iterm,
        [PREVIEW_SIXEL] = preview_print_sixel,
    };
    if (kind == PREVIEW_NONE)
        return 0;
    struct terminal_cells cells = terminal_cells(stream);
    int columns = cells.columns < COLUMNS_MAX ? cells.columns : COLUMNS_MAX;
    int rows = cells.rows - 1 < ROWS_MAX ? cells.rows - 1 : ROWS_MAX;
    AUTO(image) *image = NULL;
    int rc = load_preview(path, hash, columns * cells.width_px,
                          (rows > 1 ? rows : 1) * cells.height_px, &image, err);
    if (rc)
        return rc;
    if (box)
        draw_frame(image, box);
    rc = print[kind](stream, image, err);
    if (!rc)
        fputc('\n', stream);
    return rc;
}
