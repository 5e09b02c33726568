#!/usr/bin/env python3
"""Writes models/mini/reference.json: what the PyTorch reference gives for six texts and three drawn pictures.

  /usr/bin/python3 tests/golden/make_mini_reference.py [SHARED]

SHARED holds reference/clip_reference.py and mini/towers.json (default ../shared). The pictures are drawn by
the formulas below, the same as in src/models/model_patterns.c, at the size the model sees, so no resizing is in them.
"""
import hashlib, json, os, sys
import numpy as np

root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
shared = sys.argv[1] if len(sys.argv) > 1 else os.path.join(root, "..", "shared")
sys.path.insert(0, os.path.join(shared, "reference"))
import torch
import clip_reference

model = os.path.join(root, "models", "mini")
cfg, weights = clip_reference.load(model)
side = cfg["vision_config"]["image_size"]
with open(os.path.join(model, "preprocessor_config.json")) as f:
    pixels_cfg = json.load(f)

y, x = np.mgrid[0:side, 0:side].astype(np.int64)


def gradient():
    return np.stack([255 * x // (side - 1), 255 * y // (side - 1), 255 - 255 * x // (side - 1)], -1)


def checker():
    odd = ((8 * x // side + 8 * y // side) & 1)[..., None]
    return np.where(odd == 1, np.array([220, 40, 40]), np.array([30, 60, 200]))


def rings():
    d = (2 * x - side) ** 2 + (2 * y - side) ** 2
    return np.stack([d // 16 & 255, d // 32 & 255, 255 - (d // 64 & 255)], -1)


def embed(rgb):
    mean, std = np.array(pixels_cfg["image_mean"]), np.array(pixels_cfg["image_std"])
    planes = ((rgb / 255.0 - mean) / std).transpose(2, 0, 1).astype(np.float32)
    return clip_reference.image_vectors(cfg, weights, torch.from_numpy(planes[None].copy()))[0].numpy()


def rounded(vector):
    return [round(float(v), 7) for v in vector]


with open(os.path.join(shared, "mini", "towers.json")) as f:
    recorded = json.load(f)["texts"]
texts = []
for entry in recorded:
    vector = clip_reference.text_vectors(cfg, weights, torch.tensor([entry["ids"]]))[0].numpy()
    assert np.dot(vector, entry["vector"]) > 1 - 1e-6, entry["text"]
    texts.append({"text": entry["text"], "vector": rounded(vector)})
pictures = [{"pattern": p.__name__, "vector": rounded(embed(p()))} for p in (gradient, checker, rings)]
files = []
for name in ("model.safetensors", "config.json", "preprocessor_config.json", "vocab.json", "merges.txt"):
    with open(os.path.join(model, name), "rb") as f:
        files.append({"file": name, "sha256": hashlib.sha256(f.read()).hexdigest()})
with open(os.path.join(model, "reference.json"), "w") as f:
    json.dump({"files": files, "texts": texts, "pictures": pictures}, f, separators=(",", ":"))
    f.write("\n")
for a in pictures:
    print(a["pattern"], [round(float(np.dot(a["vector"], b["vector"])), 3) for b in pictures])
