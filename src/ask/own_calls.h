/* SPDX-License-Identifier: MIT */
/* Calls and thoughts in a conversation that may go on with another model.
 *
 * Providers mint names for calls that others refuse ("functions.search_photos:0"), or the same one
 * in each round: here each call gets a name of ours, unique in the conversation and of nine
 * characters and digits, which all of them take. Thoughts are only of use to the one that signed
 * them. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

/* The blocks of a reply as they go into the conversation, behind `messages`: own names of calls, no
 * thought without a signature. A new reference; never empty. */
json_t *own_calls_reply(const json_t *messages, const json_t *content);

/* The same for a saved conversation, in place. With `foreign`, it was with another model: nothing
 * but text, pictures, calls and their results stays of its turns. */
void own_calls_adopt(json_t *messages, bool foreign);
