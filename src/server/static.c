#include "server/static.h"

#include <string.h>
#include <strings.h>

/* What `/` says where the page is not built in. */
static const uint8_t no_page[] =
    "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>keepsake</title>\n"
    "<h1>keepsake</h1>\n"
    "<p>This program was built without its page: npm was not at hand. Its API is here: "
    "<a href=\"/api/v1/openapi.json\">/api/v1/openapi.json</a> describes it.</p>\n</html>\n";

static const struct asset no_page_asset = {.path = "/",
                                           .type = "text/html; charset=utf-8",
                                           .data = no_page,
                                           .size = sizeof no_page - 1,
                                           .etag = "nopage1"};

const struct asset *static_find(const char *path)
{
    for (const struct asset *a = web_assets; a->path; a++)
        if (strcmp(a->path, path) == 0)
            return a;
    return strcmp(path, "/") == 0 ? &no_page_asset : NULL;
}

/* Whether Accept-Encoding names gzip without refusing it. */
static bool takes_gzip(const char *header)
{
    for (const char *at = header; at && *at;) {
        at += strspn(at, " \t,");
        size_t length = strcspn(at, ",");
        if (length >= 4 && strncasecmp(at, "gzip", 4) == 0 && (length == 4 || strchr(" ;", at[4])))
            return !memmem(at, length, "q=0", 3) || memmem(at, length, "q=0.", 4);
        at += length;
    }
    return false;
}

void static_reply(struct call *call, const struct asset *asset)
{
    bool gzip = asset->gzip && takes_gzip(http_header(call->request, "Accept-Encoding"));
    char etag[40];
    snprintf(etag, sizeof etag, "%.24s%s", asset->etag, gzip ? "-gz" : "");
    respond_header(call->reply, "Cache-Control", "%s",
                   asset->immutable ? "public, max-age=31536000, immutable" : "no-cache");
    if (asset->gzip)
        respond_header(call->reply, "Vary", "Accept-Encoding");
    if (call_is_unchanged(call, etag))
        return;
    respond_borrowed(call->reply, 200, asset->type, gzip ? asset->gzip : asset->data,
                     gzip ? asset->gzip_size : asset->size);
    if (gzip)
        respond_header(call->reply, "Content-Encoding", "gzip");
}
