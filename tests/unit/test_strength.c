/* SPDX-License-Identifier: MIT */
/* How often a search says "nothing" wrongly, on real vectors: OpenAI's ViT-B/32 (recorded) and mini
 * over photos it never saw. What a photo shows is known from the captions people wrote, not from
 * any model. The rates are those that search/strength.h states. */
#include <ctype.h>

#include "captions.h"
#include "clip/background.h"
#include "real_vectors.h"
#include "sanitized.h"
#include "search/strength.h"
#include "store_fixture.h"

enum { SHOWN = 5, ROWS_MAX = 2000 };

static struct error err;

/* Photos and the fixed texts, all of one model. */
struct gallery {
    size_t dim, count;
    const float *photos, *background;
};

/* Of texts: how many searches had which best strength. */
struct rates {
    size_t count, best[SEARCH_STRONG + 1];
};

static double share(const struct rates *r, enum search_strength strength)
{
    return r->count ? (double)r->best[strength] / (double)r->count : NAN;
}

static void show(const struct rates *r, const char *what)
{
    diag("%s (%zu): none %.3f, weak %.3f, fair %.3f, strong %.3f", what, r->count,
         share(r, SEARCH_NONE), share(r, SEARCH_WEAK), share(r, SEARCH_FAIR),
         share(r, SEARCH_STRONG));
}

static double dot(const float *a, const float *b, size_t dim)
{
    double sum = 0;
    for (size_t i = 0; i < dim; i++)
        sum += (double)a[i] * b[i];
    return sum;
}

/* The best strength of the SHOWN photos with the best cosine; every step-th photo counts. */
static enum search_strength best_strength(const struct gallery *g, const float *query, size_t step)
{
    double scores[SHOWN];
    size_t rows[SHOWN], n = 0;
    for (size_t i = 0; i < g->count; i += step) {
        double score = dot(query, g->photos + i * g->dim, g->dim);
        size_t at = n < SHOWN ? n++ : SHOWN - 1;
        if (at == SHOWN - 1 && n == SHOWN && i >= SHOWN * step && score <= scores[at])
            continue;
        for (; at > 0 && scores[at - 1] < score; at--)
            scores[at] = scores[at - 1], rows[at] = rows[at - 1];
        scores[at] = score, rows[at] = i;
    }
    enum search_strength best = SEARCH_NONE;
    for (size_t i = 0; i < n; i++) {
        enum search_strength strength = search_text_strength(
            query, g->photos + rows[i] * g->dim, g->background, CLIP_BACKGROUND_TEXTS, g->dim);
        best = strength > best ? strength : best;
    }
    return best;
}

static void count(struct rates *r, enum search_strength strength)
{
    r->count++;
    r->best[strength]++;
}

/* ---- what the captions say ---- */

/* Names of LVIS's classes. Each is in the captions of at least two of 300 photos of Flickr8k, so
 * that it is sure to be among 986 photos of the same collection ... */
static const char present[] =
    "backpack ball basketball bench bicycle boat canoe car_(automobile) costume cowboy_hat dog "
    "dog_collar dress flag frisbee goggles guitar hat helmet jacket jean kayak ladder life_jacket "
    "mask motorcycle person pool_table puppy race_car shirt skateboard ski sled snowboard "
    "soccer_ball statue_(sculpture) street_sign sunglasses surfboard sweater swimsuit table "
    "tennis_ball dirt_bike train_(railroad_vehicle) trampoline umbrella wagon";
/* ... or in none, and nothing that those photos (people and dogs, mostly outdoors) show. */
static const char absent[] =
    "aerosol_can alligator almond apricot artichoke ashtray asparagus atomizer avocado bobbin "
    "blender bean_curd bedpan beetle boiled_egg bookcase bottle_opener broccoli brussels_sprouts "
    "bulldozer burrito butter calculator candle_holder cantaloup cappuccino cash_register cassette "
    "cauliflower celery chalice chandelier chessboard chickpea chopping_board clarinet cockroach "
    "coffee_maker corkboard cornbread crab_(animal) crescent_roll crock_pot cufflink curling_iron "
    "dartboard dental_floss dishwasher dollhouse dolphin doughnut eggplant refrigerator elephant "
    "envelope faucet ferret fig_(fruit) fighter_jet file_cabinet flamingo forklift frying_pan "
    "garlic giant_panda ginger giraffe goldfish gorilla grater grizzly hamster hair_dryer "
    "harmonium hippopotamus hornet hourglass hummingbird hummus ironing_board kimono kiwi_fruit "
    "koala ladybug lasagna lightbulb lion meatball microscope microwave_oven mousepad mushroom "
    "octopus_(food) omelet ostrich owl padlock papaya passport penguin piano pineapple polar_bear "
    "pretzel printer puffin quesadilla radish record_player remote_control rhinoceros rolling_pin "
    "salad salami scissors screwdriver sewing_machine shark shredder_(for_paper) space_shuttle "
    "spice_rack squid_(food) stapler_(stapling_machine) starfish strawberry sushi syringe taco "
    "teapot thermometer thimble thumbtack tiger toaster toilet toothbrush tortilla typewriter "
    "urinal vacuum_cleaner vending_machine waffle walrus wok zucchini yogurt";

/* The next word of a list into ret_word; NULL at the end. */
static const char *next_word(const char *list, char *ret_word, size_t size)
{
    list += strspn(list, " ");
    size_t n = strcspn(list, " ");
    snprintf(ret_word, size, "%.*s", (int)n, list);
    return n ? list + n : NULL;
}

/* "train_(railroad_vehicle)" as "train", "dog_collar" as "dog collar". */
static void plain_name(char *name)
{
    name[strcspn(name, "(")] = '\0';
    for (char *c = name; *c; c++)
        *c = *c == '_' ? ' ' : *c;
    for (size_t n = strlen(name); n && name[n - 1] == ' '; n--)
        name[n - 1] = '\0';
}

/* Whether a caption has the word, or its plural; whole words, whatever their case. */
static bool mentions(const char *text, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = text; (at = strcasestr(at, word)); at++) {
        bool begins = at == text || !isalpha((unsigned char)at[-1]);
        const char *end = at + n;
        end += strncasecmp(end, "es", 2) == 0 ? 2 : strncasecmp(end, "s", 1) == 0;
        if (begins && !isalpha((unsigned char)*end))
            return true;
    }
    return false;
}

static size_t photos_with(const char *name)
{
    size_t photos = 0;
    const char *last = "";
    for (size_t i = 0; i < caption_count; i++) {
        if (!mentions(captions[i].text, name) || strcmp(captions[i].file, last) == 0)
            continue;
        photos++;
        last = captions[i].file;
    }
    return photos;
}

/* A name of several words counts as mentioned when all of them are. */
static size_t least_photos_with(const char *name)
{
    char word[80];
    size_t least = SIZE_MAX;
    for (const char *at = name; (at = next_word(at, word, sizeof word));) {
        size_t photos = photos_with(word);
        least = photos < least ? photos : least;
    }
    return least;
}

static void check_labels(void)
{
    char name[80];
    size_t wrong = 0;
    for (const char *at = present; (at = next_word(at, name, sizeof name));) {
        plain_name(name);
        if (least_photos_with(name) >= 2)
            continue;
        diag("'%s' is in the captions of %zu photos", name, least_photos_with(name));
        wrong++;
    }
    is_int((long long)wrong, 0,
           "what is said to be there is in the captions of two photos or more");
    wrong = 0;
    for (const char *at = absent; (at = next_word(at, name, sizeof name));) {
        plain_name(name);
        if (least_photos_with(name) == 0)
            continue;
        diag("'%s' is in a caption", name);
        wrong++;
    }
    is_int((long long)wrong, 0, "what is said not to be there is in no caption");
}

/* ---- ViT-B/32, recorded ---- */

/* The rows of texts.tsv or images.tsv. */
struct row {
    char set[24], name[80], prompt[80];
};
static struct row texts[ROWS_MAX], images[ROWS_MAX];

static size_t read_rows(const char *file, struct row *ret_rows)
{
    char path[4096], line[1024];
    size_t n = 0;
    AUTO_FREE char *name = xasprintf("reference/real-clip-vectors/%s", file);
    FILE *f = fopen(shared_path(path, sizeof path, name), "r");
    for (bool header = true; f && fgets(line, sizeof line, f); header = false) {
        if (header || n == ROWS_MAX)
            continue;
        struct row *r = &ret_rows[n++];
        sscanf(line, "%*d\t%23[^\t\n]\t%79[^\t\n]\t%79[^\t\n]", r->set, r->name, r->prompt);
    }
    if (f)
        fclose(f);
    return n;
}

/* Of LVIS's names; NULL when there is none. */
static const float *text_by(const char *name, const char *prompt)
{
    for (size_t i = 0; i < text_count; i++)
        if (strcmp(texts[i].set, "lvis") == 0 && (!name || strcmp(texts[i].name, name) == 0) &&
            (!prompt || strcmp(texts[i].prompt, prompt) == 0))
            return text(i);
    return NULL;
}

static struct rates search_names(const struct gallery *g, const char *names, size_t step)
{
    struct rates rates = {0};
    char name[80];
    for (const char *at = names; (at = next_word(at, name, sizeof name));) {
        const float *query = text_by(name, NULL);
        if (query)
            count(&rates, best_strength(g, query, step));
        else
            ok(false, "a vector of %s", name);
    }
    return rates;
}

static bool gather_real(struct gallery *g, float *ret_background, float *ret_photos)
{
    size_t found = 0;
    for (size_t i = 0; i < CLIP_BACKGROUND_TEXTS; i++) {
        AUTO_FREE char *prompt = clip_background_text(i);
        const float *vector = text_by(NULL, prompt);
        if (!vector)
            continue;
        memcpy(ret_background + i * REAL_DIM, vector, REAL_DIM * sizeof *vector);
        found++;
    }
    is_int((long long)found, CLIP_BACKGROUND_TEXTS, "every background text was recorded");
    *g = (struct gallery){REAL_DIM, 0, ret_photos, ret_background};
    for (size_t i = 0; i < image_count; i++)
        if (strcmp(images[i].set, "flickr8k") == 0)
            memcpy(ret_photos + g->count++ * REAL_DIM, image(i), REAL_DIM * sizeof(float));
    return found == CLIP_BACKGROUND_TEXTS;
}

static void test_real(void)
{
    if (!read_vectors() || read_rows("texts.tsv", texts) != text_count ||
        read_rows("images.tsv", images) != image_count) {
        skip("no real CLIP vectors here (KEEPSAKE_SHARED)");
        return;
    }
    struct gallery g;
    AUTO_FREE float *background = xcalloc(CLIP_BACKGROUND_TEXTS * REAL_DIM, sizeof *background);
    AUTO_FREE float *photos = xcalloc(image_count * REAL_DIM, sizeof *photos);
    if (!gather_real(&g, background, photos))
        return;
    is_int((long long)g.count, 986, "photos of Flickr8k");
    struct rates there = search_names(&g, present, 1);
    show(&there, "ViT-B/32, there");
    ok(share(&there, SEARCH_NONE) <= 0.02, "2 %% of what is there is called nothing, at most");
    ok(share(&there, SEARCH_FAIR) + share(&there, SEARCH_STRONG) >= 0.85, "most is fair or strong");
    struct rates not = search_names(&g, absent, 1);
    show(&not, "ViT-B/32, not there");
    ok(share(&not, SEARCH_NONE) >= 0.15 && share(&not, SEARCH_STRONG) <= 0.15,
       "what is not there is seldom strong");
    not = search_names(&g, absent, 10);
    show(&not, "... among 99");
    ok(share(&not, SEARCH_NONE) >= 0.5, "among 99 photos half is called nothing");
    not = search_names(&g, absent, 100);
    show(&not, "... among 10");
    ok(share(&not, SEARCH_NONE) >= 0.85, "among 10 photos most is");
    not = search_names(&g, absent, 986);
    show(&not, "... one photo");
    ok(share(&not, SEARCH_NONE) >= 0.95, "with one photo nearly all is");
}

/* ---- mini ---- */

static int search_text(struct clip *clip, const struct gallery *g, const char *query,
                       struct rates *rates)
{
    AUTO_FREE float *vector = xmalloc(g->dim * sizeof *vector);
    int rc = clip_embed_text(clip, query, vector, NULL, &err);
    if (!rc)
        count(rates, best_strength(g, vector, 1));
    return rc;
}

static void test_mini(void)
{
    AUTO(clip) *clip = NULL;
    struct gallery g = {0};
    if (clip_open("models/mini", NULL, &clip, &err) || clip_background(clip, &g.background, &err)) {
        ok(false, "mini: %s", err.message);
        return;
    }
    g.dim = clip_dim(clip);
    AUTO_FREE float *photos = embed_unseen(clip, &g.count);
    if (!photos)
        return;
    g.photos = photos;
    struct rates there = {0}, not = {0};
    int rc = 0;
    for (size_t i = 0; !rc && i < caption_count; i++)
        if (captions[i].test)
            rc = search_text(clip, &g, captions[i].text, &there);
    char name[80];
    for (const char *at = absent; !rc && (at = next_word(at, name, sizeof name));) {
        plain_name(name);
        AUTO_FREE char *query = xasprintf("a %s", name);
        rc = search_text(clip, &g, query, &not );
    }
    ok(!rc && there.count == 5 * g.count && g.count == 125, "%zu captions of %zu photos",
       there.count, g.count);
    show(&there, "mini, captions");
    show(&not, "mini, not there");
    ok(share(&there, SEARCH_NONE) <= 0.02, "2 %% of the captions are called nothing, at most");
    ok(share(&there, SEARCH_FAIR) + share(&there, SEARCH_STRONG) >= 0.6, "most are fair or strong");
    ok(share(&not, SEARCH_NONE) >= 0.4 && share(&not, SEARCH_STRONG) <= 0.02,
       "what is not there is never strong, and often nothing");
}

/* ---- arithmetic ---- */

static void test_contrast(void)
{
    /* Cosines with the background: 0.6, 0, -0.6 and 0: mean 0, deviation sqrt(0.18). */
    const float background[] = {0.6F, 0.8F, 0, 1, -0.6F, 0.8F, 0, -1};
    const float photo[] = {1, 0}, near[] = {1, 0}, far[] = {0, 1};
    ok(fabs(search_contrast(near, photo, background, 4, 2) - 1 / sqrt(0.18)) < 1e-6, "a contrast");
    is_int(search_text_strength(near, photo, background, 4, 2), SEARCH_WEAK, "... of 2.36 is weak");
    is_int(search_text_strength(far, photo, background, 4, 2), SEARCH_NONE, "... of 0 is none");
    is_int(search_picture_strength(photo, photo, background, 4, 2), SEARCH_STRONG,
           "a picture matches itself");
    is_int(search_picture_strength((const float[]){-1, 0}, photo, background, 4, 2), SEARCH_NONE,
           "and not its opposite");
    const float same[] = {0, 1, 0, 1, 0, 1, 0, 1};
    is_int(search_text_strength(near, photo, same, 4, 2), SEARCH_NONE,
           "a background without spread");
    is_int(search_picture_strength(near, photo, same, 4, 2), SEARCH_NONE, "... for a picture");
    const float broken[] = {NAN, 0};
    is_int(search_text_strength(broken, photo, background, 4, 2), SEARCH_NONE,
           "no number, no match");
    is_str(search_strength_name(SEARCH_NONE), "none", "the names of all strengths");
    is_str(search_strength_name(SEARCH_STRONG), "strong", "the name of no strength");
}

int main(void)
{
    fixture_start();
    test_contrast();
    if (!read_captions()) {
        skip("no captions here (KEEPSAKE_SHARED)");
        fixture_cleanup();
        return done_testing();
    }
    check_labels();
    if (test_is_short()) {
        skip("how good the answers are is the release build's to tell");
    } else {
        test_real();
        test_mini();
    }
    fixture_cleanup();
    return done_testing();
}
