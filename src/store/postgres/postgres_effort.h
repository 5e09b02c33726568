/* SPDX-License-Identifier: MIT */
/* How much of a vector index a search looks at: one SQL statement, which keepsake's own searches
 * and SQL functions of the gallery share, so that both have the same recall.
 *
 * POSTGRES_EFFORT_SQL(rows, filtered) is a statement that sets, for the present transaction, what
 * the index named in table keepsake_gallery needs to find the nearest `rows` photos, an SQL
 * expression of type bigint. `filtered` is one of type boolean: the search has further conditions.
 * A search with a condition, or for more rows than the index gives in one pass, continues in the
 * index until it has its rows (iterative_scan), which costs a third more.
 *
 * Numbers that the owner chose (store_options.index_options) take the place of the computed ones.
 * Sequential scans are off, because the planner assumes that the distance of two vectors is as
 * cheap as that of two numbers. */
#pragma once

/* pgvector's limit on hnsw.ef_search. */
#define POSTGRES_EF_SEARCH_MAX "1000"
/* bench/store: recall@10 of texts among 31,783 photos is 0.85 with 100, 0.94 with 200, 0.98 with
 * 400 and 1.00 with 800, at relative times of about 1, 2, 3 and 4. */
#define POSTGRES_EF_SEARCH_MIN "400"
/* Share of the lists of an ivfflat or vchordrq index that a search probes. Texts are far from
 * photos, so the lists nearest to a text hold few of its photos: among 31,783 photos, recall@10 is
 * 0.61 with a ninth of the lists, 0.78 with two ninths and 0.94 with four ninths. */
#define POSTGRES_PROBED_SHARE "0.45"

/* A number of keepsake_gallery's text column, "NAME=NUMBER NAME=NUMBER"; NULL if it is not in it.
 * Galleries of older formats do not have the columns. */
#define POSTGRES_OPTION(column, name) \
    "substring(to_jsonb(g) ->> '" column "' FROM '(?:^| )" name "=([0-9]+)')::bigint"

#define POSTGRES_LISTS                                                                             \
    "coalesce(" POSTGRES_OPTION(                                                                   \
        "index_made",                                                                              \
        "lists") ", CASE WHEN index_built = 'vchordrq'"                                            \
                 " THEN 0 WHEN index_built_photos > 1000000 THEN sqrt(index_built_photos)::bigint" \
                 " ELSE greatest(index_built_photos / 1000, 1) END)"

#define POSTGRES_EFFORT_SQL(rows, filtered)                                                                                                \
    "SELECT set_config('enable_seqscan', 'off', true), CASE built"                                                                         \
    " WHEN 'hnsw' THEN set_config('hnsw.ef_search', ef::text, true) ||"                                                                    \
    " set_config('hnsw.iterative_scan', CASE WHEN more OR wanted > ef THEN 'relaxed_order' ELSE"                                           \
    " 'off' END, true) || set_config('hnsw.max_scan_tuples', greatest(20000, 2 * wanted)::text,"                                           \
    " true) WHEN 'ivfflat' THEN set_config('ivfflat.probes', probes::text, true) ||"                                                       \
    " set_config('ivfflat.iterative_scan', CASE WHEN more OR wanted > 1000 THEN"                                                           \
    " 'relaxed_order' ELSE 'off' END, true)"                                                                                               \
    " WHEN 'diskann' THEN set_config('diskann.query_search_list_size', breadth::text, true) ||"                                            \
    " set_config('diskann.query_rescore', greatest(rescore, wanted)::text, true)"                                                          \
    " WHEN 'vchordrq' THEN set_config('vchordrq.probes', CASE WHEN lists > 0 THEN probes::text"                                            \
    " ELSE '' END, true) END FROM (SELECT index_built AS built, lists, wanted, more,"                                                      \
    " least(" POSTGRES_EF_SEARCH_MAX ", coalesce(ef_option, greatest(" POSTGRES_EF_SEARCH_MIN                                              \
    ", 2 * sqrt(index_built_photos)::bigint, 2 * wanted))) AS ef,"                                                                         \
    " least(greatest(lists, 1), coalesce(probes_option, ceil(lists * " POSTGRES_PROBED_SHARE                                               \
    ")::bigint)) AS probes, breadth, rescore FROM (SELECT index_built, "                                                                   \
    "index_built_photos, " POSTGRES_LISTS " AS lists, (" rows ")::bigint AS wanted, (" filtered                                            \
    ")::boolean AS more, " POSTGRES_OPTION(                                                                                                \
        "index_options",                                                                                                                   \
        "ef"                                                                                                                               \
        "_s"                                                                                                                               \
        "ea"                                                                                                                               \
        "rc"                                                                                                                               \
        "h") " AS ef_option, " POSTGRES_OPTION("index_options",                                                                            \
                                               "probes") " AS probes_option, "                                                             \
                                                         "coalesce(" POSTGRES_OPTION("index_"                                              \
                                                                                     "options",                                            \
                                                                                     "query_"                                              \
                                                                                     "search_"                                             \
                                                                                     "list_size") ", "                                     \
                                                                                                  "200) "                                  \
                                                                                                  "AS "                                    \
                                                                                                  "bread"                                  \
                                                                                                  "th, "                                   \
                                                                                                  "coale"                                  \
                                                                                                  "sce"                                    \
                                                                                                  "(" POSTGRES_OPTION(                     \
                                                                                                      "index_options",                     \
                                                                                                      "query_rescore") ", 400) AS rescore" \
                                                                                                                       " FROM keepsake_gallery AS g) AS recorded) AS effort"
