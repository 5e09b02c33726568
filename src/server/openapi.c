/* SPDX-License-Identifier: MIT */
/* Embeds openapi.json. */
#include "server/openapi.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/facts_json.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/memory.h"

/* The assembler takes the file in; make knows that this file depends on it. */
__asm__(".section .rodata\n"
        ".global openapi_source, openapi_end\n"
        ".type openapi_source, @object\n"
        "openapi_source:\n"
        ".incbin \"src/server/openapi.json\"\n"
        "openapi_end:\n"
        ".byte 0\n"
        ".previous\n");

extern const char openapi_source[], openapi_end[];

static char *text;
static char etag[17];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void add_facts(json_t *schema)
{
    const char *which = json_string_value(json_object_get(schema, "x-facts"));
    if (!which)
        return;
    AUTO_JSON *facts = facts_schema(strcmp(which, "brief") == 0);
    json_object_update(json_object_get(schema, "properties"), json_object_get(facts, "properties"));
    json_array_extend(json_object_get(schema, "required"), json_object_get(facts, "required"));
    json_object_del(schema, "x-facts");
}

static void make_text(void)
{
    const char *name;
    json_t *schema;
    json_error_t where;
    AUTO_JSON *document =
        json_loadb(openapi_source, (size_t)(openapi_end - openapi_source), 0, &where);
    if (!document)
        BUG("openapi.json, line %d: %s", where.line, where.text);
    json_t *schemas = json_object_get(json_object_get(document, "components"), "schemas");
    json_object_foreach(schemas, name, schema) add_facts(schema);
    text = json_dumps(document, JSON_INDENT(2));
    if (!text)
        memory_exhausted((size_t)(openapi_end - openapi_source));
    uint8_t digest[HASH_BYTES];
    char hex[HASH_HEX_SIZE];
    hash_bytes(text, strlen(text), digest);
    snprintf(etag, sizeof etag, "%.16s", hash_hex(digest, hex));
}

const char *openapi_text(void)
{
    pthread_once(&once, make_text);
    return text;
}

size_t openapi_size(void)
{
    return strlen(openapi_text());
}

const char *openapi_etag(void)
{
    pthread_once(&once, make_text);
    return etag;
}
