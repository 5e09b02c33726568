/* SPDX-License-Identifier: MIT */
/* Pieces of SQL that ask the server's catalog about the table of photos: its vector indexes, and
 * how many vectors it has. The gallery's server and each shard use the same ones. */
#pragma once

/* The vector indexes of image_gallery: catalog rows i, c, a and o (operator class). */
#define POSTGRES_VECTOR_INDEXES                                                          \
    " FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid"                     \
    " JOIN pg_am AS a ON a.oid = c.relam JOIN pg_opclass AS o ON o.oid = i.indclass[0]"  \
    " WHERE i.indrelid = 'image_gallery'::regclass AND a.amname IN ('hnsw', 'ivfflat', " \
    "'diskann', 'vchordrq')"
/* The names of keepsake's index during its build, and in use. keepsake drops no other index. */
#define POSTGRES_NEW_INDEX "keepsake_embedding_new"
#define POSTGRES_INDEX "image_gallery_embedding_keepsake"
/* The condition for an index that the table had when it was adopted, and that is in use. */
#define POSTGRES_ADOPTED_INDEX(kind, class)                                                 \
    "i.indpred IS NULL AND i.indexprs IS NULL AND a.amname = " kind                         \
    " AND o.opcname = " class " AND NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = " \
                              "c.relnamespace AND relname ="                                \
                              " '" POSTGRES_INDEX "')"
/* The condition for an index that keepsake did not make. */
#define POSTGRES_NOT_OWN "c.relname NOT IN ('" POSTGRES_INDEX "', '" POSTGRES_NEW_INDEX "')"
/* The reason why no search can use an index, or ''. */
#define POSTGRES_UNUSABLE                                                                    \
    "CASE WHEN NOT i.indisvalid THEN 'it is unfinished'"                                     \
    " WHEN i.indpred IS NOT NULL THEN 'it has only some of the rows'"                        \
    " WHEN i.indkey[0] = 0 THEN 'it is built from an expression'"                            \
    " WHEN i.indkey[0] <> (SELECT attnum FROM pg_attribute WHERE attrelid = i.indrelid AND " \
    "attname = 'embedding') THEN 'it is of another column' ELSE '' END"

/* The tables that hold the photos of image_gallery: itself, or its partitions; catalog rows c. */
#define POSTGRES_PHOTO_TABLES                                                                \
    "pg_class AS c WHERE c.relkind = 'r' AND (c.oid = 'image_gallery'::regclass OR c.oid IN" \
    " (SELECT relid FROM pg_partition_tree('image_gallery') WHERE isleaf))"

/* The number of vectors of one server: of a table that is not small the planner's estimate, because
 * counting reads all of it. */
#define POSTGRES_VECTOR_ESTIMATE                                                                   \
    "(SELECT CASE WHEN coalesce(min(c.reltuples), -1) < 0 OR sum(pg_relation_size(c.oid)) < 1 << " \
    "23 THEN (SELECT count(embedding) FROM image_gallery) ELSE sum(c.reltuples *"                  \
    " (pg_relation_size(c.oid) / 8192) / greatest(c.relpages, 1))::bigint END"                     \
    " FROM " POSTGRES_PHOTO_TABLES ")"
