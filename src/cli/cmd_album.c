/* SPDX-License-Identifier: MIT */
/* `keepsake album` and `keepsake albums`: makes, changes, shows and lists albums. */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/photo_name.h"
#include "cli/query_text.h"
#include "cli/results.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "cli/words.h"
#include "forms/forms.h"
#include "query/label_name.h"
#include "search/album.h"
#include "search/search.h"

struct album_options {
    int64_t k;
    const char *name; /* the new one */
    bool adds, removes, deletes, copies;
};

static const struct option_spec options[] = {
    {.name = "count",
     .letter = 'k',
     .kind = OPTION_NUMBER,
     .offset = offsetof(struct album_options, k),
     .value = "N",
     .help = "show at most N photos (default: all, up to 10000)",
     .min = 1,
     .max = LIMIT_RESULTS},
    {.name = "copies",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct album_options, copies),
     .help = "show every copy of a photo; otherwise identical files count once"},
    {.name = "add",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct album_options, adds),
     .help = "put the PHOTOs in by hand, whatever the query says"},
    {.name = "remove",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct album_options, removes),
     .help = "leave the PHOTOs out by hand, whatever the query says"},
    {.name = "rename",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct album_options, name),
     .value = "NEW",
     .help = "give the album another name"},
    {.name = "delete",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct album_options, deletes),
     .help = "remove the album; its photos stay"},
    {.name = NULL},
};

/* ---- reports ---- */

/* Opens the model if the album needs it, and counts its photos. */
static int count_photos(struct context *context, const struct understood *query,
                        int64_t *ret_photos, struct error *err)
{
    int rc = query->is_listed ? 0 : context_open_model(context, err);
    return rc ? rc
              : album_count(context->store, context->clip, context->choice.id, query, ret_photos,
                            err);
}

/* Reads and counts an album; a wrong query is *ret_problem, and the count then -1. */
static int examine_album(struct context *context, const struct album *album, int64_t *ret_photos,
                         bool *ret_graded, char **ret_problem, struct error *err)
{
    struct understood query;
    struct error why;
    *ret_photos = -1;
    *ret_graded = false;
    int rc = album_read(context->store, album, &query, ret_problem, &why);
    if (rc == ERR_INVALID || rc == ERR_LIMIT) {
        *ret_problem = xstrdup(why.message);
        return 0;
    }
    if (rc)
        return error_set(err, rc, "%s", why.message);
    *ret_graded = !query.is_listed;
    rc = count_photos(context, &query, ret_photos, err);
    understood_release(&query);
    if (rc)
        free(*ret_problem);
    return rc;
}

static void print_counted(int64_t photos)
{
    if (photos >= 0)
        printf(": %" PRId64 " %s", photos, photos == 1 ? "photo" : "photos");
}

/* Prints one line about an album that was changed. */
static int report_album(struct context *context, int64_t id, struct error *err)
{
    struct album album;
    AUTO_FREE char *problem = NULL;
    int64_t photos;
    bool graded;
    int rc = album_get(context->store, id, &album, err);
    if (rc)
        return rc;
    rc = examine_album(context, &album, &photos, &graded, &problem, err);
    if (!rc && context->settings.json) {
        output_json(form_album(&album, photos, graded, problem));
    } else if (!rc) {
        fputs("album ", stdout);
        output_text(album.name);
        print_counted(photos);
        putchar('\n');
        if (problem)
            context_note(context, "%s", problem);
    }
    album_release(&album);
    return rc;
}

/* ---- saving a query ---- */

/* Checks the query; a mistake in it is reported with its place, with status 2. */
static int check_query(struct context *context, const char *name, const char *query,
                       struct error *err)
{
    struct syntax_fault fault;
    AUTO_FREE char *folded = NULL;
    int rc = label_name_fold(name, &folded, err);
    if (rc)
        return rc;
    rc = album_check(context->store, name, query, &fault, err);
    bool is_mistake = rc == ERR_INVALID || rc == ERR_NOT_FOUND || rc == ERR_LIMIT;
    if (is_mistake)
        query_text_report(context, query, &fault, err);
    if (rc)
        syntax_fault_release(&fault);
    return is_mistake ? STATUS_USAGE : rc;
}

/* Finds an album, or makes one without a query. */
static int find_or_make(struct context *context, const char *name, struct album *ret_album,
                        struct error *err)
{
    int64_t id;
    int rc = album_find(context->store, name, ret_album, NULL, err);
    if (rc != ERR_NOT_FOUND)
        return rc;
    rc = store_add_album(context->store, name, "", &id, err);
    return rc ? rc : album_get(context->store, id, ret_album, err);
}

static int save_query(struct context *context, const char *name, const char *query,
                      struct error *err)
{
    struct album album;
    int64_t id;
    int rc = context_open_gallery(context, STORE_WRITE, err);
    if (!rc)
        rc = check_query(context, name, query, err);
    if (rc)
        return rc;
    rc = album_find(context->store, name, &album, NULL, err);
    if (rc == ERR_NOT_FOUND) {
        rc = store_add_album(context->store, name, query, &id, err);
    } else if (!rc) {
        id = album.id;
        rc = store_change_album(context->store, id, NULL, query, err);
        album_release(&album);
    }
    return rc ? rc : report_album(context, id, err);
}

/* ---- by hand ---- */

/* Gets the ids of the photos that the operands after the first name. */
static int read_photos(struct context *context, const struct argument_list *operands,
                       int64_t *ret_ids, struct error *err)
{
    int rc = 0;
    for (size_t i = 1; !rc && i < operands->count; i++) {
        struct store_photo photo;
        rc = photo_named(context->store, operands->items[i].text, &photo, err);
        if (rc)
            break;
        ret_ids[i - 1] = photo.id;
        store_photo_release(&photo);
    }
    return rc;
}

/* Without a query, a photo that is removed need not be left out by hand. */
static enum store_membership membership_of(const struct album_options *o, const struct album *album)
{
    if (o->adds)
        return STORE_MEMBER_PUT_IN;
    return album->query[0] ? STORE_MEMBER_LEFT_OUT : STORE_MEMBER_BY_QUERY;
}

static int set_photos(struct context *context, const struct album_options *o,
                      const struct argument_list *operands, struct error *err)
{
    struct album album;
    size_t n = operands->count - 1;
    AUTO_FREE int64_t *ids = xmalloc((n + 1) * sizeof *ids);
    const char *name = operands->items[0].text;
    int rc = context_open_gallery(context, STORE_WRITE, err);
    if (!rc)
        rc = read_photos(context, operands, ids, err);
    if (!rc)
        rc = o->adds ? find_or_make(context, name, &album, err)
                     : album_find(context->store, name, &album, NULL, err);
    if (rc)
        return rc;
    rc = store_set_members(context->store, album.id, ids, n, membership_of(o, &album), err);
    if (!rc)
        rc = report_album(context, album.id, err);
    album_release(&album);
    return rc;
}

/* ---- another name, none at all ---- */

static int rename_album(struct context *context, const char *name, const char *new_name,
                        struct error *err)
{
    struct album album;
    int rc = context_open_gallery(context, STORE_WRITE, err);
    if (!rc)
        rc = album_find(context->store, name, &album, NULL, err);
    if (rc)
        return rc;
    rc = album_rename(context->store, &album, new_name, err);
    if (!rc)
        rc = report_album(context, album.id, err);
    album_release(&album);
    return rc;
}

static int delete_album(struct context *context, const char *name, struct error *err)
{
    struct album album;
    int rc = context_open_gallery(context, STORE_WRITE, err);
    if (!rc)
        rc = album_find(context->store, name, &album, NULL, err);
    if (rc)
        return rc;
    rc = store_remove_album(context->store, album.id, err);
    if (!rc && context->settings.json) {
        json_t *line = json_object();
        json_object_set_new(line, "id", json_integer(album.id));
        json_object_set_new(line, "removed", json_true());
        output_json(line);
    } else if (!rc) {
        fputs("album ", stdout);
        output_text(album.name);
        puts(" removed; its photos are untouched");
    }
    album_release(&album);
    return rc;
}

/* ---- showing ---- */

static int show_photos(struct context *context, const struct album_options *o,
                       const struct understood *query, struct error *err)
{
    struct search_results results;
    struct search_request request = {.tree = query->tree,
                                     .sort = query->sort,
                                     .seed = (uint64_t)random_id(),
                                     .only_matching = true,
                                     .all_copies = o->copies,
                                     .k = o->k ? (size_t)o->k : LIMIT_RESULTS};
    struct pictures pictures = {.hides_copies = !o->copies};
    int rc = query->is_listed ? 0 : context_open_model(context, err);
    if (!rc)
        rc = search_run(context->store, context->clip, context->choice.id, &request, &results, err);
    if (rc)
        return rc;
    if (results.count == 0)
        context_note(context, "the album has no photos");
    results_print(context, pictures, &results);
    search_results_release(&results);
    return STATUS_DONE;
}

static int show_album(struct context *context, const struct album_options *o, const char *name,
                      struct error *err)
{
    struct album album;
    struct understood query;
    char *near = NULL, *said = NULL;
    struct error why;
    int rc = context_open_gallery(context, STORE_READ, err);
    if (rc)
        return rc;
    rc = album_find(context->store, name, &album, &near, &why);
    AUTO_FREE char *similar = near;
    if (rc == ERR_NOT_FOUND && similar)
        return error_set(err, rc, "%s: did you mean %s?", why.message, similar);
    if (rc == ERR_NOT_FOUND)
        return error_set(err, rc, "%s: `keepsake album NAME QUERY` makes one", why.message);
    if (rc)
        return error_set(err, rc, "%s", why.message);
    rc = album_read(context->store, &album, &query, &said, err);
    album_release(&album);
    if (rc)
        return rc;
    AUTO_FREE char *remark = said;
    if (remark)
        context_note(context, "%s", remark);
    rc = show_photos(context, o, &query, err);
    understood_release(&query);
    return rc;
}

/* ---- the command ---- */

/* Returns a sentence about options that do not fit the operands; NULL: they do. */
static const char *find_misuse(const struct album_options *o, const struct argument_list *operands)
{
    int deeds = o->adds + o->removes + o->deletes + (o->name != NULL);
    if (operands->count == 0)
        return "album needs the NAME of an album";
    if (deeds > 1)
        return "--add, --remove, --rename and --delete do not go together";
    if ((o->adds || o->removes) && operands->count == 1)
        return "--add and --remove need a PHOTO";
    if ((o->deletes || o->name) && operands->count > 1)
        return "--rename and --delete take only the NAME of an album: quote a name with blanks";
    return NULL;
}

static int run_album(struct context *context, const void *chosen,
                     const struct argument_list *operands, struct error *err)
{
    const struct album_options *o = chosen;
    const char *misuse = find_misuse(o, operands);
    if (misuse)
        return command_misuse(&command_album, "%s", misuse);
    const char *name = operands->items[0].text;
    if (o->adds || o->removes)
        return set_photos(context, o, operands, err);
    if (o->name)
        return rename_album(context, name, o->name, err);
    if (o->deletes)
        return delete_album(context, name, err);
    if (operands->count == 1)
        return show_album(context, o, name, err);
    AUTO_FREE char *query = NULL;
    int rc = words_join(operands, 1, LIMIT_QUERY_BYTES, "query", &query, err);
    return rc ? rc : save_query(context, name, query, err);
}

static const struct example examples[] = {
    {"keepsake album Summer 'in:trips month:6..8 rating:>3'", "makes an album of criteria"},
    {"keepsake album 'Red cars' a red car -toy", "the photos that match at least weakly"},
    {"keepsake album Summer", "shows its photos"},
    {"keepsake album Summer --add kite.jpg", "puts one in by hand; --remove leaves one out"},
    {"keepsake album Wall --add a.jpg b.jpg", "an album without a query"},
    {"keepsake search 'album:Summer + dog'", "album: is a criterion of queries"},
    {NULL, NULL},
};

const struct command command_album = {
    .name = "album",
    .summary = "make, change and show an album: a saved query, photos chosen by hand, or both",
    .usage = "[-k N] NAME\nNAME QUERY...\nNAME --add PHOTO...\nNAME --remove PHOTO...\n"
             "NAME --rename NEW\nNAME --delete",
    .description =
        "Shows the photos of an album; with a QUERY, makes the album or changes its query. The "
        "query is saved as its text and evaluated whenever the album is shown: `keepsake help "
        "query` has its language. If it says what photos show, the album has those that match it "
        "at least weakly. An empty QUERY ('') makes an album of photos chosen by hand only.\n\n"
        "What is put in or left out by hand (--add, --remove) has precedence over the query. It "
        "belongs to the content of the photo, as a label does: it remains when the file is moved "
        "or forgotten, and applies to every copy. PHOTO is a path, or an id from `search --json`. "
        "Names are compared ignoring case; quote a NAME with blanks. No photo is ever changed.\n\n"
        "With --json: photos as `keepsake search --json` prints them; after a change one object "
        "with id, name, query, photos (their number), graded (whether the query says what photos "
        "show), put_in and left_out (contents by hand) and problem (a sentence about the query, or "
        "null); after --delete id and removed.",
    .examples = examples,
    .options = options,
    .options_size = sizeof(struct album_options),
    .operands = COMPLETE_FILES,
    .takes_query = true,
    .run = run_album,
};

/* ---- the list ---- */

struct album_list {
    int64_t *ids;
    size_t count, cap;
};

static int note_album(void *context, const struct store_album *album)
{
    struct album_list *list = context;
    ARRAY_GROW(list->ids, list->cap, list->count + 1);
    list->ids[list->count++] = album->id;
    return 0;
}

static void add_row(struct table *table, const struct album *album, int64_t photos,
                    const char *problem)
{
    char count[24] = "-";
    if (photos >= 0)
        snprintf(count, sizeof count, "%" PRId64, photos);
    table_add(table, (const char *[]){album->name, count,
                                      problem           ? problem
                                      : album->query[0] ? album->query
                                                        : "(chosen by hand)"});
}

static int list_album(struct context *context, int64_t id, struct table *table, struct error *err)
{
    struct album album;
    AUTO_FREE char *problem = NULL;
    int64_t photos;
    bool graded;
    int rc = album_get(context->store, id, &album, err);
    if (rc)
        return rc == ERR_NOT_FOUND ? 0 : rc; /* removed by another process */
    rc = examine_album(context, &album, &photos, &graded, &problem, err);
    if (!rc && context->settings.json)
        output_json(form_album(&album, photos, graded, problem));
    else if (!rc)
        add_row(table, &album, photos, problem);
    album_release(&album);
    return rc;
}

static int run_albums(struct context *context, const void *chosen,
                      const struct argument_list *operands, struct error *err)
{
    struct album_list list = {.ids = NULL};
    struct table table = TABLE_INIT(3);
    (void)chosen;
    if (operands->count > 0)
        return command_misuse(&command_albums, "albums takes no arguments");
    int rc = context_open_gallery(context, STORE_READ, err);
    if (!rc)
        rc = store_list_albums(context->store, note_album, &list, err);
    table_align_right(&table, 1);
    table.style[0] = STYLE_BOLD;
    table.style[2] = STYLE_DIM;
    table.has_header = terminal_is(stdout);
    if (table.has_header)
        table_add(&table, (const char *[]){"album", "photos", "query"});
    for (size_t i = 0; !rc && i < list.count && !output_is_broken(); i++)
        rc = list_album(context, list.ids[i], &table, err);
    if (!rc && list.count > 0 && !context->settings.json)
        table_print(&table, stdout, terminal_has_colour(stdout));
    if (!rc && list.count == 0)
        context_note(context, "there are no albums: `keepsake album NAME QUERY` makes one");
    table_release(&table);
    free(list.ids);
    return rc;
}

static const struct example list_examples[] = {
    {"keepsake albums --json | jq -r .name", "the names alone"},
    {NULL, NULL},
};

const struct command command_albums = {
    .name = "albums",
    .summary = "list the albums with the number of their photos",
    .usage = "",
    .description =
        "Lists the albums that `keepsake album` made, by name: name, number of photos, query.\n\n"
        "With --json: one object an album with id, name, query (null: chosen by hand only), photos "
        "(their number; null if the query is wrong), graded, put_in, left_out and problem.",
    .examples = list_examples,
    .run = run_albums,
};
