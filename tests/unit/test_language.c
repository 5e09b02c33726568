/* SPDX-License-Identifier: MIT */
/* The language of texts: captions and short queries in English are never called foreign, and texts
 * in other languages are recognised. */
#include "search/language.h"

#include "captions.h"
#include "foreign_texts.h"

enum { TEXTS = sizeof foreign_texts / sizeof *foreign_texts };

static const char *const english_texts[] = {"beach",
                                            "dog",
                                            "two dogs",
                                            "a dog in the snow",
                                            "man on bike",
                                            "kids at lake",
                                            "red car",
                                            "no parking sign",
                                            "die hard poster",
                                            "war memorial",
                                            "hat stand",
                                            "so cute",
                                            "her son",
                                            "Rio de Janeiro",
                                            "rio de janeiro carnival",
                                            "los angeles freeway at night",
                                            "las vegas strip",
                                            "Place de la Concorde",
                                            "place de la concorde in paris",
                                            "Museo del Prado",
                                            "Costa del Sol beach",
                                            "El Capitan",
                                            "Tour de France cyclists",
                                            "Cirque du Soleil",
                                            "cr\u00e8me br\u00fbl\u00e9e",
                                            "caf\u00e9 in Z\u00fcrich",
                                            "jalape\u00f1o poppers",
                                            "Oktoberfest in Munich",
                                            "rottweiler puppy",
                                            "kindergarten class",
                                            "S\u00e3o Paulo skyline",
                                            "Notre Dame de Paris",
                                            "spaghetti alla carbonara",
                                            "ch\u00e2teau in the Loire valley",
                                            "Leonardo da Vinci",
                                            "Vincent van Gogh painting",
                                            "Piazza San Marco",
                                            "real madrid",
                                            "Jos\u00e9 and Mar\u00eda",
                                            "la la land",
                                            "Buenos Aires",
                                            "fjord in Norway",
                                            "Malm\u00f6 harbor",
                                            "haute couture",
                                            "schnitzel with fries",
                                            "bon appetit",
                                            "grand prix",
                                            "flamenco dancer",
                                            "pi\u00f1ata party",
                                            "ti\u1ebfng Vi\u1ec7t",
                                            "IMG_1234.jpg",
                                            "C++ code",
                                            "",
                                            "?!",
                                            "1984",
                                            "xkcd qwerty",
                                            "a",
                                            "I",
                                            "t-shirt",
                                            "tee",
                                            "beer",
                                            "a duck and a bee"};

/* Counts the parts of captions of one to four words that are called foreign, those without articles
 * and prepositions, as people type. */
static size_t count_foreign_parts(struct clip *clip, const char *caption, size_t *ret_parts)
{
    static const char skipped[] = " a an the in on of with and at to is are by from for his her ";
    AUTO_FREE char *copy = xstrdup(caption);
    char *words[64], *rest = copy, *word;
    size_t n = 0, foreign = 0;
    while (n < 64 && (word = strsep(&rest, " .,\"!")) != NULL) {
        AUTO_FREE char *between = xasprintf(" %s ", word);
        if (*word && !strcasestr(skipped, between))
            words[n++] = word;
    }
    for (size_t length = 1; length <= 4 && length <= n; length++) {
        char part[400] = "";
        size_t first = strlen(caption) % (n - length + 1);
        for (size_t i = 0; i < length; i++)
            snprintf(part + strlen(part), sizeof part - strlen(part), "%s%s", i ? " " : "",
                     words[first + i]);
        const char *language = language_of(clip, part, NULL);
        if (language)
            diag("%s: %s", language, part);
        foreign += language != NULL;
        ++*ret_parts;
    }
    return foreign;
}

static void test_captions(struct clip *clip)
{
    size_t foreign = 0, foreign_parts = 0, parts = 0;
    if (!read_captions()) {
        ok(true, "captions # SKIP no photos/flickr8k-300");
        return;
    }
    for (size_t i = 0; i < caption_count; i++) {
        const char *language = language_of(clip, captions[i].text, NULL);
        if (language)
            diag("%s: %s", language, captions[i].text);
        foreign += language != NULL;
        foreign_parts += count_foreign_parts(clip, captions[i].text, &parts);
    }
    ok(1000 * foreign < caption_count, "%zu of %zu captions are called foreign: less than 0.1 %%",
       foreign, caption_count);
    ok(1000 * foreign_parts < parts, "... and %zu of %zu parts of them", foreign_parts, parts);
}

static void test_english(struct clip *clip)
{
    for (size_t i = 0; i < sizeof english_texts / sizeof *english_texts; i++) {
        const char *language = language_of(clip, english_texts[i], NULL);
        ok(!language, "not foreign: %s (%s)", english_texts[i], language ? language : "-");
    }
}

static void test_foreign(struct clip *clip)
{
    size_t found = 0, right = 0;
    for (size_t i = 0; i < TEXTS; i++) {
        const char *language = language_of(clip, foreign_texts[i].text, NULL);
        found += language != NULL;
        right += language && strcmp(language, foreign_texts[i].language) == 0;
        if (!language)
            diag("missed: %s", foreign_texts[i].text);
    }
    ok(10 * found >= 9 * TEXTS, "%zu of %d texts are recognised as foreign: at least 90 %%", found,
       TEXTS);
    /* Danish also stands for Norwegian, and short texts are often the same in two languages. */
    ok(10 * right >= 8 * found, "... %zu of them with the right language", right);
    is_str(language_of(clip, "hund", NULL) ? "foreign" : "-", "-", "one word that is also a name");
    is_str(language_of(clip, "chien", NULL), "French", "one word");
    is_str(language_of(clip, "mit Will auf dem Berg", "mit . auf dem berg"), "German",
           "a name in a German text");
    is_str(language_of(clip, "Schneewittchen und Oma", ". und ."), NULL,
           "nothing but names and a word between them");
}

/* A model that was trained on many languages. */
static void test_multilingual(void)
{
    struct error err;
    char folder[] = "/tmp/keepsake-test-XXXXXX";
    AUTO(clip) *clip = NULL;
    if (!mkdtemp(folder)) {
        ok(false, "no folder for a model");
        return;
    }
    AUTO_FREE char *make =
        xasprintf("cp models/mini/* %s && sed 's/{/{\"reads_all_scripts\": true,/;t;' "
                  "models/mini/config.json "
                  "| sed '2,$s/{\"reads_all_scripts\": true,/{/' > %s/config.json",
                  folder, folder);
    int made = system(make);
    ok(made == 0 && clip_open(folder, NULL, &clip, &err) == 0, "a model of many languages");
    if (clip)
        is_str(language_of(clip, "ein Hund rennt durch den Schnee", NULL), NULL,
               "... reads German");
    AUTO_FREE char *remove_it = xasprintf("rm -r %s", folder);
    ok(system(remove_it) == 0, "... is removed");
}

int main(void)
{
    struct error err;
    AUTO(clip) *clip = NULL;
    if (clip_open("models/mini", NULL, &clip, &err)) {
        printf("Bail out! %s\n", err.message);
        return 1;
    }
    test_english(clip);
    test_foreign(clip);
    test_captions(clip);
    test_multilingual();
    return done_testing();
}
