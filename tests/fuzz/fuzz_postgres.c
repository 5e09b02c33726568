/* SPDX-License-Identifier: MIT */
/* What a server that speaks PostgreSQL's protocol, but is none, may answer: rows of any number,
 * columns of any length, errors at any time. libpq's sending half is replaced by functions that
 * take the replies from the input; its results are real. */
#include <libpq-fe.h>

#include "covering.h"
#include "fuzz/gallery.h"
#include "store/listing.h"

static struct {
    const uint8_t *at, *end;
    char state[6]; /* SQLSTATE of the last error */
    bool in_pipeline, is_script;
    int pending; /* results of the pipeline that were not taken */
} feed;

static uint8_t take_byte(void)
{
    return feed.at < feed.end ? *feed.at++ : 0;
}

/* Values that sound servers give. */
static const struct {
    const char *bytes;
    int length;
} usual[] = {
    {"\x01", 1},
    {"\0", 1},
    {"\0\0\0\x04", 4},
    {"\0\0\0\0\0\0\0\x01", 8},
    {"UTF8", 4},
    {"public", 6},
    {"0.8.0", 5},
    {"none", 4},
    {"cosine", 6},
    {"test", 4},
    {"/a", 2},
    {"\0\0\0\x03", 4},
    {"\0\x04\0\0\x3f\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20}, /* the vector 1, 0, 0, 0 */
    {"0123456789abcdef0123456789abcdef", 32},
    {"folder", 6},
    {"2019-07", 7},
};

/* A cell: one byte of kind, then its bytes. */
static void set_cell(PGresult *result, int row, int column)
{
    static char value[512];
    uint8_t kind = take_byte();
    if (kind >= 0x60 && kind < 0x70) {
        PQsetvalue(result, row, column, (char *)(uintptr_t)usual[kind & 15].bytes,
                   usual[kind & 15].length);
        return;
    }
    int length = kind & 15;
    if (kind >= 0xf0)
        length = -1; /* NULL */
    else if (kind & 0x80)
        length = 4 + 4 * (kind & 31); /* as long as a vector */
    for (int i = 0; i < length; i++)
        value[i] = (char)take_byte();
    PQsetvalue(result, row, column, length < 0 ? NULL : value, length);
}

static PGresult *make_rows(void)
{
    static PGresAttDesc columns[24];
    static char name[] = "c";
    PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    uint8_t shape = take_byte();
    /* Mostly as many columns as any statement of ours has. */
    int n = shape & 8 ? 24 : 1 + (shape >> 4), rows = shape & 7;
    for (int i = 0; i < 24; i++)
        columns[i] = (PGresAttDesc){.name = name, .format = 1, .typlen = -1};
    PQsetResultAttrs(result, n, columns);
    for (int row = 0; row < rows; row++)
        for (int column = 0; column < n; column++)
            set_cell(result, row, column);
    return result;
}

static PGresult *make_error(void)
{
    static const char *const states[] = {"08006", "57014", "40001", "XX000",
                                         "42P01", "53100", "",      "25006"};
    snprintf(feed.state, sizeof feed.state, "%s", states[take_byte() & 7]);
    return PQmakeEmptyPGresult(NULL, PGRES_FATAL_ERROR);
}

static PGresult *next_result(void)
{
    if (feed.at >= feed.end)
        return PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    uint8_t kind = take_byte();
    feed.state[0] = '\0';
    if (kind < 16)
        return make_error();
    return kind < 32 ? PQmakeEmptyPGresult(NULL, PGRES_COMMAND_OK) : make_rows();
}

/* ---- the half of libpq that talks ---- */

static char connection;

PGconn *PQconnectdbParams(const char *const *keywords, const char *const *values, int expand)
{
    (void)keywords, (void)values, (void)expand;
    return (PGconn *)(void *)&connection;
}

void PQfinish(PGconn *conn)
{
    (void)conn;
}

ConnStatusType PQstatus(const PGconn *conn)
{
    (void)conn;
    return CONNECTION_OK;
}

PGTransactionStatusType PQtransactionStatus(const PGconn *conn)
{
    (void)conn;
    return PQTRANS_IDLE;
}

PQnoticeReceiver PQsetNoticeReceiver(PGconn *conn, PQnoticeReceiver receiver, void *context)
{
    (void)conn, (void)receiver, (void)context;
    return NULL;
}

int PQserverVersion(const PGconn *conn)
{
    (void)conn;
    return 150000;
}

int PQbackendPID(const PGconn *conn)
{
    (void)conn;
    return 1;
}

char *PQerrorMessage(const PGconn *conn)
{
    static char message[] = "no";
    (void)conn;
    return message;
}

char *PQresultErrorMessage(const PGresult *result)
{
    (void)result;
    return PQerrorMessage(NULL);
}

char *PQresultErrorField(const PGresult *result, int field)
{
    (void)result;
    return field == PG_DIAG_SQLSTATE && feed.state[0] ? feed.state : NULL;
}

PGPing PQping(const char *where)
{
    (void)where;
    return PQPING_OK;
}

PQconninfoOption *PQconninfo(PGconn *conn)
{
    (void)conn;
    return PQconndefaults();
}

int PQsendQuery(PGconn *conn, const char *sql)
{
    (void)conn, (void)sql;
    feed.pending = 1;
    feed.is_script = true;
    return 1;
}

int PQsendQueryParams(PGconn *conn, const char *sql, int count, const Oid *types,
                      const char *const *values, const int *lengths, const int *formats, int form)
{
    (void)conn, (void)sql, (void)count, (void)types, (void)values, (void)lengths, (void)formats;
    (void)form;
    feed.pending = 1;
    feed.is_script = false;
    return 1;
}

int PQisBusy(PGconn *conn)
{
    (void)conn;
    return 0;
}

int PQenterPipelineMode(PGconn *conn)
{
    (void)conn;
    feed.pending = 0;
    feed.in_pipeline = true;
    feed.is_script = false;
    return 1;
}

int PQexitPipelineMode(PGconn *conn)
{
    (void)conn;
    feed.in_pipeline = false;
    return 1;
}

int PQsendPrepare(PGconn *conn, const char *name, const char *sql, int count, const Oid *types)
{
    (void)conn, (void)name, (void)sql, (void)count, (void)types;
    return 1;
}

int PQsendQueryPrepared(PGconn *conn, const char *name, int count, const char *const *values,
                        const int *lengths, const int *formats, int form)
{
    (void)conn, (void)name, (void)count, (void)values, (void)lengths, (void)formats, (void)form;
    feed.pending = feed.pending < 4 ? feed.pending + 1 : 4;
    return 1;
}

int PQpipelineSync(PGconn *conn)
{
    (void)conn;
    return 1;
}

PGresult *PQgetResult(PGconn *conn)
{
    (void)conn;
    if (feed.pending-- <= 0)
        return feed.in_pipeline ? PQmakeEmptyPGresult(NULL, PGRES_PIPELINE_SYNC) : NULL;
    PGresult *result = next_result();
    if (!feed.is_script || PQresultStatus(result) == PGRES_FATAL_ERROR)
        return result;
    PQclear(result);
    return PQmakeEmptyPGresult(NULL, PGRES_COMMAND_OK);
}

char *PQescapeLiteral(PGconn *conn, const char *text, size_t length)
{
    (void)conn;
    return strndup(text, length);
}

char *PQescapeIdentifier(PGconn *conn, const char *text, size_t length)
{
    return PQescapeLiteral(conn, text, length);
}

int PQconnectionUsedPassword(const PGconn *conn)
{
    (void)conn;
    return 0;
}

char *PQuser(const PGconn *conn)
{
    return PQerrorMessage(conn);
}

char *PQpass(const PGconn *conn)
{
    return PQerrorMessage(conn);
}

/* Nobody waits for a second try. */
static bool is_cancelled(void *context)
{
    (void)context;
    return true;
}

/* ---- what is asked ---- */

static void check_sentence(int rc, const struct error *err)
{
    if (rc && (rc > 0 || !err->message[0]))
        BUG("an error without its sentence");
}

static int see_file(void *context, const struct store_file *file)
{
    *(size_t *)context += strlen(file->path);
    return 0;
}

static int see_label(void *context, const struct store_label *label)
{
    *(size_t *)context += strlen(label->name) + (label->path ? strlen(label->path) : 0);
    return 0;
}

static int see_rule(void *context, const struct store_rule *rule)
{
    *(size_t *)context += strlen(rule->value);
    return 0;
}

static int see_entry(void *context, const struct ledger_entry *entry)
{
    *(size_t *)context += strlen(entry->photos) + strlen(entry->detail);
    return 0;
}

static int see_photo(void *context, const struct store_photo *photo)
{
    *(size_t *)context += strlen(photo->path) + strlen(photo->facts.taken);
    return 0;
}

static int see_month(void *context, const struct store_month *month)
{
    *(size_t *)context += strlen(month->month);
    return 0;
}

static int see_change(void *context, const struct store_change *change)
{
    *(size_t *)context += strlen(change->path) + (change->reason ? strlen(change->reason) : 0);
    return 0;
}

static int see_failure(void *context, const struct store_failure *failure)
{
    *(size_t *)context += strlen(failure->path) + strlen(failure->reason);
    return 0;
}

static int see_name(void *context, const struct store_name *name)
{
    *(size_t *)context += strlen(name->name) + strlen(name->folded);
    return 0;
}

static void see_finding(void *context, const struct store_finding *finding)
{
    *(size_t *)context += strlen(finding->sentence);
}

static void read_one(struct store *store, size_t *seen)
{
    struct error err = ERROR_INIT;
    struct store_photo photo;
    struct store_model model;
    struct store_index index;
    struct store_status status;
    AUTO_FREE char *phrase = NULL;
    int rc = store_get_photo(store, 1, &photo, &err);
    check_sentence(rc, &err);
    if (!rc) {
        see_photo(seen, &photo);
        store_photo_release(&photo);
    }
    check_sentence(store_get_index(store, &index, &err), &err);
    check_sentence(store_status(store, &status, &err), &err);
    check_sentence(find_covering(store, 1, &phrase, &err), &err);
    rc = store_get_model(store, &model, &err);
    check_sentence(rc, &err);
    if (rc)
        return;
    AUTO_FREE float *vector = xcalloc((size_t)model.dim + 1, sizeof *vector);
    check_sentence(store_get_vector(store, 1, vector, &err), &err);
}

static void search_photos(struct store *store)
{
    struct error err = ERROR_INIT;
    struct store_hit hits[4];
    size_t n = 0;
    AUTO_FREE float *query = xcalloc(1 << 16, sizeof *query);
    query[0] = 1;
    int rc = store_search(store, query, 4, NULL, hits, &n, &err);
    check_sentence(rc, &err);
    if (!rc && n > 4)
        BUG("more hits than there is room for");
}

static void list_all(struct store *store, size_t *seen)
{
    struct error err = ERROR_INIT;
    check_sentence(store_list_files(store, NULL, see_file, seen, &err), &err);
    check_sentence(store_list_failures(store, see_failure, seen, &err), &err);
    check_sentence(store_list_labels(store, 0, NULL, see_label, seen, &err), &err);
    check_sentence(store_list_names(store, see_name, seen, &err), &err);
    check_sentence(store_list_rules(store, see_rule, seen, &err), &err);
    check_sentence(store_ledger_list(store, 0, see_entry, seen, &err), &err);
    check_sentence(store_list_months(store, NULL, see_month, seen, &err), &err);
    check_sentence(store_list_photos(store, NULL, NULL, 0, 5, see_photo, seen, &err), &err);
    check_sentence(store_dump(store, see_change, seen, &err), &err);
}

static void write_records(struct store *store)
{
    struct error err = ERROR_INIT;
    struct store_wanted wanted[] = {{.path = "/a", .size = 1, .mtime_ns = 1},
                                    {.path = "/b", .size = 1, .mtime_ns = 1}};
    enum store_claim claims[2];
    struct store_change gone = {.kind = STORE_REMOVE, .path = "/a"};
    int64_t id;
    check_sentence(store_add_label(store, 1, "Mia", NULL, &id, &err), &err);
    check_sentence(store_add_rule(store, STORE_RULE_FOLDER, "/a", &err), &err);
    check_sentence(store_claim(store, wanted, 2, 60, claims, &err), &err);
    check_sentence(store_apply(store, &gone, 1, &err), &err);
}

/* The first byte says how the gallery is opened and what is asked first; the rest is replies. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = ERROR_INIT;
    size_t seen = 0;
    uint8_t plan = size ? data[0] : 0;
    memset(&feed, 0, sizeof feed);
    feed.at = size ? data + 1 : data;
    feed.end = data + size;
    AUTO(store) *store = NULL;
    struct store_options options = {.cancelled = is_cancelled};
    int rc = store_open_with("postgresql://fuzz@127.0.0.1:1/fuzz",
                             plan & 1 ? STORE_WRITE : STORE_READ, &options, &store, &err);
    check_sentence(rc, &err);
    if (rc)
        return 0;
    if (plan & 2)
        list_all(store, &seen);
    if (plan & 4)
        search_photos(store);
    read_one(store, &seen);
    if (plan & 1)
        write_records(store);
    if (plan & 8)
        store_check(store, see_finding, &seen);
    return 0;
}
