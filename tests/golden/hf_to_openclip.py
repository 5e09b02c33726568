#!/usr/bin/env python3
"""Rewrites a Hugging Face CLIPModel folder in OpenCLIP's layout, so that tests can show that both
layouts of one model give the same vectors.

    hf_to_openclip.py SOURCE TARGET [--dtype f32|f16|bf16]

Writes open_clip_config.json and open_clip_model.safetensors, and copies vocab.json and merges.txt.
Names and shapes are those of open_clip's CLIP: query, key and value stacked in one matrix,
projections transposed. Without --dtype the numbers are copied bit for bit. Python's own library is
all it needs.
"""
import argparse
import json
import os
import shutil
import struct

SIZES = {"F32": 4, "F16": 2, "BF16": 2}


def read_safetensors(path):
    """-> {name: (dtype, shape, bytes)}"""
    with open(path, "rb") as f:
        (length,) = struct.unpack("<Q", f.read(8))
        header = json.loads(f.read(length))
        data = f.read()
    header.pop("__metadata__", None)
    return {name: (e["dtype"], e["shape"], data[slice(*e["data_offsets"])])
            for name, e in header.items()}


def write_safetensors(path, tensors):
    header, at = {"__metadata__": {"format": "pt"}}, 0
    for name, (dtype, shape, data) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + len(data)]}
        at += len(data)
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(head)) + head)
        for _, _, data in tensors.values():
            f.write(data)


def numbers(dtype, data):
    count = len(data) // SIZES[dtype]
    if dtype == "BF16":
        halves = struct.unpack(f"<{count}H", data)
        return struct.unpack(f"<{count}f", struct.pack(f"<{count}I", *(h << 16 for h in halves)))
    return struct.unpack(f"<{count}{'f' if dtype == 'F32' else 'e'}", data)


def encoded(dtype, values):
    count = len(values)
    if dtype == "BF16":  # round to nearest, ties to even
        bits = struct.unpack(f"<{count}I", struct.pack(f"<{count}f", *values))
        return struct.pack(f"<{count}H", *((b + 0x7FFF + (b >> 16 & 1)) >> 16 for b in bits))
    return struct.pack(f"<{count}{'f' if dtype == 'F32' else 'e'}", *values)


def converted(tensor, dtype):
    old, shape, data = tensor
    return tensor if old == dtype else (dtype, shape, encoded(dtype, numbers(old, data)))


def stacked(parts):
    dtype, shape, _ = parts[0]
    return dtype, [sum(p[1][0] for p in parts)] + shape[1:], b"".join(p[2] for p in parts)


def transposed(tensor):
    dtype, (rows, columns), data = tensor
    size = SIZES[dtype]
    cells = [data[i:i + size] for i in range(0, len(data), size)]
    return dtype, [columns, rows], b"".join(
        cells[r * columns + c] for c in range(columns) for r in range(rows))


def layer(source, old, new):
    out = {}
    for kind in ("weight", "bias"):
        out[f"{new}ln_1.{kind}"] = source[f"{old}layer_norm1.{kind}"]
        out[f"{new}attn.in_proj_{kind}"] = stacked(
            [source[f"{old}self_attn.{part}_proj.{kind}"] for part in "qkv"])
        out[f"{new}attn.out_proj.{kind}"] = source[f"{old}self_attn.out_proj.{kind}"]
        out[f"{new}ln_2.{kind}"] = source[f"{old}layer_norm2.{kind}"]
        out[f"{new}mlp.c_fc.{kind}"] = source[f"{old}mlp.fc1.{kind}"]
        out[f"{new}mlp.c_proj.{kind}"] = source[f"{old}mlp.fc2.{kind}"]
    return out


def convert_tensors(source, config):
    out = {
        "logit_scale": source["logit_scale"],
        "positional_embedding": source["text_model.embeddings.position_embedding.weight"],
        "text_projection": transposed(source["text_projection.weight"]),
        "token_embedding.weight": source["text_model.embeddings.token_embedding.weight"],
        "visual.class_embedding": source["vision_model.embeddings.class_embedding"],
        "visual.conv1.weight": source["vision_model.embeddings.patch_embedding.weight"],
        "visual.positional_embedding":
            source["vision_model.embeddings.position_embedding.weight"],
        "visual.proj": transposed(source["visual_projection.weight"]),
    }
    for kind in ("weight", "bias"):
        out[f"visual.ln_pre.{kind}"] = source[f"vision_model.pre_layrnorm.{kind}"]
        out[f"visual.ln_post.{kind}"] = source[f"vision_model.post_layernorm.{kind}"]
        out[f"ln_final.{kind}"] = source[f"text_model.final_layer_norm.{kind}"]
    for tower, old, new in (("vision_config", "vision_model", "visual."),
                            ("text_config", "text_model", "")):
        for i in range(config[tower]["num_hidden_layers"]):
            out.update(layer(source, f"{old}.encoder.layers.{i}.",
                             f"{new}transformer.resblocks.{i}."))
    return out


def convert_config(config, preprocessor):
    text, vision = config["text_config"], config["vision_config"]
    model = {
        "embed_dim": config["projection_dim"],
        "quick_gelu": vision["hidden_act"] == "quick_gelu",
        "vision_cfg": {
            "image_size": vision["image_size"],
            "layers": vision["num_hidden_layers"],
            "width": vision["hidden_size"],
            "head_width": vision["hidden_size"] // vision["num_attention_heads"],
            "mlp_ratio": vision["intermediate_size"] / vision["hidden_size"],
            "patch_size": vision["patch_size"],
        },
        "text_cfg": {
            "context_length": text["max_position_embeddings"],
            "vocab_size": text["vocab_size"],
            "width": text["hidden_size"],
            "heads": text["num_attention_heads"],
            "layers": text["num_hidden_layers"],
            "mlp_ratio": text["intermediate_size"] / text["hidden_size"],
        },
    }
    pixels = {"mean": preprocessor["image_mean"], "std": preprocessor["image_std"],
              "interpolation": "bicubic", "resize_mode": "shortest"}
    return {"model_cfg": model, "preprocess_cfg": pixels}


def read_json(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as f:
        return json.load(f)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("target")
    parser.add_argument("--dtype", choices=["f32", "f16", "bf16"])
    args = parser.parse_args()
    config = read_json(args.source, "config.json")
    preprocessor = read_json(args.source, "preprocessor_config.json")
    tensors = convert_tensors(read_safetensors(os.path.join(args.source, "model.safetensors")),
                              config)
    if args.dtype:
        tensors = {name: converted(t, args.dtype.upper()) for name, t in tensors.items()}
    os.makedirs(args.target, exist_ok=True)
    with open(os.path.join(args.target, "open_clip_config.json"), "w", encoding="utf-8") as f:
        json.dump(convert_config(config, preprocessor), f, indent=2)
        f.write("\n")
    write_safetensors(os.path.join(args.target, "open_clip_model.safetensors"), tensors)
    for name in ("vocab.json", "merges.txt"):
        if os.path.exists(os.path.join(args.source, name)):
            shutil.copy(os.path.join(args.source, name), args.target)


if __name__ == "__main__":
    main()
