/* SPDX-License-Identifier: MIT */
/* `keepsake version`: prints the versions of the program, the CPU features, and the linked
 * libraries. */
#include <stdio.h>

#include "cli/command.h"
#include "cli/libraries.h"
#include "cli/output.h"
#include "doctor/known_bad.h"
#include "kernels/cpu.h"
#include "places/places.h"
#include "server/assets.h"

#ifndef KEEPSAKE_BUILD /* the Makefile sets it from git */
#define KEEPSAKE_BUILD KEEPSAKE_VERSION
#endif

static const char *const state_names[] = {[LIBRARY_GOOD] = "good",
                                          [LIBRARY_MENDED] = "mended",
                                          [LIBRARY_UNKNOWN] = "unknown",
                                          [LIBRARY_BAD] = "bad"};

static json_t *describe_library(const struct library *library, const char *status)
{
    struct library_verdict verdict;
    known_bad_judge(library, status, &verdict);
    json_t *object = json_object();
    output_set_text(object, "name", library->name);
    output_set_text(object, "version", library->version);
    json_object_set_new(object, "state", json_string(state_names[verdict.state]));
    if (verdict.known) {
        AUTO_FREE char *sentence = known_bad_sentence(library, &verdict);
        output_set_text(object, "message", sentence);
        output_set_text(object, "package", verdict.package);
    }
    return object;
}

static void print_json(const char *cpu)
{
    struct library libraries[LIBRARIES_MAX];
    size_t n = libraries_list(libraries);
    AUTO_FREE char *status = known_bad_read_status();
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, describe_library(&libraries[i], status));
    output_json(json_pack("{ss ss ss ss sb sI so}", "version", KEEPSAKE_VERSION, "build",
                          KEEPSAKE_BUILD, "cpu", cpu, "sqlite", store_engine_version(), "page",
                          web_assets[0].path != NULL, "places", (json_int_t)places_count(),
                          "libraries", list));
}

static void print_text(const char *cpu)
{
    struct library libraries[LIBRARIES_MAX];
    struct library_verdict verdicts[LIBRARIES_MAX];
    size_t n = libraries_list(libraries);
    AUTO_FREE char *status = known_bad_read_status();
    printf("keepsake %s\nbuilt from %s, %s the page of serve, %s names of places\nCPU level %s, "
           "SQLite "
           "%s\n\nLibraries:\n",
           KEEPSAKE_VERSION, KEEPSAKE_BUILD, web_assets[0].path ? "with" : "without",
           places_count() ? "with" : "without", cpu, store_engine_version());
    for (size_t i = 0; i < n; i++) {
        known_bad_judge(&libraries[i], status, &verdicts[i]);
        bool is_mended = verdicts[i].state == LIBRARY_MENDED;
        printf("  %-14s %s%s%s\n", libraries[i].name, libraries[i].version,
               is_mended ? ", fixed in the package " : "", is_mended ? verdicts[i].package : "");
    }
    for (size_t i = 0; i < n; i++) {
        if (verdicts[i].state <= LIBRARY_MENDED)
            continue;
        AUTO_FREE char *sentence = known_bad_sentence(&libraries[i], &verdicts[i]);
        printf("warning: %s\n", sentence);
    }
}

static int print_version(struct context *context, const void *options,
                         const struct argument_list *operands, struct error *err)
{
    (void)options;
    (void)err;
    if (operands->count > 0)
        return command_misuse(&command_version, "version takes no arguments");
    const char *cpu = cpu_level_name(cpu_level());
    if (context->settings.json)
        print_json(cpu);
    else
        print_text(cpu);
    return STATUS_DONE;
}

const struct command command_version = {
    .name = "version",
    .summary = "print the versions of keepsake and its libraries",
    .usage = "",
    .description =
        "The CPU level is the instruction set of the kernels: scalar, avx2 or avx512. The "
        "libraries for photos, galleries and the network are listed with their versions, with a "
        "note or a warning if a version has known vulnerabilities. Distributions fix libraries "
        "without changing the version: on Debian and its derivatives, the version of the "
        "package is also checked; elsewhere, the warning says that your distribution may have "
        "fixed the library.\n\n"
        "With --json: one object with version, cpu, sqlite and libraries, an array of objects "
        "with name, version and state (good, mended, unknown or bad), and, unless good, message "
        "and package.",
    .without_settings = true,
    .run = print_version,
};
