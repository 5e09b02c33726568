/* What is about to leave the machine, for the owner to see before it does. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

struct outbox_photo {
    int number; /* "Image 1:" */
    struct store_photo photo;
    double score;        /* NAN: by no search */
    int width, height;   /* as sent */
    size_t bytes;        /* of the JPEG */
    const uint8_t *jpeg; /* borrowed from the outbox */
    int64_t tokens;
    struct {
        int left, top, width, height;
    } part;        /* of the upright photo, in its pixels */
    char *caption; /* date, place, camera and labels, as the model reads it */
};

struct outbox {
    const char *provider, *host, *model; /* to whom; borrowed */
    bool local;                          /* the host is this machine */
    struct outbox_photo *photos;
    size_t count;
    size_t withheld;      /* photos that were near but never-send rules keep here */
    char *withheld_why;   /* "the folder /home/ana/private"; NULL when none */
    size_t bytes;         /* of the whole body */
    int64_t tokens;       /* in, estimated: pictures exactly, text by a guess */
    double price_usd;     /* of the input, and max_tokens of output at most: two figures */
    double price_max_usd; /* NAN: not known */
};
