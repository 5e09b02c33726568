/* SPDX-License-Identifier: MIT */
/* The photos and facts that a question would send, shown to the owner before they are sent. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ask/telling.h"
#include "ask/view.h"
#include "store/store.h"

struct outbox_photo {
    int number;               /* "Image 1:" */
    struct store_photo photo; /* borrowed, like all of its members */
    double score;             /* NAN: not found by a search */
    int width, height;        /* as sent */
    size_t bytes;             /* of the JPEG */
    const uint8_t *jpeg;
    int64_t tokens;
    struct view_part part; /* of the upright photo, in its pixels */
    const char *caption;   /* date, place, camera and labels, as the model reads it */
    struct told told;      /* in the caption */
};

/* The limit on the photos sent for a question beyond those shown: the model's tools
 * request them without asking the owner again. */
struct outbox_more {
    size_t photos;
    size_t bytes; /* of their JPEGs */
};

struct outbox {
    const char *provider, *host, *model; /* the recipient; borrowed */
    bool local;                          /* the host is this machine */
    struct outbox_photo *photos;
    size_t count;
    struct told told;          /* sent beside these pictures, including those that are sent again */
    size_t withheld;           /* nearby photos withheld by never-send rules */
    size_t weak;               /* photos left out because they match nothing in the question */
    bool language_unsupported; /* the search model cannot read the question's script */
    bool partly_unread;        /* some of its words are in such a script and were left out */
    size_t near;               /* photos in it that nearly look like one withheld by a rule */
    char *near_why;            /* a sentence about the first one; NULL if none */
    char *withheld_why;        /* "the folder /home/ana/private"; NULL if none */
    size_t unreadable;         /* nearby photos whose files cannot be read now */
    char *unreadable_why;      /* a sentence about the first one; NULL if none */
    /* Photos not searched for, because the model takes no more pictures in one conversation. */
    size_t no_room;
    struct outbox_more more; /* limit on the photos that the model may add */
    size_t again;            /* pictures of the conversation so far, which are sent again */
    size_t bytes;            /* of the whole body; 0: nothing would be sent */
    int64_t tokens;          /* estimated input tokens: exact for pictures, approximate for text */
    double price_usd;        /* price of the input alone */
    double price_max_usd;    /* price with max_tokens of output, the maximum; NAN: unknown */
};
