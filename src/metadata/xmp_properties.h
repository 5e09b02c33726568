/* SPDX-License-Identifier: MIT */
/* Reads the properties of an XMP packet: RDF/XML as ISO 16684-1 restricts it, where a property is
 * an element or an attribute of rdf:Description, and its value is a text, a list, or a structure of
 * further properties. Private to metadata/. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { XMP_DEPTH = 16 }; /* limit on nested properties */

/* Calls each(context, names, depth, text) for every text: names[0] to names[depth - 1] are the
 * property and its fields, from the outermost ("http://purl.org/dc/elements/1.1/ subject"),
 * without the elements of RDF itself, so that each item of a list comes with the same names. Before
 * the texts of an item, `each` is called with the names of the list and the text NULL. Texts longer
 * than 64 KB are cut, and deeper ones are left out. Returns whether the whole packet was read. */
bool xmp_read_properties(const uint8_t *data, size_t size,
                         void (*each)(void *context, const char *const *names, size_t depth,
                                      const char *text),
                         void *context);
