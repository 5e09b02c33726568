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
/* Recall@10 of texts among 31,783 photos (bench/store) is 0.85 with 100, 0.94 with 200, 0.98 with
 * 400 and 1.00 with 800, at relative times of about 1, 2, 3 and 4. Among 200,000 photos it is 0.945
 * with 894 and 0.954 with 1000 (80 texts, SQL on the photos of bench/store). */
#define POSTGRES_EF_SEARCH_MIN "400"
/* Share of the lists of an ivfflat or vchordrq index that a search probes. Texts are far from
 * photos, so the lists nearest to a text hold few of its photos: among 31,783 photos in 31
 * lists, recall@10 is 0.85 with 14 of them, 0.88 with 16, 0.92 with 19 and 0.94 with 21. */
#define POSTGRES_PROBED_SHARE "0.62"

/* Below this number of photos that fulfil a filter, a search is exact. An exact search among
 * 13,400 of 200,000 photos took 33 ms, one by hnsw 38 ms with recall 0.84. */
#define POSTGRES_FEW_PHOTOS "20000"
/* Candidates by bits for each wanted row, whose true scores are computed. Of the ten nearest photos
 * of a text among 31,783, 0.58 are among the 800 nearest by bits, and 0.83 among 3200. */
#define POSTGRES_BIT_CANDIDATES "100"

/* What is recorded of the index, in one row. Galleries of older formats lack the last columns. An
 * index whose lists are not recorded has as many as earlier versions of this program made. */
#define POSTGRES_EFFORT_RECORD(rows, filtered)                                         \
    "SELECT index_built AS built, index_built_photos AS photos, (" rows                \
    ")::bigint AS wanted, (" filtered                                                  \
    ")::boolean AS more, coalesce(substring(made FROM 'lists=([0-9]+)')::bigint, CASE" \
    " WHEN index_built = 'vchordrq' THEN 0 WHEN index_built_photos > 1000000 THEN "    \
    "sqrt(index_built_photos)::bigint ELSE greatest(index_built_photos / 1000, 1) "    \
    "END) AS lists, substring(chosen FROM 'ef_search=([0-9]+)')::bigint AS own_ef, "   \
    "substring(chosen FROM 'probes=([0-9]+)')::bigint AS own_probes, "                 \
    "coalesce(substring(chosen FROM 'query_search_list_size=([0-9]+)')::bigint, 200) " \
    "AS width, coalesce(substring(chosen FROM 'query_rescore=([0-9]+)')::bigint, 400)" \
    " AS rescore FROM keepsake_gallery AS g CROSS JOIN LATERAL (SELECT to_jsonb(g) "   \
    "->> 'index_options' AS chosen, to_jsonb(g) ->> 'index_made' AS made) AS texts"

/* With the numbers that a search sets. */
#define POSTGRES_EFFORT_NUMBERS(rows, filtered)                                        \
    "SELECT *, least(" POSTGRES_EF_SEARCH_MAX                                          \
    ", coalesce(own_ef, greatest(" POSTGRES_EF_SEARCH_MIN                              \
    ", (2.25 * sqrt(photos))::bigint, 2 * wanted))) AS ef, least(greatest(lists, 1), " \
    "coalesce(own_probes, ceil(lists * " POSTGRES_PROBED_SHARE                         \
    ")::bigint)) AS probes FROM (" POSTGRES_EFFORT_RECORD(rows, filtered) ") AS record"

#define POSTGRES_EFFORT_SQL(rows, filtered)                                            \
    "SELECT set_config('enable_seqscan', 'off', true), CASE built WHEN 'hnsw' THEN "   \
    "set_config('hnsw.ef_search', ef::text, true) || "                                 \
    "set_config('hnsw.max_scan_tuples', greatest(20000, 2 * wanted)::text, true) || "  \
    "set_config('hnsw.iterative_scan', CASE WHEN more OR wanted > ef THEN "            \
    "'relaxed_order' ELSE 'off' END, true) WHEN 'ivfflat' THEN "                       \
    "set_config('ivfflat.probes', probes::text, true) || "                             \
    "set_config('ivfflat.iterative_scan', CASE WHEN more OR wanted > 1000 THEN "       \
    "'relaxed_order' ELSE 'off' END, true) WHEN 'diskann' THEN "                       \
    "set_config('diskann.query_search_list_size', width::text, true) || "              \
    "set_config('diskann.query_rescore', greatest(rescore, wanted)::text, true) WHEN " \
    "'vchordrq' THEN set_config('vchordrq.probes', CASE WHEN lists > 0 THEN "          \
    "probes::text ELSE '' END, true) END FROM (" POSTGRES_EFFORT_NUMBERS(rows,         \
                                                                         filtered) ") AS effort"
