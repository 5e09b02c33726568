/* SPDX-License-Identifier: MIT */
/* Makes tool calls and thoughts portable, so that a conversation can continue with another model.
 *
 * Providers create call ids that others refuse ("functions.search_photos:0"), or the same one in
 * each round. Here each call gets an id of our own, unique in the conversation and made of nine
 * letters and digits, which all providers accept. Only the provider that signed a thought can use
 * it. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

/* Returns the blocks of a reply as they are appended to the conversation after `messages`: call
 * ids are replaced, and thoughts without a signature are removed. A new reference; never empty. */
json_t *own_calls_reply(const json_t *messages, const json_t *content);

/* The same for a saved conversation, in place. `foreign` means that it was with another model:
 * only text, pictures, calls and their results are kept from its turns. */
void own_calls_adopt(json_t *messages, bool foreign);
