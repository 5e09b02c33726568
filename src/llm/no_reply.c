/* SPDX-License-Identifier: MIT */
/* Describes the failures of an HTTP request in sentences about the language model's server. */
#include "llm/no_reply.h"

#include "base/limits.h"
#include "base/text.h"
#include "llm/provider.h"

static int explain_time(const char *host, double seconds, const char *what, const char *advice,
                        struct error *err)
{
    char limit[64];
    text_duration(limit, sizeof limit, seconds);
    return error_set(err, ERR_NETWORK, "%s %s for %s%s", host, what, limit, advice);
}

int no_reply_explain(const struct llm *llm, struct http_reply *reply, int rc,
                     const struct error *why, struct error *err)
{
    const char *host = llm->address.host, *said = why->message;
    switch (reply->failure) {
    case HTTP_UNTRUSTED:
        return error_set(err, rc, "the TLS certificate of %s could not be verified: %s", host,
                         said);
    case HTTP_BAD_ADDRESS:
        return error_set(err, rc, "cannot use the address of %s: %s", host, said);
    case HTTP_UNREACHABLE:
        return error_set(err, rc, "cannot reach %s: %s%s", host, said,
                         llm->address.loopback ? " (is the server running?)" : "");
    case HTTP_LATE_START:
        return error_set(err, rc, "cannot reach %s in time: %s", host, said);
    case HTTP_SILENT:
        reply->final = llm_is_own(llm);
        return explain_time(host, llm->silence_s, "has been silent", " (increase --llm-timeout)",
                            err);
    case HTTP_LATE_END:
        return explain_time(host, llm->total_s, "has not finished its reply", "", err);
    case HTTP_TOO_LONG:
        return error_set(err, rc, "%s sends more than the limit of %zu bytes", host,
                         LIMIT_LLM_REPLY_BYTES);
    case HTTP_LOST:
        return error_set(err, rc, "the connection to %s was lost: %s", host, said);
    case HTTP_FINE:
    case HTTP_STOPPED:
        break;
    }
    return error_set(err, rc, "%s", said);
}
