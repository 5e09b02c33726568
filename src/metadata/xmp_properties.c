/* SPDX-License-Identifier: MIT */
/* Walks through the elements of an XMP packet with expat. */
#include "metadata/xmp_properties.h"

#include <expat.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/strbuf.h"

#define RDF "http://www.w3.org/1999/02/22-rdf-syntax-ns# "
enum { TEXT_BYTES = 64 << 10, ELEMENTS = 64 /* limit on nested elements */ };

struct walk {
    XML_Parser parser;
    void (*each)(void *context, const char *const *names, size_t depth, const char *text);
    void *context;
    /* The names of open elements that are properties, and how many are open at each element. */
    char *names[XMP_DEPTH];
    size_t depth, elements;
    unsigned char depths[ELEMENTS];
    struct strbuf text; /* of the innermost element so far */
};

/* Only what is inside rdf:RDF counts; RDF's own elements and attributes are no properties. */
static bool is_property(const char *name)
{
    return strncmp(name, RDF, strlen(RDF)) != 0 &&
           strncmp(name, "http://www.w3.org/XML/1998/namespace ", 37) != 0 &&
           strncmp(name, "adobe:ns:meta/ ", 15) != 0 && strchr(name, ' ');
}

static void give_text(struct walk *w, const char *text)
{
    const char *names[XMP_DEPTH];
    for (size_t i = 0; i < w->depth; i++)
        names[i] = w->names[i];
    if (w->depth > 0)
        w->each(w->context, names, w->depth, text);
}

static bool push_name(struct walk *w, const char *name)
{
    if (w->depth == XMP_DEPTH)
        return false;
    w->names[w->depth++] = xstrdup(name);
    return true;
}

static void pop_names(struct walk *w, size_t depth)
{
    while (w->depth > depth)
        free(w->names[--w->depth]);
}

static void start_element(void *user, const char *name, const char **attributes)
{
    struct walk *w = user;
    if (w->elements == ELEMENTS) {
        XML_StopParser(w->parser, XML_FALSE);
        return;
    }
    w->depths[w->elements++] = (unsigned char)w->depth;
    strbuf_clear(&w->text);
    if (is_property(name) && !push_name(w, name)) {
        XML_StopParser(w->parser, XML_FALSE);
        return;
    }
    if (strcmp(name, RDF "li") == 0)
        give_text(w, NULL);
    for (size_t i = 0; attributes[i]; i += 2)
        if (is_property(attributes[i]) && push_name(w, attributes[i])) {
            give_text(w, attributes[i + 1]);
            pop_names(w, w->depth - 1);
        }
}

static void end_element(void *user, const char *name)
{
    struct walk *w = user;
    (void)name;
    if (w->text.length > 0 && w->text.data[strspn(w->text.data, " \t\r\n")])
        give_text(w, w->text.data);
    strbuf_clear(&w->text);
    pop_names(w, w->depths[--w->elements]);
}

static void add_text(void *user, const char *text, int length)
{
    struct walk *w = user;
    size_t room = TEXT_BYTES - w->text.length;
    if (strbuf_add(&w->text, text, (size_t)length < room ? (size_t)length : room, NULL))
        XML_StopParser(w->parser, XML_FALSE);
}

/* XMP has no DTD; one could only be there for its entities. */
static void refuse_dtd(void *user, const char *name, const char *system_id, const char *public_id,
                       int has_internal_subset)
{
    struct walk *w = user;
    (void)name, (void)system_id, (void)public_id, (void)has_internal_subset;
    XML_StopParser(w->parser, XML_FALSE);
}

bool xmp_read_properties(const uint8_t *data, size_t size,
                         void (*each)(void *context, const char *const *names, size_t depth,
                                      const char *text),
                         void *context)
{
    struct walk w = {.each = each, .context = context, .text = STRBUF_INIT(TEXT_BYTES)};
    const uint8_t *start = size ? memchr(data, '<', size) : NULL;
    /* UTF-16 has a zero byte beside its first '<'; its byte order mark is before that. */
    bool is_wide =
        start && ((start > data && !start[-1]) || (start + 1 < data + size && !start[1]));
    const uint8_t *first = is_wide ? data : start;
    if (!first || (size_t)(data + size - first) > INT_MAX)
        return false;
    w.parser = XML_ParserCreateNS(NULL, ' ');
    if (!w.parser)
        return false;
    XML_SetUserData(w.parser, &w);
    XML_SetElementHandler(w.parser, start_element, end_element);
    XML_SetCharacterDataHandler(w.parser, add_text);
    XML_SetStartDoctypeDeclHandler(w.parser, refuse_dtd);
    bool whole =
        XML_Parse(w.parser, (const char *)first, (int)(data + size - first), 1) == XML_STATUS_OK;
    XML_ParserFree(w.parser);
    pop_names(&w, 0);
    strbuf_release(&w.text);
    return whole;
}
