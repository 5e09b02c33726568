/* The towers against a second implementation, below: the definition written out in double precision
 * with plain loops, every token of every layer. It checks what the reference vectors do not cover:
 * gelu, another epsilon, what follows the end token.
 *
 * Tolerance: 32 unit-vector components in float32 after two layers; 4e-6 is some 10 times what the
 * order of additions explains. */
#include "clip/config.h"
#include "clip/weights.h"
#include "clip_support.h"

#define TOLERANCE 4e-6

static double *values_of(const struct tensor *tensor)
{
    float *floats = xmalloc(tensor->count * sizeof *floats);
    double *values = xmalloc(tensor->count * sizeof *values);
    tensor_to_f32(tensor, 0, tensor->count, floats);
    for (size_t i = 0; i < tensor->count; i++)
        values[i] = floats[i];
    free(floats);
    return values;
}

/* y [rows][out] = x [rows][in] W^T + b; the caller frees. */
static double *naive_linear(const struct linear_weights *linear, const double *x, size_t rows)
{
    AUTO_FREE double *weight = values_of(&linear->weight);
    AUTO_FREE double *bias = linear->bias.count ? values_of(&linear->bias) : NULL;
    double *y = xcalloc(rows * linear->out, sizeof *y);
    for (size_t row = 0; row < rows; row++)
        for (size_t o = 0; o < linear->out; o++) {
            double sum = bias ? bias[o] : 0;
            for (size_t i = 0; i < linear->in; i++)
                sum += x[row * linear->in + i] * weight[o * linear->in + i];
            y[row * linear->out + o] = sum;
        }
    return y;
}

static double *naive_norm(const struct norm_weights *norm, double epsilon, const double *x,
                          size_t rows)
{
    size_t width = norm->gain.count;
    AUTO_FREE double *gain = values_of(&norm->gain);
    AUTO_FREE double *bias = values_of(&norm->bias);
    double *y = xcalloc(rows * width, sizeof *y);
    for (size_t row = 0; row < rows; row++) {
        const double *in = x + row * width;
        double mean = 0, variance = 0;
        for (size_t i = 0; i < width; i++)
            mean += in[i] / (double)width;
        for (size_t i = 0; i < width; i++)
            variance += (in[i] - mean) * (in[i] - mean) / (double)width;
        for (size_t i = 0; i < width; i++)
            y[row * width + i] = (in[i] - mean) / sqrt(variance + epsilon) * gain[i] + bias[i];
    }
    return y;
}

/* out += softmax(q k / sqrt(head_dim)) v of one query and head; `seen` keys. */
static void naive_attend(const double *q, const double *k, const double *v, size_t seen,
                         size_t width, size_t head_dim, double *out)
{
    AUTO_FREE double *weight = xcalloc(seen, sizeof *weight);
    double sum = 0;
    for (size_t key = 0; key < seen; key++) {
        double score = 0;
        for (size_t i = 0; i < head_dim; i++)
            score += q[i] * k[key * width + i];
        sum += weight[key] = exp(score / sqrt((double)head_dim));
    }
    for (size_t key = 0; key < seen; key++)
        for (size_t i = 0; i < head_dim; i++)
            out[i] += weight[key] / sum * v[key * width + i];
}

static void add(double *x, double *y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] += y[i];
    free(y);
}

static double activate(enum clip_activation activation, double x)
{
    return activation == CLIP_GELU ? x * (1 + erf(x / sqrt(2))) / 2 : x / (1 + exp(-1.702 * x));
}

static void naive_layer(const struct tower_config *config, const struct layer_weights *layer,
                        bool causal, double *x, size_t tokens)
{
    size_t width = (size_t)config->width, head_dim = width / (size_t)config->heads;
    AUTO_FREE double *normed = naive_norm(&layer->norm1, config->epsilon, x, tokens);
    AUTO_FREE double *q = naive_linear(&layer->q, normed, tokens);
    AUTO_FREE double *k = naive_linear(&layer->k, normed, tokens);
    AUTO_FREE double *v = naive_linear(&layer->v, normed, tokens);
    AUTO_FREE double *mixed = xcalloc(tokens * width, sizeof *mixed);
    for (size_t token = 0; token < tokens; token++)
        for (size_t head = 0; head < width; head += head_dim)
            naive_attend(q + token * width + head, k + head, v + head, causal ? token + 1 : tokens,
                         width, head_dim, mixed + token * width + head);
    add(x, naive_linear(&layer->out, mixed, tokens), tokens * width);
    AUTO_FREE double *normed2 = naive_norm(&layer->norm2, config->epsilon, x, tokens);
    AUTO_FREE double *hidden = naive_linear(&layer->fc1, normed2, tokens);
    for (size_t i = 0; i < tokens * (size_t)config->mlp_width; i++)
        hidden[i] = activate(config->activation, hidden[i]);
    add(x, naive_linear(&layer->fc2, hidden, tokens), tokens * width);
}

/* Norm, projection and unit length of one token; the caller frees. */
static double *naive_vector(const struct norm_weights *norm, double epsilon,
                            const struct linear_weights *projection, const double *token)
{
    AUTO_FREE double *normed = naive_norm(norm, epsilon, token, 1);
    double *vector = naive_linear(projection, normed, 1), sum = 0;
    for (size_t i = 0; i < projection->out; i++)
        sum += vector[i] * vector[i];
    for (size_t i = 0; i < projection->out; i++)
        vector[i] /= sqrt(sum);
    return vector;
}

static double *naive_text(const struct clip_config *config, const struct clip_weights *weights,
                          const int32_t *ids, size_t n_ids)
{
    size_t width = (size_t)config->text.width, end = 0;
    AUTO_FREE double *token = values_of(&weights->token);
    AUTO_FREE double *position = values_of(&weights->text_position);
    AUTO_FREE double *x = xcalloc(n_ids * width, sizeof *x);
    for (size_t i = 0; i < n_ids; i++) {
        end = ids[i] > ids[end] ? i : end;
        for (size_t c = 0; c < width; c++)
            x[i * width + c] = token[(size_t)ids[i] * width + c] + position[i * width + c];
    }
    for (int i = 0; i < config->text.layers; i++)
        naive_layer(&config->text, &weights->text_layers[i], true, x, n_ids);
    return naive_vector(&weights->text_final, config->text.epsilon, &weights->text_projection,
                        x + end * width);
}

static double *naive_patch_tokens(const struct clip_config *config,
                                  const struct clip_weights *weights, const float *pixels)
{
    size_t side = (size_t)config->image_px, patch = (size_t)config->patch_px, grid = side / patch;
    size_t width = (size_t)config->vision.width, square = 3 * patch * patch;
    AUTO_FREE double *squares = xcalloc(grid * grid * square, sizeof *squares);
    for (size_t i = 0; i < grid * grid * square; i++) {
        size_t x = i % patch, y = i / patch % patch, channel = i / patch / patch % 3;
        size_t column = i / square % grid, row = i / square / grid;
        squares[i] = pixels[(channel * side + row * patch + y) * side + column * patch + x];
    }
    AUTO_FREE double *tokens = naive_linear(&weights->patch, squares, grid * grid);
    AUTO_FREE double *class_token = values_of(&weights->class_token);
    AUTO_FREE double *position = values_of(&weights->vision_position);
    AUTO_FREE double *x = xcalloc((grid * grid + 1) * width, sizeof *x);
    for (size_t i = 0; i < (grid * grid + 1) * width; i++)
        x[i] = position[i] + (i < width ? class_token[i] : tokens[i - width]);
    return naive_norm(&weights->vision_pre, config->vision.epsilon, x, grid * grid + 1);
}

static double *naive_vision(const struct clip_config *config, const struct clip_weights *weights,
                            const float *pixels)
{
    size_t grid = (size_t)(config->image_px / config->patch_px);
    AUTO_FREE double *x = naive_patch_tokens(config, weights, pixels);
    for (int i = 0; i < config->vision.layers; i++)
        naive_layer(&config->vision, &weights->vision_layers[i], false, x, grid * grid + 1);
    return naive_vector(&weights->vision_post, config->vision.epsilon, &weights->vision_projection,
                        x);
}

struct pair { /* the same folder, opened twice */
    struct clip *clip;
    struct clip_config config;
    struct clip_weights *weights;
};

static double worst_of(const struct pair *pair, const float *got, const double *want)
{
    double worst = 0;
    for (int i = 0; i < pair->config.dim; i++)
        worst = fmax(worst, fabs(got[i] - want[i]));
    return worst;
}

static void check_text(const struct pair *pair, const char *name, const int32_t *ids, size_t n_ids)
{
    float vector[64];
    struct error err = ERROR_INIT;
    AUTO_FREE double *want = naive_text(&pair->config, pair->weights, ids, n_ids);
    int code = clip_embed_ids(pair->clip, ids, n_ids, vector, &err);
    double worst = code ? INFINITY : worst_of(pair, vector, want);
    ok(worst < TOLERANCE, "%s: within %.1e of the definition", name, worst);
}

static void check_picture(const struct pair *pair, const char *name)
{
    float vector[64];
    struct error err = ERROR_INIT;
    size_t n = clip_pixel_count(pair->clip);
    AUTO_FREE float *pixels = xmalloc(n * sizeof *pixels);
    for (size_t i = 0; i < n; i++)
        pixels[i] = sinf((float)i * 0.37f) + sinf((float)(i % 224) * 0.05f);
    AUTO_FREE double *want = naive_vision(&pair->config, pair->weights, pixels);
    int code = clip_embed_pixels(pair->clip, pixels, 1, vector, &err);
    double worst = code ? INFINITY : worst_of(pair, vector, want);
    ok(worst < TOLERANCE, "%s: within %.1e of the definition", name, worst);
}

/* The tiny model's config with another activation and epsilon in both towers. */
static void write_config(const char *folder, const char *activation, double epsilon)
{
    AUTO_FREE char *from = shared_file("reference/golden/tiny-model/config.json");
    AUTO_FREE char *to = file_join(folder, "config.json");
    AUTO_JSON *root = json_load_file(from, 0, NULL);
    static const char *const towers[] = {"text_config", "vision_config"};
    for (int i = 0; i < 2; i++) {
        json_t *tower = json_object_get(root, towers[i]);
        json_object_set_new(tower, "hidden_act", json_string(activation));
        json_object_set_new(tower, "layer_norm_eps", json_real(epsilon));
    }
    if (json_dump_file(root, to, 0))
        BUG("cannot write %s", to);
}

static void check_model(const char *activation, double epsilon)
{
    static const int32_t words[] = {49406, 320, 1125, 539, 320, 1929, 49407};
    static const int32_t followed[] = {49406, 320, 1929, 49407, 518, 2368, 530, 49407};
    static const int32_t lone[] = {49407};
    char *folder = make_tiny_model(false);
    struct pair pair = {0};
    struct error err = ERROR_INIT;
    write_config(folder, activation, epsilon);
    pair.clip = open_clip(folder, CLIP_PRECISION_F32, 1);
    if (clip_config_read(folder, &pair.config, &err) ||
        clip_weights_open(folder, &pair.config, &pair.weights, &err))
        BUG("%s", err.message);
    if (pair.clip) {
        diag("%s, epsilon %g", activation, epsilon);
        check_text(&pair, "seven tokens", words, 7);
        check_text(&pair, "tokens after the end token", followed, 8);
        check_text(&pair, "the end token alone", lone, 1);
        check_picture(&pair, "a picture");
    }
    clip_close(pair.clip);
    clip_weights_close(pair.weights);
    remove_model(folder);
}

int main(void)
{
    AUTO_FREE char *reference = shared_file("reference/golden/tiny-model/config.json");
    if (!reference) {
        skip("the reference data is not here");
        return done_testing();
    }
    check_model("quick_gelu", 1e-5);
    check_model("gelu", 1e-5);
    check_model("gelu", 0.01);
    return done_testing();
}
