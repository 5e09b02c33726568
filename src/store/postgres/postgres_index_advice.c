/* SPDX-License-Identifier: MIT */
/* What an owner should know about a vector index: faults of pgvector's versions, and indexes that
 * gain nothing. */
#include <inttypes.h>
#include <stddef.h>

#include "store/postgres/postgres_internal.h"

/* The faults of pgvector that its change log names as damaging an index or the server. */
static const struct fault {
    enum store_index_kind kind;
    const char *below;
    const char *what;
} faults[] = {
    {STORE_INDEX_HNSW, "0.8.3", "a vacuum may damage an hnsw index (fixed in 0.8.3 and 0.8.4)"},
    {STORE_INDEX_HNSW, "0.8.4", "a vacuum may leave an hnsw index unrepaired (fixed in 0.8.4)"},
    {STORE_INDEX_IVFFLAT, "0.8.7",
     "building an ivfflat index may write beyond a buffer (fixed in 0.8.7)"},
};

char *postgres_version_fault(const char *version, enum store_index_kind kind)
{
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        if (faults[i].kind == kind && postgres_is_older(version, faults[i].below))
            return xasprintf(
                "the server has pgvector %s, where %s: install 0.8.7 or newer there, run ALTER "
                "EXTENSION vector UPDATE; and then REINDEX INDEX CONCURRENTLY " POSTGRES_INDEX ";",
                version, faults[i].what);
    return NULL;
}

void postgres_advise_build(struct postgres *p, enum store_index_kind kind, int64_t photos)
{
    const struct store_index *index = &p->settings.index;
    AUTO_FREE char *fault = postgres_version_fault(p->pgvector, kind);
    if (fault)
        postgres_notice(p, "%s", fault);
    if (index->wanted != STORE_INDEX_AUTO && photos < POSTGRES_SMALL_PHOTOS)
        postgres_notice(p,
                        "the %s index over %" PRId64
                        " photos gains nothing: below about %d photos an exact search is as fast, "
                        "and misses none (--vector-index auto chooses by the number of photos)",
                        store_index_name(kind), photos, POSTGRES_SMALL_PHOTOS);
    if (kind == STORE_INDEX_HNSW && index->quantize == STORE_QUANTIZE_BIT)
        postgres_notice(p, "an index of bits misses many photos for texts as queries; "
                           "--vector-quantize halfvec halves the memory and misses few");
}
