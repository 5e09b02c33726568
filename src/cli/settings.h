/* SPDX-License-Identifier: MIT */
/* What holds for every command: where the gallery is, which model, how to print.
 *
 * Each value comes from the command line, else the environment, else the config file, else a
 * default. The config file is $XDG_CONFIG_HOME/keepsake/config: lines "key = value", '#' and ';'
 * start comment lines; the keys are the names of the options that have an environment variable.
 * Files there are absolute or begin with ~/: a relative one would be another file in each folder.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ask/telling.h"
#include "base/error.h"
#include "cage/cage.h"
#include "cli/options.h"
#include "cli/serve_settings.h"
#include "clip/clip.h"
#include "llm/llm.h"

struct settings {
    const char *gallery; /* absolute path, or an address, which may hold a password */
    const char *model;   /* id or folder; NULL: not chosen by the user */
    const char *precision;
    const char *preview;    /* as preview_kind has it */
    int64_t threads;        /* 0: all processors */
    int64_t thumbnails_max; /* MB; 0: the default */
    bool require_cage;      /* decode nothing unless every wall of the cage stands */
    int64_t decode_memory;  /* MB; 0: the default */
    int64_t decode_seconds; /* 0: the default */
    const char *provider, *llm_model, *llm_url, *llm_key_file; /* as llm_options has them */
    const char *effort;                                        /* as llm_request */
    const char *llm_plain_http;  /* after settings_load: with those that are kept (plain_hosts.h) */
    int64_t llm_timeout_s;       /* 0: llm_options' own */
    int64_t count;               /* photos of search and ask, at most; 0: their own default */
    struct serve_settings serve; /* where its command line is silent */
    const char *trusted_proxy; /* addresses of proxies before `serve`, parted by blanks or commas */
    double ask_budget_usd;     /* a day; 0: any amount */
    const char *ask_consent;   /* "yes": photos may be sent without asking first */
    const char *ask_facts;     /* as telling_parse has it; NULL: rounded */
    int64_t ask_more;          /* 0: ask_options' own */
    bool json, quiet, help, version;
    struct argument_list owned; /* strings that the fields above borrow */
};

/* The global options, filling a struct settings. */
extern const struct option_spec settings_options[];

/* Fills what the command line left open. ERR_INVALID names the variable, or the file and line, that
 * is wrong. */
int settings_load(struct settings *settings, struct error *err) MUST_CHECK;
void settings_release(struct settings *settings);

/* Which language model; strings are borrowed from the settings. */
struct llm_options settings_llm(const struct settings *settings);

enum telling settings_telling(const struct settings *settings);
/* For cage_configure. */
struct cage_settings settings_cage(const struct settings *settings);

/* How many photos: as the command line says, else the settings, else 5. */
int64_t settings_count(const struct settings *settings, int64_t given);

enum clip_precision settings_precision(const struct settings *settings);

/* Reads config text into `ret_settings` (zeros before); `where` names it in errors. */
int settings_read(struct settings *ret_settings, const char *text, const char *where,
                  struct error *err) MUST_CHECK;
