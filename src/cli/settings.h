/* SPDX-License-Identifier: MIT */
/* The settings of every command: the place of the gallery, the model, the output format.
 *
 * Each value comes from the command line, else the environment, else the config file, else a
 * default. The config file is $XDG_CONFIG_HOME/keepsake/config: lines "key = value", where '#' and
 * ';' start comment lines; the keys are the names of the options that have an environment
 * variable. File names in it are absolute or begin with ~/, because a relative one would depend on
 * the current folder. */
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
    const char *gallery; /* absolute path, or an address, which may contain a password */
    const char *model;   /* id or folder; NULL: not chosen by the user */
    bool model_is_given; /* on the command line, not in the environment or config file */
    const char *precision;
    const char *preview;    /* as in preview_kind */
    int64_t threads;        /* 0: all processors */
    int64_t thumbnails_max; /* MB; 0: the default */
    bool require_cage;      /* decode nothing unless every wall of the cage is in place */
    int64_t decode_memory;  /* MB; 0: the default */
    int64_t decode_seconds; /* 0: the default */
    const char *provider, *llm_model, *llm_url, *llm_key_file; /* as in llm_options */
    const char *effort;                                        /* as in llm_request */
    const char *llm_plain_http; /* after settings_load, includes the stored ones (plain_hosts.h) */
    int64_t llm_timeout_s;      /* 0: default of llm_options */
    int64_t count; /* maximum number of photos for search and ask; 0: their own default */
    struct serve_settings serve; /* used if its command line does not give them */
    /* Addresses of proxies in front of `serve`, separated by blanks or commas. */
    const char *trusted_proxy;
    double ask_budget_usd;   /* per day; 0: no limit */
    const char *ask_consent; /* "yes": photos may be sent without asking */
    const char *ask_facts;   /* as in telling_parse; NULL: rounded */
    int64_t ask_more;        /* 0: default of ask_options */
    bool json, quiet, help, version;
    struct argument_list owned; /* strings borrowed by the fields above */
};

/* The global options, which fill a struct settings. */
extern const struct option_spec settings_options[];

/* Sets the values that the command line did not give. ERR_INVALID names the invalid variable, or
 * the file and line. */
int settings_load(struct settings *settings, struct error *err) MUST_CHECK;
void settings_release(struct settings *settings);

/* Returns the language model's options; strings are borrowed from the settings. */
struct llm_options settings_llm(const struct settings *settings);

enum telling settings_telling(const struct settings *settings);
/* Returns the settings for cage_configure. */
struct cage_settings settings_cage(const struct settings *settings);

/* The number of photos: from the command line, else the settings, else 5. */
int64_t settings_count(const struct settings *settings, int64_t given);

enum clip_precision settings_precision(const struct settings *settings);

/* Parses config text into `ret_settings` (initially zeros); `where` names it in errors. */
int settings_read(struct settings *ret_settings, const char *text, const char *where,
                  struct error *err) MUST_CHECK;
