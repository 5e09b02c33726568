/* SPDX-License-Identifier: MIT */
/* What is about to leave the machine, for the owner to see before it does. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ask/telling.h"
#include "ask/view.h"
#include "store/store.h"

struct outbox_photo {
    int number;               /* "Image 1:" */
    struct store_photo photo; /* borrowed, as all of it is */
    double score;             /* NAN: by no search */
    int width, height;        /* as sent */
    size_t bytes;             /* of the JPEG */
    const uint8_t *jpeg;
    int64_t tokens;
    struct view_part part; /* of the upright photo, in its pixels */
    const char *caption;   /* date, place, camera and labels, as the model reads it */
    struct told told;      /* in the caption */
};

/* What may leave for a question beyond the photos that were shown: asked for by the model's tools,
 * without asking the owner again. */
struct outbox_more {
    size_t photos;
    size_t bytes; /* of their JPEGs */
};

struct outbox {
    const char *provider, *host, *model; /* to whom; borrowed */
    bool local;                          /* the host is this machine */
    struct outbox_photo *photos;
    size_t count;
    struct told told; /* beside these pictures; also those that go once more */
    size_t withheld;  /* photos that were near but never-send rules keep here */
    size_t weak;      /* photos that were left out because they match nothing of the question */
    bool language_unsupported; /* the search model does not read the question's script */
    bool partly_unread;        /* some words of it are in such a script and were left out */
    size_t near;               /* photos of it that look nearly like one that a rule keeps here */
    char *near_why;            /* the first one's sentence; NULL when none */
    char *withheld_why;        /* "the folder /home/ana/private"; NULL when none */
    size_t unreadable;         /* photos that were near, but whose files cannot be read now */
    char *unreadable_why;      /* the first one's sentence; NULL when none */
    size_t no_room;          /* photos that were not looked for: the model takes no more pictures in
                                one conversation */
    struct outbox_more more; /* what the model may add for this question */
    size_t again;            /* pictures of the conversation so far, which go once more */
    size_t bytes;            /* of the whole body; 0: nothing would be sent */
    int64_t tokens;          /* in, estimated: pictures exactly, text by a guess */
    double price_usd;        /* of the input, and max_tokens of output at most: two figures */
    double price_max_usd;    /* NAN: not known */
};
