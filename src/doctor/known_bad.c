/* SPDX-License-Identifier: MIT */
/* Evaluates the version of a library, and the fixes of the distribution in it. */
#include "doctor/known_bad.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "doctor/dpkg.h"
#include "doctor/findings.h"

#define STATUS_FILE "/var/lib/dpkg/status"
#define STATUS_BYTES ((size_t)64 << 20)

/* Finds the installed package of the line's library, and its version. */
static bool find_package(const struct known_bad *known, const char *status,
                         const char **ret_package, char *ret_version, size_t size)
{
    enum { MOST = sizeof known->packages / sizeof *known->packages };
    for (int i = 0; i < MOST && known->packages[i]; i++) {
        *ret_package = known->packages[i];
        if (dpkg_find(status, known->packages[i], ret_version, size))
            return true;
    }
    return false;
}

static enum library_state judge_package(const struct known_bad *known, const char *version)
{
    enum { MOST = sizeof known->debian / sizeof *known->debian };
    for (int i = 0; i < MOST && known->debian[i]; i++)
        if (dpkg_same_upstream(version, known->debian[i]))
            return dpkg_compare(version, known->debian[i]) < 0 ? LIBRARY_BAD : LIBRARY_MENDED;
    return LIBRARY_UNKNOWN;
}

static bool version_is_in(const char *version, const struct known_bad *known)
{
    return dpkg_compare(version, known->below) < 0 &&
           (!known->since || dpkg_compare(version, known->since) >= 0);
}

static void judge_line(const struct library *library, const struct known_bad *known,
                       const char *status, struct library_verdict *verdict)
{
    char version[96];
    const char *package;
    if (strcmp(known->library, library->name) != 0 || !version_is_in(library->version, known))
        return;
    bool packed = status && find_package(known, status, &package, version, sizeof version);
    /* The program is not linked with a package of another version. */
    packed = packed && (dpkg_same_upstream(version, library->version) ||
                        strncmp(version, library->version, strlen(library->version)) == 0);
    enum library_state state = packed ? judge_package(known, version) : LIBRARY_UNKNOWN;
    if (state <= verdict->state)
        return;
    verdict->state = state;
    verdict->known = known;
    verdict->package[0] = '\0';
    if (packed)
        snprintf(verdict->package, sizeof verdict->package, "%s %s", package, version);
}

void known_bad_judge(const struct library *library, const char *status,
                     struct library_verdict *ret_verdict)
{
    *ret_verdict = (struct library_verdict){.state = LIBRARY_GOOD};
    for (const struct known_bad *known = known_bad_table; known->library; known++)
        judge_line(library, known, status, ret_verdict);
}

char *known_bad_sentence(const struct library *library, const struct library_verdict *verdict)
{
    const struct known_bad *known = verdict->known;
    AUTO_FREE char *named = xasprintf("%s %s", library->name, library->version);
    if (verdict->state == LIBRARY_MENDED)
        return xasprintf("%s is older than %s: %s; the package %s has a fix", named, known->below,
                         known->what, verdict->package);
    if (verdict->state == LIBRARY_BAD)
        return xasprintf("%s is vulnerable: %s; the package %s is older than the fix: update it "
                         "(%s)",
                         named, known->what, verdict->package, known->source);
    return xasprintf("%s is older than %s, which fixes this: %s; update it, unless your "
                     "distribution has fixed it%s%s%s (%s)",
                     named, known->below, known->what,
                     verdict->package[0] ? " in the package " : "", verdict->package,
                     verdict->package[0] ? ": its changelog tells" : "", known->source);
}

char *known_bad_read_status(void)
{
    struct file file;
    struct error ignored;
    if (file_read_stream(STATUS_FILE, STATUS_BYTES, &file, &ignored))
        return NULL;
    char *text = xstrndup((const char *)file.data, file.size);
    file_release(&file);
    return text;
}

void doctor_examine_libraries(const struct doctor_options *options)
{
    AUTO_FREE char *status = known_bad_read_status();
    size_t mended = 0, others = 0;
    for (size_t i = 0; i < options->library_count; i++) {
        struct library_verdict verdict;
        known_bad_judge(&options->libraries[i], status, &verdict);
        mended += verdict.state == LIBRARY_MENDED;
        if (verdict.state <= LIBRARY_MENDED)
            continue;
        others++;
        AUTO_FREE char *sentence = known_bad_sentence(&options->libraries[i], &verdict);
        doctor_find(options, "libraries", STORE_WARNING, "%s", sentence);
    }
    if (options->library_count > 0 && others == 0)
        doctor_find(options, "libraries", STORE_GOOD,
                    "none of %zu has a version with known vulnerabilities%s (`keepsake version` "
                    "lists them)",
                    options->library_count, mended ? ", or the distribution has fixed it" : "");
}
