/* SPDX-License-Identifier: MIT */
/* Versions of libraries that are dangerous, and what Debian has mended in them. */
#include "base/memory.h"
#include "doctor/dpkg.h"
#include "doctor/known_bad.h"
#include "tap.h"

static int sign(int n)
{
    return (n > 0) - (n < 0);
}

/* The signs are those of `dpkg --compare-versions` of dpkg 1.21.22. */
static void test_order(void)
{
    static const struct {
        const char *a, *b;
        int sign;
    } pairs[] = {
        {"1.2.4-0.2", "1.2.4-0.2+deb12u1", -1},
        {"1.2.4-0.2+deb12u1", "1.2.4-0.2+deb12u1", 0},
        {"1.0.11-1+deb12u10", "1.0.11-1+deb12u9", 1},
        {"1.3.2", "1.2.4-0.2+deb12u1", 1},
        {"1:2.1.5-2", "2.1.5-2", 1},
        {"1.6.39-2~bpo11+1", "1.6.39-2", -1},
        {"1.6.9", "1.6.39", -1},
        {"1.06", "1.6", 0},
        {"1.6a", "1.6", 1},
        {"1.6~rc1", "1.6", -1},
        {"1.6+x", "1.6a", 1},
        {"8.4.0-1", "8.4.0-1ubuntu1", -1},
        {"4.7.0", "4.7.0-0", 0},
        {"1.2-3-1", "1.2-3-2", -1},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        ok(sign(dpkg_compare(pairs[i].a, pairs[i].b)) == pairs[i].sign &&
               sign(dpkg_compare(pairs[i].b, pairs[i].a)) == -pairs[i].sign,
           "%s and %s", pairs[i].a, pairs[i].b);
    }
    ok(dpkg_same_upstream("1:2.1.5-2", "2.1.5-3+deb12u1"), "one upstream version");
    ok(!dpkg_same_upstream("4.7.0-3", "4.5.0-6+deb12u3"), "two of them");
}

#define PARAGRAPH(name, state, version)                                               \
    "Package: " name "\nStatus: " state "\nPriority: optional\nSource: other (9.9)\n" \
    "Version: " version "\nDescription: a library\n Version: 0.0\n more\n\n"

static void test_status(void)
{
    static const char status[] = PARAGRAPH("libwebp", "install ok installed", "7.7")
        PARAGRAPH("libwebp7", "deinstall ok config-files", "1.2.2-1")
            PARAGRAPH("libwebp7", "install ok installed", "1.2.4-0.2") "Package: libgif7\n";
    char version[16];
    ok(dpkg_find(status, "libwebp7", version, sizeof version), "a package that is installed");
    is_str(version, "1.2.4-0.2", "its version");
    ok(!dpkg_find(status, "libtiff6", version, sizeof version), "one that is not");
    ok(!dpkg_find(status, "libgif7", version, sizeof version), "one whose paragraph is cut off");
    ok(!dpkg_find("", "libwebp7", version, sizeof version), "an empty file");
    ok(!dpkg_find(status, "libwebp7", version, 9), "a version that does not fit");
}

static enum library_state state_of(const char *name, const char *version, const char *status)
{
    struct library library;
    struct library_verdict verdict;
    snprintf(library.name, sizeof library.name, "%s", name);
    snprintf(library.version, sizeof library.version, "%s", version);
    known_bad_judge(&library, status, &verdict);
    if (verdict.state != LIBRARY_GOOD) {
        AUTO_FREE char *sentence = known_bad_sentence(&library, &verdict);
        ok(strstr(sentence, "CVE-") && strstr(sentence, version), "a sentence: %s", sentence);
    }
    return verdict.state;
}

#define INSTALLED(name, version) PARAGRAPH(name, "install ok installed", version)

static void test_verdicts(void)
{
    is_int(state_of("libwebp", "1.3.2", NULL), LIBRARY_GOOD, "the version that mends it");
    is_int(state_of("libwebp", "1.10.0", NULL), LIBRARY_GOOD, "one with more digits");
    is_int(state_of("libfoo", "0.1", NULL), LIBRARY_GOOD, "a library that nothing is known of");
    is_int(state_of("libwebp", "1.2.4", NULL), LIBRARY_UNKNOWN, "no dpkg: the version is all");
    is_int(state_of("libwebp", "1.2.4", INSTALLED("libwebp7", "1.2.4-0.2")), LIBRARY_BAD,
           "Debian's package before it was mended");
    is_int(state_of("libwebp", "1.2.4", INSTALLED("libwebp7", "1.2.4-0.2+deb12u1")), LIBRARY_MENDED,
           "and after");
    is_int(state_of("libwebp", "1.2.2", INSTALLED("libwebp7", "1.2.2-2ubuntu0.22.04.2")),
           LIBRARY_UNKNOWN, "a distribution that the table does not know");
    is_int(state_of("libwebp", "1.1.0", INSTALLED("libwebp7", "1.2.4-0.2+deb12u1")),
           LIBRARY_UNKNOWN, "linked with another one than the package's");
    is_int(state_of("libtiff", "4.5.0", INSTALLED("libtiff6", "4.5.0-6+deb12u3")), LIBRARY_BAD,
           "of two faults one is mended");
    is_int(state_of("libtiff", "4.7.0", INSTALLED("libtiff6", "4.7.0-3")), LIBRARY_BAD,
           "a higher version than the one that Debian mended is not mended by that");
    is_int(state_of("libtiff", "4.6.0", INSTALLED("libtiff6", "4.6.0-9")), LIBRARY_UNKNOWN,
           "nor is one that the table does not know");
    is_int(state_of("libtiff", "4.7.0", INSTALLED("libtiff6", "4.7.0-3+deb13u2")), LIBRARY_MENDED,
           "each release of Debian has its own");
    is_int(state_of("libpng", "1.6.40", INSTALLED("libpng16-16t64", "1.6.40-1")), LIBRARY_UNKNOWN,
           "the package's other name");
    is_int(state_of("libcurl", "7.68.0", NULL), LIBRARY_GOOD, "older than the fault");
    is_int(state_of("libpq", "16.6", NULL), LIBRARY_UNKNOWN, "a branch of its own");
    is_int(state_of("libpq", "16.7", NULL), LIBRARY_GOOD, "which is mended from 16.7 on");
}

static void test_table(void)
{
    for (const struct known_bad *k = known_bad_table; k->library; k++)
        ok(k->below && k->what && strstr(k->what, "CVE-") && strstr(k->source, "https://") &&
               k->packages[0],
           "%s below %s: the line is complete", k->library, k->below);
}

int main(void)
{
    test_order();
    test_status();
    test_verdicts();
    test_table();
    return done_testing();
}
