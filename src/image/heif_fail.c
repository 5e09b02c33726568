/* SPDX-License-Identifier: MIT */
/* Describes in a sentence the operation that failed in libheif. */
#include "image/heif_fail.h"

int heif_fail(const struct heif_error *heif, struct error *err)
{
    switch (heif->code) {
    case heif_error_Unsupported_filetype:
    case heif_error_Unsupported_feature:
        return error_set(err, ERR_UNSUPPORTED,
                         "this kind of HEIF picture is not supported by libheif %s: %s",
                         heif_get_version(), heif->message);
    case heif_error_Memory_allocation_error:
        if (heif->subcode == heif_suberror_Security_limit_exceeded)
            return error_set(err, ERR_LIMIT, "the HEIF picture is too large: %s", heif->message);
        return error_set(err, ERR_NO_MEMORY, "not enough memory to decode the HEIF picture");
    default:
        if (heif->subcode == heif_suberror_Nonexisting_item_referenced)
            return error_set(err, ERR_UNSUPPORTED,
                             "the main picture of the HEIF file is missing or of an unsupported "
                             "kind");
        if (heif->subcode == heif_suberror_End_of_data)
            return error_set(err, ERR_CORRUPT, "the HEIF data ends early");
        return error_set(err, ERR_CORRUPT, "the HEIF data is broken, or too new for libheif %s: %s",
                         heif_get_version(), heif->message);
    }
}
