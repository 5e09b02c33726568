/* SPDX-License-Identifier: MIT */
/* The table of facts (base/facts.def) at run time: for code that reads, writes, stores or prints
 * all that is known of a photo without naming each fact.
 *
 *     for (size_t i = 0; i < FACT_COUNT; i++)
 *         if (fact_is_known(&fact_table[i], facts)) ... fact_text(&fact_table[i], facts) ... */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/photo.h"

enum fact_type {
    FACT_TEXT,  /* char[], UTF-8 */
    FACT_TIME,  /* char[], as `taken` is written */
    FACT_LIST,  /* char[], texts separated by '\n' */
    FACT_WHOLE, /* int */
    FACT_REAL,  /* double */
};

/* Facts whose JSON is an object of their own within a photo's. */
enum fact_group {
    FACT_GROUP_NONE,
    FACT_GROUP_PLACE,  /* null when nothing of it is known */
    FACT_GROUP_CAMERA, /* always an object */
};

/* What an owner allows to be told to a language model is decided by kind (ask/telling.h). */
enum fact_kind {
    FACT_UNTOLD = 0, /* never told */
    FACT_DATE = 1,
    FACT_PLACE = 2,       /* rounded */
    FACT_EXACT_PLACE = 4, /* as the photo has it; the table says FACT_PLACE for both */
    FACT_CAMERA = 8,
    FACT_LABELS = 16, /* no fact of the table */
    FACT_SHAPE = 32,  /* of the picture itself: anyone who may see the picture may know it */
};

struct fact {
    const char *name; /* field, column and JSON key */
    enum fact_type type;
    unsigned short offset, size; /* of the field in struct photo_facts */
    unsigned short has;          /* offset of the bool that says whether it is known, plus 1; 0: it
                                    is known when it is neither 0 nor "" */
    int since;                   /* the first gallery format that has the column; 0: it has none */
    bool not_null;               /* the column holds 0 while it is not known */
    enum fact_group group;
    bool brief;  /* also where photos are listed, not only in all that is known of one */
    bool always; /* in JSON it is "" while it is not known, not null */
    bool hidden; /* for the program's own use: never in JSON */
    enum fact_kind kind;
    const char *words; /* how it is told beside a picture, as `print`: "ISO {}"; NULL: it is told
                          only to who asks for all facts of a photo */
    bool filter, sort; /* whether queries may compare it, and order photos by it */
    double min, max;   /* of a number that can be; both 0: any */
    /* How people read it: "{}" stands for the value, "{/}" for one that is written as a fraction
     * below 0.3: "1/250". NULL: the value alone. */
    const char *print;
    const char *about; /* for people who use the API */
};

#define FACT_FLAG(name) (offsetof(struct photo_facts, name) + 1)

enum {
#define TEXT(name, ...) FACT_INDEX_##name,
#define TIME(name, ...) FACT_INDEX_##name,
#define LIST(name, ...) FACT_INDEX_##name,
#define WHOLE(name, ...) FACT_INDEX_##name,
#define REAL(name, ...) FACT_INDEX_##name,
#define FLAG(name)
#include "base/facts.def"
    FACT_COUNT
};
extern const struct fact fact_table[FACT_COUNT];

/* The fact of that name; NULL: there is none. */
const struct fact *fact_find(const char *name);
const char *fact_type_name(enum fact_type type);    /* "text", "time", "list", "whole", "real" */
const char *fact_group_name(enum fact_group group); /* "place"; NULL: NONE */

bool fact_is_text(const struct fact *fact); /* TEXT, TIME or LIST */
bool fact_is_known(const struct fact *fact, const struct photo_facts *facts);
const char *fact_text(const struct fact *fact, const struct photo_facts *facts); /* of a text */
double fact_number(const struct fact *fact, const struct photo_facts *facts);    /* of a number */
char *fact_room(const struct fact *fact, struct photo_facts *facts);             /* [fact->size] */
/* Also sets the facts that `has` names. Text is truncated to its field; a number outside the range
 * of the fact is refused: false. */
void fact_set_text(const struct fact *fact, struct photo_facts *facts, const char *text);
bool fact_set_number(const struct fact *fact, struct photo_facts *facts, double number);
void fact_clear(const struct fact *fact, struct photo_facts *facts); /* not known any more */
bool fact_can_be(const struct fact *fact, double number);

/* As people read it, by `print`: "2019-07-04 18:30", "f/2.8", "1/250 s". Texts of a list are joined
 * by ", ". The caller frees. */
char *fact_print(const struct fact *fact, const struct photo_facts *facts);
/* The same by other words than `print`: "taken {}". With `quote`, a text is quote(text), which the
 * caller of fact_print_as allocates and it frees. */
char *fact_print_as(const struct fact *fact, const struct photo_facts *facts, const char *words,
                    char *(*quote)(const char *text));
