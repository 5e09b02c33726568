/* SPDX-License-Identifier: MIT */
/* Lists English words that are also names, or that describe photos. In a query they are words
 * unless they are spelled exactly like the name. Names that are rarely used as words are not
 * listed. */
#include "search/ordinary.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* In alphabetical order. */
// clang-format off
static const char *const words[] = {
    "able", "about", "above", "ace", "across", "act", "add", "after", "again", "age", "ago", "air",
    "all", "alone", "along", "also", "always", "amber", "among", "angel", "animal", "another",
    "answer", "any", "apple", "april", "arch", "area", "arm", "army", "around", "arrow", "art",
    "ash", "ask", "aspen", "august", "autumn", "away", "baby", "back", "bad", "bag", "ball",
    "band", "bank", "bar", "barn", "base", "basket", "bat", "bath", "bay", "beach", "bean", "bear",
    "beard", "beat", "bed", "bee", "bell", "bench", "berry", "best", "big", "bike", "bill", "bird",
    "birthday", "bishop", "bit", "black", "blank", "blaze", "blossom", "blue", "board", "boat",
    "body", "bone", "book", "boot", "born", "bottle", "bow", "bowl", "box", "boy", "branch",
    "brand", "brave", "bread", "break", "bridge", "bright", "bring", "brook", "brown", "brush",
    "buck", "bud", "build", "bull", "bunny", "burn", "bus", "bush", "business", "butter", "button",
    "buy", "cake", "call", "camera", "camp", "can", "candle", "candy", "cane", "cap", "car",
    "card", "carol", "case", "cash", "cast", "castle", "cat", "chair", "chance", "change", "chase",
    "cherry", "chestnut", "chicken", "chief", "child", "chip", "christmas", "chuck", "church",
    "circle", "city", "clay", "clean", "clear", "cliff", "close", "cloth", "cloud", "clover",
    "coach", "coal", "coast", "coat", "coffee", "cold", "color", "come", "cook", "cookie", "cool",
    "copper", "coral", "corn", "corner", "couch", "count", "country", "court", "cow", "cream",
    "creek", "crew", "cricket", "cross", "crown", "cruise", "crystal", "cup", "curly", "cut",
    "cycle", "daisy", "dale", "dance", "dark", "dash", "dawn", "day", "dean", "deck", "deep",
    "deer", "den", "desert", "diamond", "dick", "dinner", "dirt", "dish", "dock", "doctor", "dog",
    "doll", "dollar", "door", "dot", "dove", "down", "dragon", "dream", "dress", "drew", "drift",
    "drink", "drive", "drop", "duck", "duke", "dune", "dust", "each", "eagle", "earl", "early",
    "earth", "east", "easter", "easy", "eat", "ebony", "echo", "edge", "egg", "elder", "ember",
    "emerald", "end", "engine", "enter", "even", "evening", "event", "ever", "every", "eye",
    "face", "fair", "faith", "fall", "family", "farm", "feather", "feel", "fence", "fern", "field",
    "fig", "fin", "finch", "fire", "first", "fish", "flag", "flash", "flat", "fleet", "flint",
    "floor", "flora", "flower", "fly", "fog", "food", "foot", "forest", "forge", "fork", "fort",
    "forward", "fox", "frame", "frank", "free", "fresh", "friend", "frog", "front", "frost",
    "fruit", "full", "fun", "game", "garden", "garnet", "gate", "gem", "gene", "general", "gift",
    "ginger", "girl", "give", "glade", "glass", "glen", "glory", "goat", "gold", "golden", "good",
    "grace", "grand", "grant", "grass", "gray", "great", "green", "grey", "ground", "grove",
    "guest", "gull", "gun", "guy", "hail", "hair", "half", "hall", "ham", "hand", "happy",
    "harbor", "hard", "harmony", "harvest", "hat", "haven", "hawk", "hay", "hazel", "head",
    "health", "heart", "heat", "heath", "heather", "heaven", "hedge", "high", "hill", "holiday",
    "holly", "home", "honey", "honor", "hood", "hook", "hope", "horse", "hot", "hour", "house",
    "hunt", "hunter", "ice", "indigo", "ink", "iris", "iron", "island", "ivory", "ivy", "jade",
    "jam", "jasmine", "jasper", "jay", "jet", "jewel", "job", "jolly", "joy", "judge", "july",
    "jump", "june", "junior", "just", "justice", "keen", "key", "kid", "kind", "king", "kite",
    "kitten", "knight", "lake", "lamb", "lamp", "lance", "land", "lane", "large", "lark", "last",
    "late", "laurel", "lavender", "law", "lawn", "leaf", "lean", "left", "legend", "lemon",
    "light", "lily", "line", "lion", "little", "lock", "log", "long", "look", "lord", "lot",
    "love", "luck", "lucky", "lunch", "magic", "magnolia", "maid", "man", "map", "maple", "marble",
    "march", "marina", "mark", "market", "marsh", "mason", "mat", "match", "may", "meadow", "meal",
    "melody", "mercy", "mice", "might", "mile", "miles", "milk", "mill", "mine", "mint", "miracle",
    "mist", "moment", "money", "monkey", "month", "moon", "more", "morning", "moss", "mountain",
    "mouse", "mouth", "muse", "music", "myrtle", "name", "navy", "near", "neck", "nest", "net",
    "never", "new", "nick", "night", "noble", "norm", "north", "nose", "note", "now", "nurse",
    "oak", "oasis", "ocean", "old", "olive", "opal", "open", "orange", "orchid", "order", "otter",
    "out", "over", "owl", "page", "paint", "pal", "palm", "pansy", "paper", "park", "part",
    "party", "pat", "patch", "path", "patience", "patty", "paw", "pea", "peace", "peach", "pearl",
    "pebble", "peg", "pen", "penny", "people", "pepper", "pet", "petal", "phoenix", "pick", "pie",
    "pig", "pike", "pine", "pink", "pip", "pixie", "place", "plain", "plant", "play", "plum",
    "pocket", "point", "pole", "pond", "pool", "poppy", "port", "post", "pot", "precious",
    "pretty", "pride", "prince", "princess", "pumpkin", "puppy", "pure", "purple", "quail",
    "queen", "quiet", "rabbit", "race", "rain", "rainbow", "ranger", "raven", "ray", "read", "red",
    "reed", "reef", "rest", "rice", "rich", "ride", "ridge", "right", "ring", "river", "road",
    "rob", "robin", "rock", "rocket", "rocky", "rod", "roll", "roman", "roof", "room", "rope",
    "rose", "rosemary", "round", "row", "royal", "ruby", "run", "rusty", "sage", "sail", "saint",
    "salt", "sand", "sandy", "sapphire", "say", "school", "scout", "sea", "season", "see",
    "serenity", "shade", "shadow", "shark", "shell", "shine", "ship", "shop", "shore", "short",
    "show", "side", "silver", "simple", "sing", "sit", "skip", "sky", "sleep", "slide", "small",
    "smile", "smoke", "smoky", "snow", "snowy", "soft", "soldier", "son", "song", "south", "space",
    "spark", "sparrow", "spice", "spirit", "sport", "spot", "spring", "spruce", "square", "stage",
    "star", "stay", "steel", "step", "sterling", "stew", "stone", "storm", "story", "stream",
    "street", "strong", "sue", "sugar", "summer", "summit", "sun", "sunday", "sunny", "sunset",
    "sunshine", "surf", "swan", "sweet", "swim", "table", "tad", "tail", "tall", "tan", "tank",
    "taste", "tea", "team", "temple", "tender", "tent", "thing", "thorn", "thunder", "tiger",
    "timber", "time", "tiny", "toast", "today", "tom", "top", "torch", "tower", "town", "toy",
    "track", "trail", "train", "tree", "trinity", "trip", "true", "trust", "tuck", "tucker",
    "tulip", "turn", "twig", "under", "up", "vale", "valley", "van", "velvet", "vest", "victory",
    "view", "village", "vine", "violet", "wade", "walk", "wall", "ward", "warm", "wash", "watch",
    "water", "wave", "way", "wedding", "week", "well", "west", "wheat", "wheel", "white", "wide",
    "wild", "will", "willow", "win", "wind", "window", "wine", "wing", "winter", "wise", "wish",
    "wolf", "woman", "wood", "woods", "woody", "word", "work", "world", "wren", "yard", "year",
    "yellow", "young", "zebra", "zoo",
};
// clang-format on

/* Given names among the first ORDINARY_TOKENS tokens of CLIP's vocabulary, in alphabetical order.
 */
// clang-format off
static const char *const given_names[] = {
    "ada", "adam", "al", "alan", "alex", "ali", "allen", "ally", "amy", "ana", "andrew", "andy",
    "ann", "anna", "anne", "anthony", "ari", "austin", "ben", "bert", "beth", "bo", "bob", "brian",
    "charles", "charlie", "chelsea", "cher", "chris", "christian", "dan", "daniel", "dave",
    "david", "davis", "diego", "donald", "ed", "eli", "ella", "eric", "eve", "gary", "george",
    "harry", "henry", "ian", "ina", "ira", "jack", "jackson", "james", "jan", "jason", "jean",
    "jeff", "jim", "jo", "joe", "john", "jon", "jordan", "joseph", "josh", "justin", "kelly",
    "ken", "kevin", "kim", "kit", "lee", "len", "lewis", "london", "louis", "luke", "lyn",
    "martin", "mary", "matt", "max", "mia", "michael", "mike", "mo", "morgan", "ned", "nel",
    "patrick", "paul", "peter", "phil", "rey", "ria", "richard", "rick", "rio", "robert", "ron",
    "ross", "roy", "ryan", "sal", "sam", "sarah", "scott", "sean", "stephen", "steve", "sydney",
    "taylor", "ted", "thomas", "tim", "tony", "ty", "vic", "victoria", "vince", "walker",
    "william", "yan",
};
// clang-format on

static int compare_words(const void *word, const void *item)
{
    return strcmp(word, *(const char *const *)item);
}

static bool is_listed(const char *word)
{
    return bsearch(word, words, sizeof words / sizeof *words, sizeof *words, compare_words);
}

static bool is_given_name(const char *word)
{
    return bsearch(word, given_names, sizeof given_names / sizeof *given_names, sizeof *given_names,
                   compare_words);
}

/* Returns whether the word is listed after `length` bytes were taken off its end: as it is, without
 * the second of two equal letters ("running"), or with an e ("riding"). */
static bool is_form(const char *word, size_t length)
{
    enum { LEAST_STEM = 3 };
    size_t n = strlen(word) - length;
    if (n < LEAST_STEM)
        return false;
    AUTO_FREE char *stem = xasprintf("%.*se", (int)n, word);
    bool listed = is_listed(stem);
    stem[n] = '\0';
    listed |= is_listed(stem);
    if (stem[n - 1] == stem[n - 2])
        stem[n - 1] = '\0';
    return listed || is_listed(stem);
}

bool ordinary_is_listed(const char *folded)
{
    static const char *const endings[] = {"s", "es", "ing", "ed"};
    size_t n = strlen(folded);
    bool listed = is_listed(folded);
    for (size_t i = 0; !listed && i < sizeof endings / sizeof *endings; i++) {
        size_t length = strlen(endings[i]);
        if (n > length && strcmp(folded + n - length, endings[i]) == 0)
            listed = is_form(folded, length);
    }
    return listed;
}

const char *ordinary_listed(size_t i)
{
    return i < sizeof words / sizeof *words ? words[i] : NULL;
}

bool ordinary_is_frequent(const struct clip *clip, const char *folded)
{
    int32_t id = clip_word_id(clip, folded);
    return id >= 0 && id < ORDINARY_TOKENS;
}

bool ordinary_is_word(const struct clip *clip, const char *folded)
{
    if (ordinary_is_listed(folded))
        return true;
    if (folded[strspn(folded, "abcdefghijklmnopqrstuvwxyz")] || is_given_name(folded))
        return false;
    return ordinary_is_frequent(clip, folded);
}
