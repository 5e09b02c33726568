#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the seed inputs of fuzz_tokenizer and fuzz_tokenizer_text into tests/fuzz/corpus."""
import json, os

here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")


def write(folder, name, data):
    os.makedirs(os.path.join(here, folder), exist_ok=True)
    with open(os.path.join(here, folder, name), "wb") as f:
        f.write(data)


alphabet = [chr(c) for c in [*range(33, 127), *range(161, 173), *range(174, 324)]]
words = ["ab", "ab</w>", "abc", "<|startoftext|>", "<|endoftext|>"]
tokens = [t for c in alphabet for t in (c, c + "</w>")] + words
vocab = {t: i for i, t in enumerate(tokens)}
good = json.dumps(vocab, ensure_ascii=False, separators=(",", ":")).encode()
merges = b"#version: 0.2\na b</w>\na b\nab c\n"
write("tokenizer", "good", good + b"\0" + merges)
write("tokenizer", "escaped", json.dumps(vocab, indent=1).encode() + b"\0" + merges.replace(b"\n", b"\r\n"))
write("tokenizer", "no-merges", good)
write("tokenizer", "merge-repeated", good + b"\0a b\na b\n")
write("tokenizer", "merge-unknown", good + b"\0a zz\n")
write("tokenizer", "cut", good[: len(good) // 2])
write("tokenizer", "no-specials", json.dumps({t: i for t, i in vocab.items() if "|" not in t or len(t) < 9}).encode())
for name, text in [("negative", '{"a":-1}'), ("huge", '{"a":99999999999}'), ("float", '{"a":1.5}'), ("twice", '{"a":1,"a":2}'),
                   ("same-id", '{"a":1,"b":1}'), ("surrogate", '{"\\ud83d\\ude00":1,"\\ud83d":2}'), ("array", "[1]"), ("empty", "{}")]:
    write("tokenizer", name, text.encode())

texts = {
    "plain": "Two dogs, running in the snow!", "contraction": "it's we'll I'd they've he'll don't 's 'S ''s",
    "special": "<|endoftext|>x<|startoftext|>y<|ENDOFTEXT|>!!<|Startoftext|><|", "combining": "e\u0301 q\u0315\u0300\u031b\u0323\u0345",
    "hangul": "\u1100\u1161\u11a8 \uac01", "case": "\u0130I\u0131 \u1e9e \u03a3\u03b1\u03a3 \u01c5", "emoji": "\U0001f469\U0001f3fd\u200d\U0001f680",
    "space": "a\u0085b\u00a0c\u2028d\u3000e", "digits": "1234567890 \u0663 \u2167", "chain": "abcd abcab aaaaaaaaaaaa the there er",
    "long": "ab" * 500,
}
for name, text in texts.items():
    write("tokenizer_text", name, text.encode())
write("tokenizer_text", "latin1", b"caf\xe9")
write("tokenizer_text", "overlong", b"\xc0\x80\xed\xa0\x80")
