/* SPDX-License-Identifier: MIT */
/* Adopting a table: shared by postgres_adopt*.c. */
#pragma once

#include "store/postgres/postgres_internal.h"

/* The names of the table to be adopted and of its three columns, as PostgreSQL stores them. None
 * contains an apostrophe. */
struct adopt_names {
    char *table, *id, *path, *embedding;
};

/* Parses "TABLE(ID, PATH, EMBEDDING)" (NULL: "image_gallery(id, path, embedding)"), with names as
 * in SQL: those without quotes are folded to lower case. ERR_INVALID. */
int adopt_names_parse(const char *mapping, struct adopt_names *ret_names,
                      struct error *err) MUST_CHECK;
void adopt_names_release(struct adopt_names *names);
/* Returns whether the table has another name than image_gallery. */
bool adopt_is_renamed(const struct adopt_names *names);
/* Returns a statement with <t>, <id>, <path> and <vec> replaced by the quoted names. The caller
 * frees it. */
char *adopt_sql(const struct adopt_names *names, const char *template_sql);

/* The properties of the table. */
struct adopt_table {
    char path_type[32], embedding_type[32], id_type[32];
    char kind[2];         /* pg_class.relkind */
    char *typed_views;    /* views that use a column whose type must change; or "" */
    char *partitioned_by; /* partition key; "" unless it is partitioned */
    int dim;              /* of the column; -1 if the column has no dimension */
    bool path_limited;    /* varchar(n) */
    bool has_key;         /* a primary key */
    bool id_unique;       /* a unique index of the id alone */
    bool id_counts;       /* a default numbers new rows */
    bool has_children;    /* tables that inherit from it */
    bool has_row_security;
    bool has_generated; /* path or embedding is a generated column */
    char *clash;        /* an own column with a name that keepsake needs; or "" */
    char *index;        /* kind of its vector index; or "none" */
    char *scanty;       /* an ivfflat index with few rows per list; or "" */
    int64_t lists;      /* its lists */
    int64_t rows, relative, without_path, without_id, without_vector, not_unit;
};

struct adopting {
    const struct store_adoption *how;
    struct adopt_names names;
    struct adopt_table table;
    char *prefix; /* of relative paths: "/folder/", or "/" without a folder */
    struct strbuf plan;
    bool resumed;  /* an adoption of this table was interrupted */
    bool finished; /* ... after it had become a gallery */
};

/* Returns whether the column `id` becomes keepsake's id. Keys of other types stay as a column of
 * the owner's, and photos get a new id. */
bool adopt_keeps_id(const struct adopt_table *table);

/* Inside a transaction: reads the properties of the table. ERR_NOT_FOUND, ERR_INVALID and
 * ERR_MISMATCH with the reason if it cannot be adopted. */
int adopt_survey(struct postgres *p, struct adopting *a, struct error *err) MUST_CHECK;
/* The rows alone, which may have changed. */
int adopt_survey_rows(struct postgres *p, struct adopting *a, struct error *err) MUST_CHECK;
void adopt_table_release(struct adopt_table *table);

/* Inside a transaction, under a short exclusive lock: adds the columns that the conversion fills,
 * and notes and drops the vector indexes, because every update of a row would add it to them. */
int adopt_prepare(struct postgres *p, const struct adopting *a, struct error *err) MUST_CHECK;
/* Inside a transaction: fills the columns while others read the table, and at the end, under an
 * exclusive lock, makes it the table of a gallery. */
int adopt_convert(struct postgres *p, const struct adopting *a, struct error *err) MUST_CHECK;
/* Outside a transaction: collects statistics and builds the noted indexes again, while others read
 * and write. May be repeated. */
int adopt_finish(struct postgres *p, struct error *err) MUST_CHECK;

/* A table that exists from adopt_prepare to the end of adopt_finish: the name of the adopted table,
 * and the vector indexes that it had. */
#define ADOPTING "keepsake_adopting"
/* The new id, until the conversion gives it its name. */
#define ADOPTING_ID "keepsake_id"
/* Columns, for templates of fact_sql.h. */
#define ADOPT_ADDED "path_key, size, mtime_ns, hash, {#}, ctime_ns, inode, position"
char *adopt_expand(const char *template_sql);
