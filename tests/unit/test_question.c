/* SPDX-License-Identifier: MIT */
/* search_question_text: what is left of questions, and that it finds more photos: captions that
 * people wrote, turned into questions, with mini over photos it never saw. */
#include "captions.h"
#include "sanitized.h"
#include "search/question.h"
#include "tap.h"

static struct error err;

static void left(const char *question, const char *want)
{
    AUTO_FREE char *text = search_question_text(question);
    is_str(text, want, question);
}

static void test_words(void)
{
    left("What is the dog doing?", "the dog");
    left("What is my grandpa holding?", "grandpa holding");
    left("What's in grandpa's hand, please?", "in grandpa's hand");
    left("Show me the photos of a red car!", "the of a red car");
    left("WHO WAS THERE? a man (old); a boy", "a man old a boy");
    left("two dogs in the snow", "two dogs in the snow");
    left("a t-shirt without sleeves", "a t-shirt without sleeves");
    left("whatever whoever island", "whatever whoever island");
    left("Who is there?", "Who is there?");
    left("", "");
    left("  ?! ", "  ?! ");
    left("Wo ist der Hund?", "Wo ist der Hund");
    left("爷爷拿着什么？", "爷爷拿着什么？");
}

/* Of the photos, how many are nearer to the text than the one it was written for. */
static int rank_of(struct clip *clip, const char *text, const float *photos, size_t count,
                   size_t own, size_t *ret_rank)
{
    size_t dim = clip_dim(clip);
    AUTO_FREE float *query = xmalloc(dim * sizeof *query);
    AUTO_FREE double *scores = xcalloc(count, sizeof *scores);
    int rc = clip_embed_text(clip, text, query, NULL, &err);
    if (rc)
        return rc;
    *ret_rank = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < dim; j++)
            scores[i] += (double)query[j] * photos[i * dim + j];
    for (size_t i = 0; i < count; i++)
        *ret_rank += scores[i] > scores[own];
    return 0;
}

/* Percent of the questions "begin CAPTION?" whose photo is among the ten best. */
static double found(struct clip *clip, const float *photos, size_t count, const char *begin,
                    bool clean)
{
    size_t asked = 0, hits = 0, own = 0, rank;
    const char *last = NULL;
    for (size_t i = 0; i < caption_count; i++) {
        if (!captions[i].test)
            continue;
        own += last && strcmp(last, captions[i].file) != 0;
        last = captions[i].file;
        AUTO_FREE char *question =
            xasprintf("%s %.*s?", begin, (int)strcspn(captions[i].text, "."), captions[i].text);
        AUTO_FREE char *text = clean ? search_question_text(question) : xstrdup(question);
        if (rank_of(clip, text, photos, count, own, &rank))
            return NAN;
        asked++;
        hits += rank < 10;
    }
    return 100.0 * (double)hits / (double)asked;
}

static void test_retrieval(void)
{
    static const char *const begins[] = {"Which photos show", "When did we see",
                                         "What is there to see in the picture of"};
    AUTO(clip) *clip = NULL;
    if (test_is_short()) {
        skip("how good the answers are is the release build's to tell");
        return;
    }
    if (!read_captions()) {
        skip("no captions here (KEEPSAKE_SHARED)");
        return;
    }
    if (clip_open("models/mini", NULL, &clip, &err)) {
        ok(false, "mini: %s", err.message);
        return;
    }
    size_t count;
    AUTO_FREE float *photos = embed_unseen(clip, &count);
    for (size_t i = 0; photos && i < sizeof begins / sizeof *begins; i++) {
        double before = found(clip, photos, count, begins[i], false);
        double after = found(clip, photos, count, begins[i], true);
        ok(after >= before + 4, "\"%s\": recall@10 %.1f, and %.1f cleaned", begins[i], before,
           after);
    }
}

int main(void)
{
    test_words();
    test_retrieval();
    return done_testing();
}
