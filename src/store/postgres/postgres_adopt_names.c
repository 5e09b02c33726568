/* SPDX-License-Identifier: MIT */
/* The names of a table to be adopted: parses the mapping and quotes names in statements. */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "store/postgres/postgres_adopt_internal.h"

/* PostgreSQL's limit on the bytes of a name. */
enum { NAME_BYTES = 63 };

static const char *skip_spaces(const char *at)
{
    return at + strspn(at, " \t");
}

static bool is_plain(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

/* Copies the name inside quotes, in which "" stands for a quote. Returns the character after it, or
 * NULL. */
static const char *read_quoted(const char *at, char *ret_name, size_t *ret_length)
{
    for (at++; *at && *ret_length <= NAME_BYTES; at++) {
        if (*at == '"' && at[1] != '"')
            return at + 1;
        if (*at == '\'' || (unsigned char)*at < 0x20)
            return NULL;
        at += *at == '"';
        ret_name[(*ret_length)++] = *at;
    }
    return NULL;
}

static const char *read_plain(const char *at, char *ret_name, size_t *ret_length)
{
    for (; is_plain(*at) && *ret_length <= NAME_BYTES; at++)
        ret_name[(*ret_length)++] = (char)((unsigned char)*at < 0x80 ? tolower(*at) : *at);
    return at;
}

/* Reads a name and the character `end` after it. Returns what follows, or NULL. */
static const char *read_name(const char *at, char end, char **ret_name)
{
    char name[NAME_BYTES + 2];
    size_t length = 0;
    at = skip_spaces(at);
    at = *at == '"' ? read_quoted(at, name, &length) : read_plain(at, name, &length);
    if (!at || length == 0 || length > NAME_BYTES)
        return NULL;
    at = skip_spaces(at);
    if (*at != end)
        return NULL;
    *ret_name = xstrndup(name, length);
    return at + 1;
}

void adopt_names_release(struct adopt_names *names)
{
    free(names->table);
    free(names->id);
    free(names->path);
    free(names->embedding);
    *names = (struct adopt_names){NULL, NULL, NULL, NULL};
}

int adopt_names_parse(const char *mapping, struct adopt_names *ret_names, struct error *err)
{
    struct adopt_names names = {NULL, NULL, NULL, NULL};
    const char *at = mapping ? mapping : "image_gallery(id, path, embedding)";
    at = read_name(at, '(', &names.table);
    at = at ? read_name(at, ',', &names.id) : NULL;
    at = at ? read_name(at, ',', &names.path) : NULL;
    at = at ? read_name(at, ')', &names.embedding) : NULL;
    if (at && !*skip_spaces(at)) {
        *ret_names = names;
        return 0;
    }
    adopt_names_release(&names);
    AUTO_FREE char *shown = text_printable(mapping, strlen(mapping));
    return error_set(err, ERR_INVALID,
                     "'%s' does not name a table and its three columns: write the key, the path "
                     "and the vector in this order, as in --adopt 'photos(id, image_path, vec)'",
                     shown);
}

bool adopt_is_renamed(const struct adopt_names *names)
{
    return strcmp(names->table, "image_gallery") != 0;
}

static void add_quoted(struct strbuf *sql, const char *name)
{
    int rc = strbuf_add(sql, "\"", 1, NULL);
    for (const char *at = name; !rc && *at; at++)
        rc = strbuf_add(sql, *at == '"' ? "\"\"" : at, *at == '"' ? 2 : 1, NULL);
    if (rc || strbuf_add(sql, "\"", 1, NULL))
        BUG("a name does not fit into a statement");
}

char *adopt_sql(const struct adopt_names *names, const char *template_sql)
{
    const struct {
        const char *mark, *name;
    } marks[] = {{"<t>", names->table},
                 {"<id>", names->id},
                 {"<path>", names->path},
                 {"<vec>", names->embedding}};
    struct strbuf sql = STRBUF_INIT((size_t)1 << 20);
    for (const char *at = template_sql; *at;) {
        size_t i = 0, n = sizeof marks / sizeof *marks;
        while (i < n && strncmp(at, marks[i].mark, strlen(marks[i].mark)) != 0)
            i++;
        if (i < n)
            add_quoted(&sql, marks[i].name);
        else if (strbuf_add(&sql, at, 1, NULL))
            BUG("a statement is too long");
        at += i < n ? strlen(marks[i].mark) : 1;
    }
    return strbuf_take(&sql);
}
