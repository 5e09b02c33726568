#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes a model folder of ViT-B/32's shape with random weights, for measuring:

    bench/make_b32.py DIR TOKENIZER_DIR [--half]

With --half, all weights are numbers that float16 has exactly, as in OpenAI's models. Only Python's standard library is needed. The weights are taken from one million normal numbers at varying
offsets, which is as good as fresh ones for a measurement. TOKENIZER_DIR has vocab.json and merges.txt.
"""
import array
import json
import os
import random
import shutil
import struct
import sys

VISION = dict(hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12)
TEXT = dict(hidden_size=512, intermediate_size=2048, num_hidden_layers=12, num_attention_heads=8)
DIM, VOCAB, CONTEXT, IMAGE, PATCH = 512, 49408, 77, 224, 32
NORMALS = 1 << 20


def tensors():
    """(name, shape, deviation, mean) of each tensor; the deviations make activations look like CLIP's."""
    def norm(name, width):
        return [(name + ".weight", (width,), 0.1, 1.0), (name + ".bias", (width,), 0.1, 0.0)]

    def linear(name, out, width, deviation):
        return [(name + ".weight", (out, width), deviation, 0.0), (name + ".bias", (out,), 0.05, 0.0)]

    def tower(prefix, config):
        width, hidden = config["hidden_size"], config["intermediate_size"]
        for i in range(config["num_hidden_layers"]):
            layer = f"{prefix}.encoder.layers.{i}."
            for part in "qkv":
                yield from linear(f"{layer}self_attn.{part}_proj", width, width, 1.5 * width**-0.5)
            yield from linear(layer + "self_attn.out_proj", width, width, width**-0.5)
            yield from linear(layer + "mlp.fc1", hidden, width, width**-0.5)
            yield from linear(layer + "mlp.fc2", width, hidden, hidden**-0.5)
            yield from norm(layer + "layer_norm1", width)
            yield from norm(layer + "layer_norm2", width)

    width, tokens = VISION["hidden_size"], (IMAGE // PATCH) ** 2 + 1
    yield "vision_model.embeddings.class_embedding", (width,), 0.5, 0.0
    yield "vision_model.embeddings.patch_embedding.weight", (width, 3, PATCH, PATCH), (3 * PATCH * PATCH)**-0.5, 0.0
    yield "vision_model.embeddings.position_embedding.weight", (tokens, width), 0.2, 0.0
    yield from norm("vision_model.pre_layrnorm", width)
    yield from norm("vision_model.post_layernorm", width)
    yield from tower("vision_model", VISION)
    yield "visual_projection.weight", (DIM, width), width**-0.5, 0.0
    width = TEXT["hidden_size"]
    yield "text_model.embeddings.token_embedding.weight", (VOCAB, width), 0.3, 0.0
    yield "text_model.embeddings.position_embedding.weight", (CONTEXT, width), 0.1, 0.0
    yield from tower("text_model", TEXT)
    yield from norm("text_model.final_layer_norm", width)
    yield "text_projection.weight", (DIM, width), width**-0.5, 0.0


def count(shape):
    n = 1
    for edge in shape:
        n *= edge
    return n


def numbers(normals, deviation, mean, half):
    values = array.array("f", (mean + deviation * v for v in normals))
    if half:
        layout = f"<{len(values)}e"
        values = array.array("f", struct.unpack(layout, struct.pack(layout, *values)))
    return values.tobytes()


def write_weights(path, half):
    random.seed(7)
    normals = [random.gauss(0, 1) for _ in range(NORMALS)]
    scaled = {}
    header, at = {"__metadata__": {"format": "pt"}}, 0
    for name, shape, _, _ in tensors():
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [at, at + 4 * count(shape)]}
        at += 4 * count(shape)
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(head)) + head)
        for _, shape, deviation, mean in tensors():
            if (deviation, mean) not in scaled:
                scaled[deviation, mean] = numbers(normals, deviation, mean, half)
            left, block = 4 * count(shape), scaled[deviation, mean]
            while left:
                begin = 4 * random.randrange(NORMALS // 2)
                part = block[begin:begin + left]
                f.write(part)
                left -= len(part)


def main():
    half = sys.argv[3:] == ["--half"]
    if len(sys.argv) != 3 + half:
        sys.exit("usage: bench/make_b32.py DIR TOKENIZER_DIR [--half]")
    folder, tokenizer = sys.argv[1:3]
    os.makedirs(folder, exist_ok=True)
    common = dict(hidden_act="quick_gelu", layer_norm_eps=1e-5)
    config = dict(
        architectures=["CLIPModel"], model_type="clip", projection_dim=DIM,
        text_config=dict(common, **TEXT, model_type="clip_text_model", max_position_embeddings=CONTEXT,
                         vocab_size=VOCAB),
        vision_config=dict(common, **VISION, model_type="clip_vision_model", patch_size=PATCH,
                           image_size=IMAGE, num_channels=3))
    with open(os.path.join(folder, "config.json"), "w", encoding="ascii") as f:
        json.dump(config, f, indent=2)
    write_weights(os.path.join(folder, "model.safetensors"), half)
    for name in ("vocab.json", "merges.txt"):
        shutil.copyfile(os.path.join(tokenizer, name), os.path.join(folder, name))


main()
