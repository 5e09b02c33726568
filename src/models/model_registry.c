/* SPDX-License-Identifier: MIT */
/* The table of known models with the sizes and hashes of their files. */
#include <stddef.h>
#include <string.h>

#include "models/model.h"

/* Sizes and hashes are pinned where they are published for exactly that file; configuration files
 * have no published hash and are downloaded by HTTPS at the pinned revision. Both models use one
 * vocabulary; its files come from the repositories whose copies have published hashes. */

#define SBERT \
    "/sentence-transformers/clip-ViT-B-32/resolve/327ab6726d33c0e22f920c83f2ff9e4bd38ca37f/"
#define OPENAI "/openai/clip-vit-base-patch32/resolve/3d74acf9a28c67741b2f4f2ea7635f0aaf6f0268/"
#define LAION                                         \
    "/laion/CLIP-ViT-B-32-laion2B-s34B-b79K/resolve/" \
    "1a25a446712ba5ee05982a381eed697ef9b435cf/"

#define VOCABULARY                                                             \
    {"vocab.json", SBERT "0_CLIPModel/vocab.json", 862328,                     \
     "5047b556ce86ccaf6aa22b3ffccfc52d391ea4accdab9c2f2407da5b742d4363"},      \
    {                                                                          \
        "merges.txt", OPENAI "merges.txt", 524657,                             \
            "f526393189112391ce6f9795d4695f704121ce452c3aad1f5335cc41337eba85" \
    }

static const struct model_file openai_b32[] = {
    {"model.safetensors", SBERT "0_CLIPModel/model.safetensors", 605157884,
     "99d28a652e6ec46629ab7047a0ac82c69b1fe11e0ce672c43af65d3a9a3fc05d"},
    {"config.json", SBERT "0_CLIPModel/config.json", 0, NULL},
    {"preprocessor_config.json", SBERT "0_CLIPModel/preprocessor_config.json", 0, NULL},
    VOCABULARY,
    {0},
};

static const struct model_file laion2b_b32[] = {
    {"open_clip_model.safetensors", LAION "open_clip_model.safetensors", 605143316,
     "ac4f8c4b88af6d963118cbf40ad93176d092abbedfcb752601ae1866352656e6"},
    {"open_clip_config.json", LAION "open_clip_config.json", 0, NULL},
    VOCABULARY,
    {0},
};

static const struct model_entry entries[] = {
    {"clip-vit-b-32", "CLIP ViT-B/32 by OpenAI: recommended", "MIT", openai_b32},
    {"clip-vit-b-32-laion2b", "CLIP ViT-B/32 trained on LAION-2B", "MIT", laion2b_b32},
    {"mini", "small demonstration model, installed with keepsake",
     "demonstration, tests and research only", NULL},
    {0},
};

const struct model_entry *model_entries(void)
{
    return entries;
}

const struct model_entry *model_entry(const char *id)
{
    for (const struct model_entry *e = entries; e->id; e++) {
        if (strcmp(e->id, id) == 0)
            return e;
    }
    return NULL;
}
