/* SPDX-License-Identifier: MIT */
/* Albums in a gallery on a server. Private to store/postgres/. */
#pragma once

#include "store/postgres/postgres_internal.h"

/* SQL expressions for the column `checksum` of a row. */
#define POSTGRES_ALBUM_SUM_OF(name, folded, query) \
    POSTGRES_SUM("'album'::text, " name ", " folded ", " query)
#define POSTGRES_ALBUM_SUM POSTGRES_ALBUM_SUM_OF("name", "folded", "query")
#define POSTGRES_MEMBER_SUM_OF(hash) POSTGRES_SUM("'album_photo'::text, album, " hash ", inside")
#define POSTGRES_MEMBER_SUM POSTGRES_MEMBER_SUM_OF("hash")

/* Send statements that add a record unless the album or the membership exists. */
int postgres_send_album(struct postgres *p, const struct store_album *album, const char *folded,
                        struct error *err) MUST_CHECK;
int postgres_send_member(struct postgres *p, const struct store_member *member, const char *folded,
                         struct error *err) MUST_CHECK;
