/* SPDX-License-Identifier: MIT */
/* Serves the embedded files of the page. */
#include "server/static.h"

#include <string.h>

#include "server/headers.h"

/* The content of `/` when the page is not embedded. */
static const uint8_t no_page[] =
    "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>keepsake</title>\n"
    "<h1>keepsake</h1>\n<p>This program was built without its page, because npm was not "
    "installed. The API is available: see <a "
    "href=\"api/v1/openapi.json\">/api/v1/openapi.json</a>.</p>\n</html>\n";

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

void static_reply(struct call *call, const struct asset *asset)
{
    bool gzip = asset->gzip && accepts_gzip(http_header(call->request, "Accept-Encoding"));
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
