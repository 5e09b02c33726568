#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the seeds of fuzz_safetensors and fuzz_clip_config: small files, sound and broken."""
import json
import os
import struct

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")


def write(target, name, data):
    folder = os.path.join(HERE, target)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "wb") as f:
        f.write(data)


def safetensors(header, data=b"", length=None):
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(head) if length is None else length) + head + data


def tensor(dtype, shape, begin, end):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def weights():
    yield "empty", safetensors({})
    yield "f32", safetensors({"a": tensor("F32", [2, 3], 0, 24)}, bytes(range(24)))
    yield "f16", safetensors({"a": tensor("F16", [2, 3], 0, 12)}, bytes(range(12)))
    yield "bf16", safetensors({"a": tensor("BF16", [8, 8], 0, 128)}, bytes(range(128)))
    yield "odd", safetensors({"b": tensor("F16", [1, 7], 3, 17), "a": tensor("I8", [3], 0, 3)},
                             bytes(range(17)))
    yield "large", safetensors({"a": tensor("U8", [13000], 0, 13000)}, bytes(13000))
    yield "scalar", safetensors({"a": tensor("F32", [], 0, 4), "__metadata__": {"k": "v"}}, b"1234")
    yield "zero", safetensors({"a": tensor("F64", [0, 9], 0, 0)})
    yield "overlap", safetensors({"a": tensor("U8", [4], 0, 4), "b": tensor("U8", [4], 2, 6)},
                                 b"123456")
    yield "hole", safetensors({"a": tensor("U8", [4], 2, 6)}, b"123456")
    yield "wrap", safetensors({"a": tensor("F32", [1 << 32, 1 << 32], 0, 0)})
    yield "past", safetensors({"a": tensor("F32", [2], 0, 8)}, b"1234")
    yield "twice", safetensors(b'{"a":{},"\\u0061":{}}')
    yield "long", safetensors({}, length=(1 << 64) - 1)
    yield "deep", safetensors(b'{"a":' + b"[" * 3000)


def configs():
    with open(os.path.join(HERE, "../../../models/mini/config.json"), "rb") as f:
        yield "hf-mini", b"\0" + f.read()
    with open(os.path.join(HERE, "../../../models/mini/preprocessor_config.json"), "rb") as f:
        yield "pixels-mini", b"\1" + f.read()
    yield "hf-defaults", b'\0{"model_type":"clip"}'
    yield "hf-older", (b'\0{"model_type":"clip","text_config_dict":{"hidden_size":64,'
                       b'"hidden_act":"gelu","layer_norm_eps":1e-6,"num_attention_heads":4}}')
    yield "hf-siglip", b'\0{"model_type":"siglip"}'
    yield "pixels-sizes", (b'\1{"size":{"shortest_edge":224},"crop_size":{"height":224,'
                           b'"width":224},"resample":3,"rescale_factor":0.00392156862745098,'
                           b'"do_normalize":false,"image_std":[1,0.5,0.25]}')
    yield "openclip", (b'\2{"model_cfg":{"embed_dim":512,"quick_gelu":true,"vision_cfg":'
                       b'{"image_size":[224,224],"layers":12,"width":768,"head_width":64,'
                       b'"mlp_ratio":4.0,"patch_size":32},"text_cfg":{"context_length":77,'
                       b'"vocab_size":49408,"width":512,"heads":8,"layers":12,"norm_kwargs":'
                       b'{"eps":1e-6}}},"preprocess_cfg":{"mean":[0,0,0],"std":[1,1,1],'
                       b'"size":224,"interpolation":"bicubic","resize_mode":"shortest"}}')
    yield "openclip-resnet", (b'\2{"model_cfg":{"embed_dim":8,"vision_cfg":{"layers":[3,4,6,3]},'
                              b'"text_cfg":{"hf_model_name":"x"}}}')


def main():
    for name, data in weights():
        write("safetensors", name, data)
    for name, data in configs():
        write("clip_config", name, data)


if __name__ == "__main__":
    main()
