/* SPDX-License-Identifier: MIT */
/* The settings that `serve` reads from the environment and the config file if its command line
 * does not give them:
 *
 *     port = 8420
 *     bind = 0.0.0.0
 *     host-name = photos.example
 *     folders = ~/Pictures:/mnt/nas/photos */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "cli/options.h"

struct serve_settings {
    const char *bind, *base_path, *token_file; /* NULL: not given */
    const char *host_names;                    /* separated by blanks or commas */
    const char *folders;                       /* separated by colons */
    int64_t port, rate, connections;           /* 0: not given */
};

#define SERVE_RATE_MAX 1000000
#define SERVE_CONNECTIONS_MIN 8
#define SERVE_CONNECTIONS_MAX 100000

/* Rows of settings_options; `member` is the struct serve_settings in `type`. */
#define SERVE_SETTING_TEXT(type, member, field, key, named, what, completes)                     \
    {                                                                                            \
        .name = key, .kind = OPTION_TEXT, .offset = offsetof(type, member.field), .value = what, \
        .help = "of serve", .variable = named, .complete = completes, .config_only = true        \
    }
#define SERVE_SETTING_NUMBER(type, member, field, key, named, least, most)                        \
    {                                                                                             \
        .name = key, .kind = OPTION_NUMBER, .offset = offsetof(type, member.field), .value = "N", \
        .help = "of serve", .min = least, .max = most, .variable = named, .config_only = true     \
    }
#define SERVE_SETTING_SPECS(type, member)                                                       \
    SERVE_SETTING_TEXT(type, member, bind, "bind", "KEEPSAKE_SERVE_BIND", "ADDRESS",            \
                       COMPLETE_NOTHING),                                                       \
        SERVE_SETTING_NUMBER(type, member, port, "port", "KEEPSAKE_SERVE_PORT", 1, 65535),      \
        SERVE_SETTING_TEXT(type, member, host_names, "host-name", "KEEPSAKE_SERVE_HOST_NAME",   \
                           "NAME...", COMPLETE_NOTHING),                                        \
        SERVE_SETTING_TEXT(type, member, folders, "folders", "KEEPSAKE_SERVE_FOLDERS",          \
                           "FOLDER:...", COMPLETE_FILES),                                       \
        SERVE_SETTING_TEXT(type, member, base_path, "base-path", "KEEPSAKE_SERVE_BASE_PATH",    \
                           "PATH", COMPLETE_NOTHING),                                           \
        SERVE_SETTING_TEXT(type, member, token_file, "token-file", "KEEPSAKE_SERVE_TOKEN_FILE", \
                           "FILE", COMPLETE_FILES),                                             \
        SERVE_SETTING_NUMBER(type, member, rate, "rate", "KEEPSAKE_SERVE_RATE", 1,              \
                             SERVE_RATE_MAX),                                                   \
        SERVE_SETTING_NUMBER(type, member, connections, "connections",                          \
                             "KEEPSAKE_SERVE_CONNECTIONS", SERVE_CONNECTIONS_MIN,               \
                             SERVE_CONNECTIONS_MAX)
