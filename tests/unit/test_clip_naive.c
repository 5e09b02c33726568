/* SPDX-License-Identifier: MIT */
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

static double activate(enum activation activation, double x)
{
    return activation == ACTIVATION_GELU ? x * (1 + erf(x / sqrt(2))) / 2
                                         : x / (1 + exp(-1.702 * x));
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

/* The folder's model on three texts and a picture; `end` is its end token. */
static void check_folder(const char *folder, int32_t end)
{
    const int32_t words[] = {end - 1, 320, 1125, 539, 320, 1929, end};
    const int32_t followed[] = {end - 1, 320, 1929, end, 518, 2368, 530, end};
    const int32_t lone[] = {end};
    struct pair pair = {0};
    struct error err = ERROR_INIT;
    pair.clip = open_clip(folder, CLIP_PRECISION_F32, 1);
    if (clip_config_read(folder, &pair.config, &err) ||
        clip_weights_open(folder, &pair.config, &pair.weights, &err))
        BUG("%s", err.message);
    if (pair.clip) {
        check_text(&pair, "seven tokens", words, 7);
        check_text(&pair, "tokens after the end token", followed, 8);
        check_text(&pair, "the end token alone", lone, 1);
        check_picture(&pair, "a picture");
    }
    clip_close(pair.clip);
    clip_weights_close(pair.weights);
}

static void check_model(const char *activation, double epsilon)
{
    char *folder = make_tiny_model(false);
    write_config(folder, activation, epsilon);
    diag("%s, epsilon %g", activation, epsilon);
    check_folder(folder, 49407);
    remove_model(folder);
}

/* ---- Made-up models of any shape, with mini's tokenizer. ---- */

#define MINI_IDS 8706
#define CONTEXT 9

struct shape {
    const char *name;
    enum tensor_type type;
    int patch_px, image_px, dim;
    struct tower_shape {
        int width, layers, heads, mlp_width;
    } vision, text;
};

struct maker {
    const struct shape *shape;
    json_t *header;
    FILE *data;
    size_t at;
    uint32_t state;
};

/* A number below 0.25, or one of 0.5 to 1.5 for a norm's gain, as it is stored. */
static uint32_t random_bits(struct maker *m, bool gain)
{
    m->state = m->state * 1664525 + 1013904223;
    float unit = (float)(m->state >> 8) / 0x1p24f, value = gain ? 0.5f + unit : unit / 2 - 0.25f;
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    if (m->shape->type == TENSOR_BF16)
        return bits >> 16;
    if (m->shape->type == TENSOR_F16) /* exponents 8 to 11: 2^-7 to 2^-3; 14: 0.5 to 1 */
        return gain ? 14u << 10 | (m->state >> 8 & 1023)
                    : (m->state >> 31) << 15 | (8 + (m->state >> 20 & 3)) << 10 |
                          (m->state >> 8 & 1023);
    return bits;
}

static void add_tensor(struct maker *m, const char *name, const json_t *sides, bool gain)
{
    static const char *const types[] = {
        [TENSOR_F32] = "F32", [TENSOR_F16] = "F16", [TENSOR_BF16] = "BF16"};
    size_t count = 1, bytes = m->shape->type == TENSOR_F32 ? 4 : 2;
    for (size_t i = 0; i < json_array_size(sides); i++)
        count *= (size_t)json_integer_value(json_array_get(sides, i));
    json_t *info =
        json_pack("{s:s, s:O, s:[I, I]}", "dtype", types[m->shape->type], "shape", sides,
                  "data_offsets", (json_int_t)m->at, (json_int_t)(m->at + count * bytes));
    json_object_set_new(m->header, name, info);
    for (size_t i = 0; i < count; i++) {
        uint32_t bits = random_bits(m, gain);
        fwrite(&bits, bytes, 1, m->data);
    }
    m->at += count * bytes;
}

/* NAME of `rows` rows; `columns` 0: a vector. */
static void add_matrix(struct maker *m, const char *name, int rows, int columns)
{
    AUTO_JSON *sides = columns ? json_pack("[i, i]", rows, columns) : json_pack("[i]", rows);
    add_tensor(m, name, sides, false);
}

static void add_linear(struct maker *m, const char *prefix, const char *name, int out, int in)
{
    AUTO_FREE char *weight = xasprintf("%s%s.weight", prefix, name);
    AUTO_FREE char *bias = xasprintf("%s%s.bias", prefix, name);
    add_matrix(m, weight, out, in);
    add_matrix(m, bias, out, 0);
}

static void add_norm(struct maker *m, const char *prefix, const char *name, int width)
{
    AUTO_FREE char *weight = xasprintf("%s%s.weight", prefix, name);
    AUTO_FREE char *bias = xasprintf("%s%s.bias", prefix, name);
    AUTO_JSON *sides = json_pack("[i]", width);
    add_tensor(m, weight, sides, true);
    add_matrix(m, bias, width, 0);
}

static void add_layers(struct maker *m, const char *tower, const struct tower_shape *shape)
{
    static const char *const products[] = {"self_attn.q_proj", "self_attn.k_proj",
                                           "self_attn.v_proj", "self_attn.out_proj"};
    for (int i = 0; i < shape->layers; i++) {
        AUTO_FREE char *prefix = xasprintf("%s.encoder.layers.%d.", tower, i);
        add_norm(m, prefix, "layer_norm1", shape->width);
        add_norm(m, prefix, "layer_norm2", shape->width);
        for (int p = 0; p < 4; p++)
            add_linear(m, prefix, products[p], shape->width, shape->width);
        add_linear(m, prefix, "mlp.fc1", shape->mlp_width, shape->width);
        add_linear(m, prefix, "mlp.fc2", shape->width, shape->mlp_width);
    }
}

static void add_towers(struct maker *m)
{
    const struct shape *s = m->shape;
    int grid = s->image_px / s->patch_px, width = s->vision.width;
    AUTO_JSON *patch = json_pack("[i, i, i, i]", width, 3, s->patch_px, s->patch_px);
    add_tensor(m, "vision_model.embeddings.patch_embedding.weight", patch, false);
    add_matrix(m, "vision_model.embeddings.class_embedding", width, 0);
    add_matrix(m, "vision_model.embeddings.position_embedding.weight", grid * grid + 1, width);
    add_norm(m, "vision_model.", "pre_layrnorm", width);
    add_norm(m, "vision_model.", "post_layernorm", width);
    add_layers(m, "vision_model", &s->vision);
    add_matrix(m, "visual_projection.weight", s->dim, width);
    add_matrix(m, "text_model.embeddings.token_embedding.weight", MINI_IDS, s->text.width);
    add_matrix(m, "text_model.embeddings.position_embedding.weight", CONTEXT, s->text.width);
    add_layers(m, "text_model", &s->text);
    add_norm(m, "text_model.", "final_layer_norm", s->text.width);
    add_matrix(m, "text_projection.weight", s->dim, s->text.width);
}

static json_t *tower_config(const struct tower_shape *t)
{
    return json_pack("{s:i, s:i, s:i, s:i}", "hidden_size", t->width, "num_hidden_layers",
                     t->layers, "num_attention_heads", t->heads, "intermediate_size", t->mlp_width);
}

static void write_shape_config(const struct shape *s, const char *folder)
{
    AUTO_FREE char *path = file_join(folder, "config.json");
    json_t *vision = tower_config(&s->vision), *text = tower_config(&s->text);
    json_object_set_new(vision, "image_size", json_integer(s->image_px));
    json_object_set_new(vision, "patch_size", json_integer(s->patch_px));
    json_object_set_new(text, "vocab_size", json_integer(MINI_IDS));
    json_object_set_new(text, "max_position_embeddings", json_integer(CONTEXT));
    AUTO_JSON *root = json_pack("{s:s, s:i, s:o, s:o}", "model_type", "clip", "projection_dim",
                                s->dim, "vision_config", vision, "text_config", text);
    if (json_dump_file(root, path, 0))
        BUG("cannot write %s", path);
}

static void write_shape_weights(const struct shape *s, const char *folder)
{
    AUTO_FREE char *path = file_join(folder, "model.safetensors");
    char *data = NULL;
    size_t size;
    struct maker m = {.shape = s, .header = json_object(), .state = 1};
    m.data = open_memstream(&data, &size);
    add_towers(&m);
    fclose(m.data);
    AUTO_FREE char *header = json_dumps(m.header, 0);
    uint64_t length = strlen(header);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(&length, 8, 1, file) != 1 || fwrite(header, length, 1, file) != 1 ||
        fwrite(data, size, 1, file) != 1 || fclose(file))
        BUG("cannot write %s", path);
    json_decref(m.header);
    free(data);
}

static void check_shape(const struct shape *shape)
{
    char *folder = xstrdup("/tmp/keepsake-shape-XXXXXX");
    if (!mkdtemp(folder))
        BUG("cannot make a temporary folder");
    link_file(folder, "models/mini/vocab.json", "vocab.json");
    link_file(folder, "models/mini/merges.txt", "merges.txt");
    write_shape_config(shape, folder);
    write_shape_weights(shape, folder);
    diag("%s", shape->name);
    check_folder(folder, MINI_IDS - 1);
    remove_model(folder);
}

int main(void)
{
    static const struct shape shapes[] = {
        {"odd widths", TENSOR_F32, 7, 49, 27, {66, 3, 3, 131}, {39, 2, 3, 77}},
        {"one layer, f16", TENSOR_F16, 15, 45, 5, {37, 1, 1, 64}, {50, 1, 10, 33}},
        {"one patch, bf16", TENSOR_BF16, 20, 20, 64, {48, 2, 48, 1}, {8, 3, 1, 100}},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        check_shape(&shapes[i]);
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
