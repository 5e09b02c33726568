/* SPDX-License-Identifier: MIT */
/* Configs of both layouts: defaults, ranges, and refusal of what would be computed wrongly. */
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "clip/config_parse.h"
#include "tap.h"

static json_t *parse(const char *text)
{
    json_t *root = NULL;
    struct error err = ERROR_INIT;
    if (text && json_read_bytes(text, strlen(text), "TEST", &root, &err))
        diag("%s in %s", err.message, text);
    return root;
}

static int parse_hf(const char *config, const char *pixels, struct clip_config *ret_config,
                    struct error *err)
{
    AUTO_JSON *root = parse(config), *preprocessor = parse(pixels);
    return clip_config_parse_hf(root, preprocessor, "FILE", ret_config, err);
}

static int parse_openclip(const char *config, struct clip_config *ret_config, struct error *err)
{
    AUTO_JSON *root = parse(config);
    return clip_config_parse_openclip(root, "FILE", ret_config, err);
}

static void check_refusal(int rc, const struct error *err, int code, const char *text,
                          const char *name)
{
    if (!ok(rc == code && strstr(err->message, text), "%s", name))
        diag("code %d (want %d): '%s' (want '%s')", rc, code, err->message, text);
}

static void refuse_hf(const char *config, int code, const char *text)
{
    struct error err = ERROR_INIT;
    struct clip_config read = {.dim = -7}, before = read;
    int rc = parse_hf(config, NULL, &read, &err);
    check_refusal(rc, &err, code, text, config);
    if (memcmp(&read, &before, sizeof read) != 0)
        ok(false, "a refusal wrote its output: %s", config);
}

static void refuse_pixels(const char *pixels, int code, const char *text)
{
    struct error err = ERROR_INIT;
    struct clip_config read;
    check_refusal(parse_hf("{\"model_type\":\"clip\"}", pixels, &read, &err), &err, code, text,
                  pixels);
}

/* The model_cfg with one more member in each part ("" for none). */
static char *openclip(const char *model, const char *vision, const char *text, const char *pixels)
{
    return xasprintf("{\"model_cfg\":{\"embed_dim\":512,\"vision_cfg\":{\"image_size\":224,"
                     "\"layers\":12,\"width\":768,\"patch_size\":32%s},\"text_cfg\":{"
                     "\"context_length\":77,\"vocab_size\":49408,\"width\":512,\"heads\":8,"
                     "\"layers\":12%s}%s},\"preprocess_cfg\":{%s}}",
                     vision, text, model, pixels);
}

static void refuse_openclip(const char *model, const char *vision, const char *text,
                            const char *pixels, int code, const char *want)
{
    struct error err = ERROR_INIT;
    struct clip_config read;
    AUTO_FREE char *config = openclip(model, vision, text, pixels);
    AUTO_FREE char *name = xasprintf("refused: %s%s%s%s", model, vision, text, pixels);
    check_refusal(parse_openclip(config, &read, &err), &err, code, want, name);
}

static bool is_tower(const struct tower_config *t, int width, int layers, int heads, int mlp_width,
                     enum activation activation)
{
    return t->width == width && t->layers == layers && t->heads == heads &&
           t->mlp_width == mlp_width && t->activation == activation && t->epsilon == 1e-5f;
}

static bool is_b32(const struct clip_config *c, enum activation activation)
{
    return c->dim == 512 && is_tower(&c->vision, 768, 12, 12, 3072, activation) &&
           is_tower(&c->text, 512, 12, 8, 2048, activation) && c->image_px == 224 &&
           c->patch_px == 32 && c->context == 77 && c->vocab_size == 49408 &&
           c->mean[0] == 0.48145466f && c->mean[1] == 0.4578275f && c->mean[2] == 0.40821073f &&
           c->deviation[0] == 0.26862954f && c->deviation[1] == 0.26130258f &&
           c->deviation[2] == 0.27577711f;
}

static void test_hf_defaults(void)
{
    struct clip_config c;
    struct error err = ERROR_INIT;
    is_int(parse_hf("{\"model_type\":\"clip\"}", NULL, &c, &err), 0, "a config that says nothing");
    ok(is_b32(&c, ACTIVATION_QUICK_GELU), "is ViT-B/32, as in transformers");
    is_int(parse_hf("{\"architectures\":[\"CLIPModel\"],\"text_config\":null}", NULL, &c, &err), 0,
           "a type by its architecture, null for absent");
    is_int(parse_hf("{\"model_type\":\"clip\",\"projection_dim\":768,"
                    "\"text_config\":{\"hidden_size\":640,\"hidden_act\":\"gelu\"},"
                    "\"text_config_dict\":{\"hidden_size\":768,\"intermediate_size\":3072,"
                    "\"num_attention_heads\":12},"
                    "\"vision_config_dict\":null,\"vision_config\":{\"patch_size\":14,"
                    "\"hidden_size\":1024,\"intermediate_size\":4096,\"num_hidden_layers\":24,"
                    "\"num_attention_heads\":16}}",
                    NULL, &c, &err),
           0, "an older file of ViT-L/14, with text_config_dict");
    ok(is_tower(&c.text, 768, 12, 12, 3072, ACTIVATION_QUICK_GELU), "which replaces text_config");
    ok(is_tower(&c.vision, 1024, 24, 16, 4096, ACTIVATION_QUICK_GELU) && c.patch_px == 14 &&
           c.dim == 768,
       "while a null replaces nothing");
}

static void test_hf_refused(void)
{
#define CLIP(more) "{\"model_type\":\"clip\"," more "}"
#define TEXT(more) CLIP("\"text_config\":{" more "}")
#define VISION(more) CLIP("\"vision_config\":{" more "}")
    refuse_hf("[]", ERR_CORRUPT, "not a JSON object");
    refuse_hf("{}", ERR_UNSUPPORTED, "no model_type");
    refuse_hf("{\"architecture\":\"vit_base_patch32_clip_224\"}", ERR_UNSUPPORTED, "no model_type");
    refuse_hf("{\"model_type\":7}", ERR_CORRUPT, "model_type");
    refuse_hf("{\"model_type\":\"siglip\"}", ERR_UNSUPPORTED, "\"siglip\"");
    refuse_hf("{\"model_type\":\"chinese_clip\"}", ERR_UNSUPPORTED, "\"chinese_clip\"");
    refuse_hf("{\"model_type\":\"clip_vision_model\"}", ERR_UNSUPPORTED, "\"clip_vision_model\"");
    refuse_hf("{\"model_type\":\"\\u001b[2J\"}", ERR_UNSUPPORTED, "\"?[2J\"");
    refuse_hf(CLIP("\"projection_dim\":0"), ERR_CORRUPT, "projection_dim");
    refuse_hf(CLIP("\"text_config\":[]"), ERR_CORRUPT, "text_config");
    refuse_hf(CLIP("\"text_config_dict\":1"), ERR_CORRUPT, "text_config_dict");
    refuse_hf(TEXT("\"hidden_size\":0"), ERR_CORRUPT, "text_config: \"hidden_size\"");
    refuse_hf(TEXT("\"hidden_size\":1000000000"), ERR_CORRUPT, "hidden_size");
    refuse_hf(TEXT("\"hidden_size\":512.0"), ERR_CORRUPT, "hidden_size");
    refuse_hf(TEXT("\"hidden_size\":500"), ERR_CORRUPT, "500 cannot be split into 8 heads");
    refuse_hf(TEXT("\"intermediate_size\":-1"), ERR_CORRUPT, "intermediate_size");
    refuse_hf(TEXT("\"num_hidden_layers\":257"), ERR_CORRUPT, "num_hidden_layers");
    refuse_hf(TEXT("\"num_attention_heads\":0"), ERR_CORRUPT, "num_attention_heads");
    refuse_hf(TEXT("\"max_position_embeddings\":2"), ERR_CORRUPT, "max_position_embeddings");
    refuse_hf(TEXT("\"vocab_size\":4294967297"), ERR_CORRUPT, "vocab_size");
    refuse_hf(TEXT("\"hidden_act\":\"gelu_new\""), ERR_UNSUPPORTED, "gelu_new");
    refuse_hf(TEXT("\"layer_norm_eps\":0"), ERR_CORRUPT, "layer_norm_eps");
    refuse_hf(TEXT("\"layer_norm_eps\":\"1e-5\""), ERR_CORRUPT, "layer_norm_eps");
    refuse_hf(VISION("\"num_channels\":4"), ERR_UNSUPPORTED, "4 channels");
    refuse_hf(VISION("\"image_size\":225"), ERR_UNSUPPORTED, "225 px");
    refuse_hf(VISION("\"image_size\":16"), ERR_UNSUPPORTED, "16 px");
    refuse_hf(VISION("\"image_size\":4097"), ERR_CORRUPT, "image_size");
    refuse_hf(VISION("\"image_size\":4096,\"patch_size\":1"), ERR_LIMIT, "patches");
    refuse_hf(VISION("\"patch_size\":0"), ERR_CORRUPT, "patch_size");
}

static void test_hf_pixels(void)
{
    struct clip_config c;
    struct error err = ERROR_INIT;
    const char *clip = "{\"model_type\":\"clip\"}";
    is_int(parse_hf(clip,
                    "{\"size\":224,\"crop_size\":224,\"image_mean\":[0.5,0.25,0],"
                    "\"image_std\":[1,2,0.5],\"feature_extractor_type\":"
                    "\"CLIPFeatureExtractor\"}",
                    &c, &err),
           0, "sizes as numbers");
    ok(c.mean[1] == 0.25f && c.deviation[1] == 2, "mean and deviation");
    is_int(parse_hf(clip, "{\"do_normalize\":false}", &c, &err), 0, "no normalisation");
    ok(c.mean[0] == 0 && c.mean[2] == 0 && c.deviation[0] == 1 && c.deviation[2] == 1,
       "is mean 0, deviation 1");
    is_int(
        parse_hf("{\"model_type\":\"clip\",\"vision_config\":{\"image_size\":336,"
                 "\"patch_size\":14}}",
                 "{\"size\":{\"shortest_edge\":336},\"crop_size\":{\"height\":336,\"width\":336}}",
                 &c, &err),
        0, "another size");
    is_int(parse_hf("{\"model_type\":\"clip\",\"vision_config\":{\"image_size\":336,"
                    "\"patch_size\":14}}",
                    "{}", &c, &err),
           ERR_UNSUPPORTED, "of which the processor says nothing, so that it would give 224");
    refuse_pixels("[]", ERR_CORRUPT, "not a JSON object");
    refuse_pixels("{\"size\":256}", ERR_UNSUPPORTED, "size");
    refuse_pixels("{\"size\":{\"shortest_edge\":256}}", ERR_UNSUPPORTED, "size");
    refuse_pixels("{\"size\":{\"height\":224,\"width\":224}}", ERR_UNSUPPORTED, "size");
    refuse_pixels("{\"size\":\"224\"}", ERR_UNSUPPORTED, "size");
    refuse_pixels("{\"crop_size\":{\"height\":224,\"width\":200}}", ERR_UNSUPPORTED, "crop_size");
    refuse_pixels("{\"resample\":2}", ERR_UNSUPPORTED, "resample");
    refuse_pixels("{\"rescale_factor\":1}", ERR_UNSUPPORTED, "rescale_factor");
    refuse_pixels("{\"do_center_crop\":false}", ERR_UNSUPPORTED, "crop");
    refuse_pixels("{\"image_processor_type\":\"SiglipImageProcessor\"}", ERR_UNSUPPORTED,
                  "not CLIP's");
    refuse_pixels("{\"image_std\":[1,1,0]}", ERR_CORRUPT, "image_std");
    refuse_pixels("{\"image_mean\":[0,0]}", ERR_CORRUPT, "image_mean");
    refuse_pixels("{\"image_mean\":[0,\"0\",0]}", ERR_CORRUPT, "image_mean");
    refuse_pixels("{\"image_mean\":[0,1e300,0]}", ERR_CORRUPT, "image_mean");
}

static void test_openclip_accepted(void)
{
    struct clip_config c;
    struct error err = ERROR_INIT;
    AUTO_FREE char *plain = openclip("", "", "", "");
    is_int(parse_openclip(plain, &c, &err), 0, "ViT-B-32");
    ok(is_b32(&c, ACTIVATION_GELU) && c.layout == CLIP_LAYOUT_OPENCLIP, "with gelu, LAION's");
    AUTO_FREE char *quick = openclip(
        ",\"quick_gelu\":true,\"custom_text\":false,\"init_logit_bias\":-10",
        ",\"pool_type\":\"tok\",\"patch_dropout\":0.5,\"ls_init_value\":null,\"act_kwargs\":{}",
        ",\"pool_type\":\"argmax\",\"pad_id\":1,\"eos_id\":2,\"no_causal_mask\":false",
        "\"mean\":[0,0,0],\"std\":[1,1,1],\"size\":[224,224],\"mode\":\"RGB\","
        "\"interpolation\":\"bicubic\",\"resize_mode\":\"shortest\",\"fill_color\":0");
    is_int(parse_openclip(quick, &c, &err), 0, "options that change nothing");
    ok(c.vision.activation == ACTIVATION_QUICK_GELU && c.text.activation == ACTIVATION_QUICK_GELU &&
           c.deviation[2] == 1,
       "quick_gelu is for both towers");
    /* ViT-bigG-14: a head width of 104 and an MLP of 4.9231 times the width, 8192 */
    is_int(parse_openclip("{\"model_cfg\":{\"embed_dim\":1280,\"vision_cfg\":{\"image_size\":224,"
                          "\"layers\":48,\"width\":1664,\"head_width\":104,\"mlp_ratio\":4.9231,"
                          "\"patch_size\":14},\"text_cfg\":{\"context_length\":77,\"vocab_size\":"
                          "49408,\"width\":1280,\"heads\":20,\"layers\":32,\"norm_kwargs\":"
                          "{\"eps\":1e-6}}}}",
                          &c, &err),
           0, "ViT-bigG-14");
    ok(is_tower(&c.vision, 1664, 48, 16, 8192, ACTIVATION_GELU), "its vision tower");
    ok(c.text.epsilon == 1e-6f && c.text.mlp_width == 5120, "its text tower");
}

static void test_openclip_refused(void)
{
#define MODEL(s, want) refuse_openclip(",\"" s, "", "", "", ERR_UNSUPPORTED, want)
#define VIS(s, want) refuse_openclip("", ",\"" s, "", "", ERR_UNSUPPORTED, want)
#define TXT(s, want) refuse_openclip("", "", ",\"" s, "", ERR_UNSUPPORTED, want)
#define PIX(s, want) refuse_openclip("", "", "", "\"" s, ERR_UNSUPPORTED, want)
    MODEL("multimodal_cfg\":{\"layers\":12}", "CoCa");
    MODEL("custom_text\":true", "custom text");
    MODEL("audio_cfg\":{\"a\":1}", "unknown option \"audio_cfg\"");
    VIS("timm_model_name\":\"vit_base_patch16_siglip_224\"", "timm");
    VIS("ls_init_value\":1e-5", "layer scale");
    VIS("attentional_pool\":true", "attentional");
    VIS("attentional_pool\":\"parallel\"", "attentional");
    VIS("pos_embed_type\":\"sin_cos_2d\"", "position");
    VIS("pool_type\":\"avg\"", "pooling");
    VIS("no_ln_pre\":true", "first norm");
    VIS("final_ln_after_pool\":true", "after pooling");
    VIS("act_kwargs\":{\"approximate\":\"tanh\"}", "activation");
    VIS("norm_kwargs\":{\"eps\":1e-6,\"bias\":false}", "norm_kwargs");
    VIS("qk_norm\":true", "unknown option \"qk_norm\"");
    TXT("hf_model_name\":\"xlm-roberta-base\"", "Hugging Face text model");
    TXT("hf_tokenizer_name\":\"timm/ViT-B-16-SigLIP\"", "tokenizer");
    TXT("tokenizer_kwargs\":{\"clean\":\"canonicalize\"}", "tokenizer");
    TXT("no_causal_mask\":true", "causal");
    TXT("embed_cls\":true", "class token");
    TXT("pool_type\":\"last\"", "pooling");
    TXT("proj_bias\":true", "bias");
    PIX("interpolation\":\"bilinear\"", "bicubic");
    PIX("resize_mode\":\"squash\"", "short edge");
    PIX("size\":256", "size");
    PIX("size\":[224,256]", "not square");
    refuse_openclip("", ",\"head_width\":100", "", "", ERR_CORRUPT, "heads of 100");
    refuse_openclip("", ",\"mlp_ratio\":0", "", "", ERR_CORRUPT, "mlp_ratio");
    refuse_openclip("", "", ",\"mlp_ratio\":1e-3", "", ERR_CORRUPT, "mlp_ratio");
    refuse_openclip(",\"quick_gelu\":1", "", "", "", ERR_CORRUPT, "quick_gelu");
    refuse_openclip("", "", "", "\"mean\":0", ERR_CORRUPT, "mean");
    refuse_openclip("", "", "", "\"size\":[]", ERR_CORRUPT, "size");
}

static void test_openclip_broken(void)
{
    static const struct {
        const char *config;
        int code;
        const char *want;
    } cases[] = {
        {"[]", ERR_CORRUPT, "model_cfg"},
        {"{\"model_cfg\":{}}", ERR_CORRUPT, "embed_dim"},
        {"{\"model_cfg\":{\"embed_dim\":8}}", ERR_CORRUPT, "vision_cfg"},
        {"{\"model_cfg\":{\"embed_dim\":8,\"vision_cfg\":{},\"text_cfg\":[]}}", ERR_CORRUPT,
         "text_cfg"},
        {"{\"model_cfg\":{\"embed_dim\":1024,\"vision_cfg\":{\"layers\":[3,4,6,3],\"width\":64},"
         "\"text_cfg\":{}}}",
         ERR_UNSUPPORTED, "ResNet"},
        {"{\"model_cfg\":{\"embed_dim\":8,\"vision_cfg\":{\"patch_size\":[16,8]},\"text_cfg\":{}}}",
         ERR_UNSUPPORTED, "not square"},
        {"{\"model_cfg\":{\"embed_dim\":8,\"vision_cfg\":{},\"text_cfg\":{\"heads\":7}}}",
         ERR_CORRUPT, "7 heads"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err = ERROR_INIT;
        struct clip_config c;
        check_refusal(parse_openclip(cases[i].config, &c, &err), &err, cases[i].code, cases[i].want,
                      cases[i].config);
    }
}

static bool write_text(const char *folder, const char *name, const char *text)
{
    AUTO_FREE char *path = file_join(folder, name);
    FILE *f = fopen(path, "w");
    return f && fputs(text, f) >= 0 && fclose(f) == 0;
}

static void test_folders(void)
{
    char folder[] = "/tmp/keepsake-config-XXXXXX";
    struct clip_config c;
    struct error err = ERROR_INIT;
    if (!ok(mkdtemp(folder) != NULL, "a folder"))
        return;
    is_int(clip_config_read(folder, &c, &err), ERR_NOT_FOUND, "nothing in it");
    ok(strstr(err.message, "is not a model folder"), "%s", err.message);
    AUTO_FREE char *inner = file_join(folder, "0_CLIPModel");
    ok(mkdir(inner, 0700) == 0 && write_text(inner, "config.json", "{}"), "with a folder inside");
    is_int(clip_config_read(folder, &c, &err), ERR_NOT_FOUND, "of sentence-transformers");
    ok(strstr(err.message, "/0_CLIPModel instead"), "%s", err.message);
    ok(write_text(folder, "config.json", "{\"architecture\":\"vit_base_patch32_clip_224\"}"),
       "timm's config.json");
    is_int(clip_config_read(folder, &c, &err), ERR_UNSUPPORTED, "is not CLIP's");
    AUTO_FREE char *openclip_config = openclip("", "", "", "");
    ok(write_text(folder, "open_clip_config.json", openclip_config) &&
           write_text(folder, "open_clip_model.safetensors", ""),
       "beside OpenCLIP's files");
    is_int(clip_config_read(folder, &c, &err), 0, "those are read");
    is_int(c.layout, CLIP_LAYOUT_OPENCLIP, "as OpenCLIP's");
    AUTO_FREE char *clean = xasprintf("rm -rf '%s'", folder);
    ok(system(clean) == 0, "cleaned up");
}

static void test_files(void)
{
    struct clip_config c;
    struct error err = ERROR_INIT;
    is_int(clip_config_read("models/mini", &c, &err), 0, "the configuration of mini is read");
    ok(c.image_px == 112 && c.patch_px == 16 && c.context == 32 && c.vocab_size == 8706 &&
           is_tower(&c.vision, 192, 6, 3, 768, ACTIVATION_QUICK_GELU) &&
           is_tower(&c.text, 192, 3, 3, 768, ACTIVATION_QUICK_GELU),
       "as its config.json says");
    const char *shared = getenv("KEEPSAKE_SHARED");
    AUTO_FREE char *real =
        file_join(shared ? shared : "../shared", "reference/hf-openai-clip-vit-base-patch32");
    if (access(real, R_OK) != 0) {
        skip("no %s", real);
        return;
    }
    is_int(clip_config_read(real, &c, &err), 0,
           "the configuration of openai/clip-vit-base-patch32 is read");
    ok(is_b32(&c, ACTIVATION_QUICK_GELU), "is ViT-B/32");
}

int main(void)
{
    test_hf_defaults();
    test_hf_refused();
    test_hf_pixels();
    test_openclip_accepted();
    test_openclip_refused();
    test_openclip_broken();
    test_folders();
    test_files();
    return done_testing();
}
