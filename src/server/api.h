/* SPDX-License-Identifier: MIT */
/* The handlers of the API, one file per part of it. Each fills call->reply; see router.h. */
#pragma once

#include "server/router.h"

/* api_search.c */
call_function api_search, api_search_by_picture, api_similar, api_query_explain, api_query_criteria;
/* api_places.c */
call_function api_values, api_places, api_map;
/* api_embed.c */
call_function api_embed;
/* api_photos.c */
call_function api_months, api_photos, api_photo;
/* api_files.c */
call_function api_original, api_thumbnail;
/* api_labels.c */
call_function api_labels, api_add_label, api_rename_label, api_remove_label;
/* api_albums.c */
call_function api_albums, api_add_album, api_album, api_change_album, api_remove_album,
    api_album_photos, api_set_album_photos, api_put_album_photo, api_leave_album_photo;
/* api_rules.c */
call_function api_rules, api_add_rule, api_remove_rule;
/* api_ask.c */
call_function api_ask_setup, api_ask_now, api_ask_prepare, api_ask_send, api_ask_end;
/* api_index.c */
call_function api_index, api_start_index, api_stop_index, api_watch_index;
/* api_status.c */
call_function api_status, api_failures, api_ledger, api_health, api_metrics, api_openapi;
/* api_session.c */
call_function api_session, api_sign_in, api_sign_out;
