/* SPDX-License-Identifier: MIT */
/* Both layouts of a model give the same numbers under the same roles; a model with a tensor missing
 * or of another shape is refused by its name. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "clip/weights.h"
#include "tap.h"

#define MINI "models/mini"
#define POSITION_IDS "text_model.embeddings.position_ids"

static char temporary[] = "/tmp/keepsake-weights-XXXXXX";

static struct clip_weights *open_model(const char *folder, struct clip_config *config)
{
    struct error err = ERROR_INIT;
    struct clip_weights *weights = NULL;
    if (clip_config_read(folder, config, &err) || clip_weights_open(folder, config, &weights, &err))
        diag("%s", err.message);
    return weights;
}

static float value_at(const struct tensor *tensor, size_t index)
{
    float value = 0;
    tensor_to_f32(tensor, index, 1, &value);
    return value;
}

/* Facts about mini's file, read with Python's struct module. */
static void test_mini(void)
{
    struct clip_config config;
    AUTO(clip_weights) *w = open_model(MINI, &config);
    if (!ok(w != NULL, "mini opens"))
        return;
    is_int(config.layout, CLIP_LAYOUT_HF, "its layout is Hugging Face's");
    ok(config.vision.layers == 6 && config.text.layers == 3 && config.dim == 256, "its config");
    is_int((long long)w->patch.in, 3 * 16 * 16, "a patch is one row of numbers");
    is_int(w->patch.weight.rank, 2, "of a matrix");
    is_int((long long)w->patch.bias.count, 0, "without bias");
    is_int((long long)w->vision_position.shape[0], 50, "49 patches and a class token");
    is_int((long long)w->token.shape[0], 8706, "the fingerprints are equal");
    ok(!w->vision_projection.transposed, "the projection is stored [dim][width]");
    ok(value_at(&w->class_token, 0) == 0x1.d6p-5, "class token 0");
    ok(value_at(&w->patch.weight, w->patch.weight.count - 1) == 0x1.cap-9, "last of the patches");
    ok(value_at(&w->token, (size_t)8705 * 192) == -0x1.d4p-6, "first of the last token");
    ok(value_at(&w->vision_projection.weight, 192 + 2) == 0x1.2p-6, "projection [1][2]");
    ok(value_at(&w->text_layers[2].v.bias, 5) == 0x1.08p-9, "text layer 2, value bias 5");
    ok(value_at(&w->vision_layers[5].fc2.weight, 191 * 768 + 767) == -0x1.4cp-4,
       "vision layer 5, last of fc2");
    ok(value_at(&w->text_final.gain, 3) == 1, "final norm 3");
}

/* The element [row][column] of the matrix as it multiplies. */
static size_t linear_at(const struct linear_weights *l, size_t row, size_t column)
{
    return l->transposed ? column * l->out + row : row * l->in + column;
}

static bool same_values(const struct tensor *a, const struct tensor *b)
{
    if (a->count != b->count)
        return false;
    AUTO_FREE float *left = xmalloc(a->count * sizeof *left + 1);
    AUTO_FREE float *right = xmalloc(b->count * sizeof *right + 1);
    tensor_to_f32(a, 0, a->count, left);
    tensor_to_f32(b, 0, b->count, right);
    return memcmp(left, right, a->count * sizeof *left) == 0;
}

static bool same_linear(const struct linear_weights *a, const struct linear_weights *b)
{
    if (a->out != b->out || a->in != b->in || a->weight.count != a->out * a->in ||
        a->bias.count != b->bias.count || (a->bias.count && !same_values(&a->bias, &b->bias)))
        return false;
    if (a->transposed == b->transposed)
        return same_values(&a->weight, &b->weight);
    for (size_t row = 0; row < a->out; row++)
        for (size_t column = 0; column < a->in; column++)
            if (value_at(&a->weight, linear_at(a, row, column)) !=
                value_at(&b->weight, linear_at(b, row, column)))
                return false;
    return true;
}

static bool same_norm(const struct norm_weights *a, const struct norm_weights *b)
{
    return same_values(&a->gain, &b->gain) && same_values(&a->bias, &b->bias);
}

static bool same_layers(const struct layer_weights *a, const struct layer_weights *b, int layers)
{
    for (int i = 0; i < layers; i++, a++, b++)
        if (!same_norm(&a->norm1, &b->norm1) || !same_norm(&a->norm2, &b->norm2) ||
            !same_linear(&a->q, &b->q) || !same_linear(&a->k, &b->k) ||
            !same_linear(&a->v, &b->v) || !same_linear(&a->out, &b->out) ||
            !same_linear(&a->fc1, &b->fc1) || !same_linear(&a->fc2, &b->fc2))
            return false;
    return true;
}

static void compare(const char *hf_folder, const char *openclip_folder, const char *name)
{
    struct clip_config hf = {0}, oc = {0};
    AUTO(clip_weights) *a = open_model(hf_folder, &hf);
    AUTO(clip_weights) *b = open_model(openclip_folder, &oc);
    if (!ok(a && b, "%s opens in both layouts", name))
        return;
    is_int(oc.layout, CLIP_LAYOUT_OPENCLIP, "the layout is OpenCLIP's");
    oc.layout = hf.layout;
    ok(memcmp(&hf, &oc, sizeof hf) == 0, "%s: the configs agree", name);
    ok(b->text_projection.transposed, "%s: OpenCLIP's projections are transposed", name);
    ok(same_linear(&a->patch, &b->patch) && same_values(&a->class_token, &b->class_token) &&
           same_values(&a->vision_position, &b->vision_position) &&
           same_norm(&a->vision_pre, &b->vision_pre) && same_norm(&a->vision_post, &b->vision_post),
       "%s: the vision tower's ends", name);
    ok(same_linear(&a->vision_projection, &b->vision_projection), "%s: its projection", name);
    ok(same_layers(a->vision_layers, b->vision_layers, hf.vision.layers), "%s: its layers", name);
    ok(same_values(&a->token, &b->token) && same_values(&a->text_position, &b->text_position) &&
           same_norm(&a->text_final, &b->text_final),
       "%s: the text tower's ends", name);
    ok(same_linear(&a->text_projection, &b->text_projection), "%s: its projection", name);
    ok(same_layers(a->text_layers, b->text_layers, hf.text.layers), "%s: its layers", name);
}

static bool convert(const char *folder, const char *target, const char *options)
{
    AUTO_FREE char *command =
        xasprintf("python3 tests/golden/hf_to_openclip.py '%s' '%s' %s", folder, target, options);
    return system(command) == 0;
}

/* A model file whose header can be rewritten in place. */
struct patient {
    const char *folder;
    int fd;
    json_t *header;
    size_t room; /* bytes of the header */
};

static bool write_header(const struct patient *p, const json_t *header)
{
    AUTO_FREE char *text = json_dumps(header, JSON_COMPACT);
    AUTO_FREE char *padded = xmalloc(p->room + 1);
    if (strlen(text) > p->room)
        return false;
    snprintf(padded, p->room + 1, "%-*s", (int)p->room, text);
    return pwrite(p->fd, padded, p->room, 8) == (ssize_t)p->room;
}

/* What OpenAI's files have besides weights. */
static bool add_position_ids(json_t *header, size_t begin, size_t size)
{
    json_t *info = json_pack("{s:s, s:[i, i], s:[I, I]}", "dtype", "I64", "shape", 1, (int)size / 8,
                             "data_offsets", (json_int_t)begin, (json_int_t)(begin + size));
    return json_object_set_new(header, POSITION_IDS, info) == 0;
}

/* Copies the model into `folder`, with room in the header. */
static bool patient_open(struct patient *p, const char *source, const char *folder,
                         const char *config, const char *weights)
{
    AUTO_FREE char *from = file_join(source, weights), *to = file_join(folder, weights);
    AUTO_FREE char *copy =
        xasprintf("mkdir -p '%s' && cp '%s/%s' '%s/'", folder, source, config, folder);
    struct file f;
    if (system(copy) != 0 || file_read(from, (size_t)64 << 20, &f, NULL))
        return false;
    uint64_t length, room;
    memcpy(&length, f.data, sizeof length);
    room = length + 1024;
    *p = (struct patient){folder, open(to, O_RDWR | O_CREAT | O_TRUNC, 0600), NULL, room};
    size_t rest = f.size - 8 - length;
    static const char ids[256];
    bool good = !json_read_bytes(f.data + 8, length, "header", &p->header, NULL) &&
                add_position_ids(p->header, rest, sizeof ids) && pwrite(p->fd, &room, 8, 0) == 8 &&
                write_header(p, p->header) &&
                pwrite(p->fd, f.data + 8 + length, rest, (off_t)(8 + room)) == (ssize_t)rest &&
                pwrite(p->fd, ids, sizeof ids, (off_t)(8 + room + rest)) == sizeof ids;
    file_release(&f);
    return good;
}

static void patient_close(struct patient *p)
{
    close(p->fd);
    json_decref(p->header);
}

/* True when the changed file is refused as corrupt with a sentence that has both texts. */
static bool refused(const struct patient *p, const char *name, const char *why)
{
    struct error err = ERROR_INIT;
    struct clip_config config;
    AUTO(clip_weights) *weights = NULL;
    int rc = clip_config_read(p->folder, &config, &err);
    if (!rc)
        rc = clip_weights_open(p->folder, &config, &weights, &err);
    if (rc == ERR_CORRUPT && strstr(err.message, name) && strstr(err.message, why))
        return true;
    diag("%s: code %d, %s", name, rc, err.message);
    return false;
}

static bool refused_missing(const struct patient *p, const char *name)
{
    AUTO_JSON *header = json_deep_copy(p->header);
    AUTO_FREE char *other = xasprintf("X%s", name);
    json_object_set(header, other, json_object_get(header, name));
    json_object_del(header, name);
    return write_header(p, header) && refused(p, name, "is missing");
}

/* As many numbers, in one dimension more. */
static bool refused_shape(const struct patient *p, const char *name)
{
    AUTO_JSON *header = json_deep_copy(p->header);
    json_t *shape = json_object_get(json_object_get(header, name), "shape");
    json_array_append_new(shape, json_integer(1));
    if (!write_header(p, header) || !refused(p, name, "has shape"))
        return false;
    json_array_remove(shape, json_array_size(shape) - 1);
    json_int_t first = json_integer_value(json_array_get(shape, 0));
    if (json_array_size(shape) < 2)
        return true;
    json_int_t second = json_integer_value(json_array_get(shape, 1));
    bool square = first == second; /* as many numbers, other sides */
    json_array_set_new(shape, 0, json_integer(square ? 1 : second));
    json_array_set_new(shape, 1, json_integer(square ? first * second : first));
    return write_header(p, header) && refused(p, name, "has shape");
}

static void test_damage(const char *source, const char *config, const char *weights)
{
    AUTO_FREE char *folder = xasprintf("%s/damaged-%s", temporary, weights);
    struct patient p = {0};
    if (!ok(patient_open(&p, source, folder, config, weights), "%s: a copy to damage", weights))
        return;
    struct clip_config read;
    struct clip_weights *undamaged = open_model(folder, &read);
    ok(undamaged != NULL, "%s: the copy itself opens, position ids and all", weights);
    clip_weights_close(undamaged);
    const char *name;
    json_t *info;
    int tensors = 0, missing = 0, shapes = 0;
    json_object_foreach(p.header, name, info)
    {
        if (strcmp(name, "__metadata__") == 0 || strcmp(name, "logit_scale") == 0 ||
            strcmp(name, POSITION_IDS) == 0)
            continue;
        tensors++;
        missing += refused_missing(&p, name);
        shapes += refused_shape(&p, name);
    }
    ok(tensors > 80, "%s: %d tensors", weights, tensors);
    is_int(missing, tensors, "each is refused by name when missing");
    is_int(shapes, tensors, "each is refused by name when of another shape");
    patient_close(&p);
}

static int open_code(const char *folder, const struct clip_config *config, struct error *err)
{
    AUTO(clip_weights) *weights = NULL;
    return clip_weights_open(folder, config, &weights, err);
}

static bool touch(const char *folder, const char *name)
{
    AUTO_FREE char *path = file_join(folder, name);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    return fd >= 0 && close(fd) == 0;
}

static void test_folders(void)
{
    struct clip_config config = {.layout = CLIP_LAYOUT_HF, .vision.layers = 1, .text.layers = 1};
    struct error err = ERROR_INIT;
    AUTO_FREE char *folder = file_join(temporary, "folders");
    ok(mkdir(folder, 0700) == 0, "an empty folder");
    is_int(open_code(folder, &config, &err), ERR_NOT_FOUND, "no weights at all");
    ok(strstr(err.message, "model.safetensors"), "says which file: %s", err.message);
    ok(touch(folder, "pytorch_model.bin"), "with a pickle");
    is_int(open_code(folder, &config, &err), ERR_UNSUPPORTED, "is not read");
    ok(strstr(err.message, "pickle"), "says why: %s", err.message);
    ok(touch(folder, "model.safetensors.index.json"), "in shards");
    is_int(open_code(folder, &config, &err), ERR_UNSUPPORTED, "is not read");
    ok(strstr(err.message, "several files"), "says why: %s", err.message);
    ok(touch(folder, "model.safetensors"), "an empty file");
    is_int(open_code(folder, &config, &err), ERR_CORRUPT, "is refused");
}

static void test_layouts(void)
{
    AUTO_FREE char *same = file_join(temporary, "mini"), *f32 = file_join(temporary, "mini-f32");
    if (system("python3 -c ''") != 0) {
        skip("no python3 to rewrite a model in OpenCLIP's layout");
        return;
    }
    ok(convert(MINI, same, ""), "mini in OpenCLIP's layout");
    compare(MINI, same, "mini");
    test_damage(same, "open_clip_config.json", "open_clip_model.safetensors");
    /* Python turned the f16 into f32: an independent conversion of every value. */
    ok(convert(MINI, f32, "--dtype f32"), "mini as float32");
    compare(MINI, f32, "mini as float32");
}

static void test_tiny(void)
{
    const char *shared = getenv("KEEPSAKE_SHARED");
    AUTO_FREE char *folder =
        file_join(shared ? shared : "../shared", "reference/golden/tiny-model");
    AUTO_FREE char *other = file_join(temporary, "tiny");
    if (access(folder, R_OK) != 0) {
        skip("no %s", folder);
        return;
    }
    struct clip_config config;
    AUTO(clip_weights) *w = open_model(folder, &config);
    ok(w != NULL, "the tiny reference model opens");
    if (system("python3 -c ''") == 0 && convert(folder, other, ""))
        compare(folder, other, "tiny");
}

/* Whatever real model is at hand. */
static void test_real(void)
{
    const char *folder = getenv("KEEPSAKE_TEST_MODEL");
    if (!folder) {
        skip("KEEPSAKE_TEST_MODEL names no model folder");
        return;
    }
    struct clip_config config;
    AUTO(clip_weights) *w = open_model(folder, &config);
    ok(w != NULL, "%s opens", folder);
}

int main(void)
{
    if (!mkdtemp(temporary))
        return 1;
    test_mini();
    test_damage(MINI, "config.json", "model.safetensors");
    test_folders();
    test_layouts();
    test_tiny();
    test_real();
    AUTO_FREE char *clean = xasprintf("rm -rf '%s'", temporary);
    ok(system(clean) == 0, "the test's files are removed");
    return done_testing();
}
