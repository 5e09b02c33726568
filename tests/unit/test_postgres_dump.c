/* SPDX-License-Identifier: MIT */
/* A dump whose server goes away, and ids that are chosen in tables of every make. */
#include "postgres_fixture.h"

static struct error err = ERROR_INIT;

enum { PHOTOS = 3000 }; /* several pages */

static char *make_gallery(void)
{
    char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    AUTO_FREE struct fixture_photo *photos = xcalloc(PHOTOS, sizeof *photos);
    AUTO_FREE struct store_change *changes = xcalloc(PHOTOS, sizeof *changes);
    for (size_t i = 0; i < PHOTOS; i++) {
        char path[64];
        snprintf(path, sizeof path, "/photos/%zu.jpg", i);
        changes[i] = *fixture_add(&photos[i], path, i);
    }
    if (store_apply(store, changes, PHOTOS, &err))
        ok(false, "%s", err.message);
    return gallery;
}

struct cut {
    int64_t count, last;
    bool doubled;
    int at; /* photos after which every connection of the gallery's is cut; < 0: never */
};

static int cut_at(void *context, const struct store_change *change)
{
    struct cut *c = context;
    c->doubled = c->doubled || change->id <= c->last;
    c->last = change->id;
    if (c->count++ == c->at &&
        !postgres_sql(NULL, 0,
                      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                      " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"))
        ok(false, "cannot cut the connection");
    return 0;
}

static void test_cut(void)
{
    AUTO_FREE char *gallery = make_gallery();
    AUTO(store) *store = NULL;
    struct cut c = {.at = 10};
    if (store_open(gallery, STORE_READ, &store, &err))
        ok(false, "%s", err.message);
    is_int(store_dump(store, cut_at, &c, &err), ERR_NETWORK, "a dump that is cut off fails");
    ok(err.message[0] && !c.doubled && c.count < PHOTOS, "... giving nothing twice: %s",
       err.message);
    c = (struct cut){.at = -1};
    is_int(store_dump(store, cut_at, &c, &err), 0, "the next one connects again");
    ok(c.count == PHOTOS && !c.doubled, "... and is whole");
    c = (struct cut){.at = -1};
    if (!postgres_sql(NULL, 0,
                      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                      " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"))
        ok(false, "cannot cut");
    is_int(store_dump(store, cut_at, &c, &err), 0, "cut before it began: it begins again");
    ok(c.count == PHOTOS && !c.doubled, "... and is whole");
}

static int64_t put(struct store *store, const char *path, int64_t id)
{
    struct fixture_photo photo;
    struct store_change *change = fixture_add(&photo, path, 1);
    change->id = id;
    if (store_apply(store, change, 1, &err))
        ok(false, "%s: %s", path, err.message);
    return fixture_id(store, path);
}

/* How other people's tables number their rows: `first` and `second` make such a one. */
static void test_numbering(const char *name, const char *first, const char *second, bool kept)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    const char *schema = postgres_schema(gallery);
    ok(postgres_sql(NULL, 0, "SET search_path = %s, public; %s; %s", schema, first, second), "%s",
       name);
    is_int(put(store, "/a", 100) == 100, kept, "... a wish for an id");
    int64_t large = put(store, "/b", 3000000000);
    ok(large > 0, "... a large one: %lld", (long long)large);
    ok(put(store, "/c", 0) > large, "... the next one");
}

int main(void)
{
    fixture_start();
    if (postgres_is_here()) {
        test_cut();
        test_numbering("a serial of four bytes",
                       "DROP VIEW keepsake_photos; ALTER TABLE image_gallery ALTER id TYPE integer",
                       "ALTER SEQUENCE image_gallery_id_seq AS integer", true);
        test_numbering("an identity",
                       "ALTER TABLE image_gallery ALTER id DROP DEFAULT;"
                       " DROP SEQUENCE image_gallery_id_seq",
                       "ALTER TABLE image_gallery ALTER id ADD GENERATED ALWAYS AS IDENTITY", true);
        test_numbering("a sequence of nobody's",
                       "ALTER SEQUENCE image_gallery_id_seq OWNED BY NONE", "SELECT 1", false);
    }
    fixture_cleanup();
    return done_testing();
}
