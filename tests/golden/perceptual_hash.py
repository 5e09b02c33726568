#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The perceptual hash by numpy and Pillow: the reference of tests/unit/test_signal_kinds.c.

    perceptual_hash.py FILE...        the hash of each picture
    perceptual_hash.py --formula      the hashes of that test's pictures
"""
import sys

import numpy as np
from PIL import Image, ImageOps

EDGE, LOW = 32, 8


def coefficients(picture):
    small = picture.convert("RGB").resize((EDGE, EDGE), Image.BICUBIC).convert("L")
    grey = np.asarray(small, dtype=np.float64)
    f, x = np.mgrid[0:LOW, 0:EDGE]
    cosines = np.cos(np.pi * f * (2 * x + 1) / (2 * EDGE))
    return (cosines @ grey @ cosines.T).ravel()


def perceptual_hash(picture):
    low = coefficients(picture)
    return int("".join("1" if c > np.median(low) else "0" for c in low), 2)


def formula(width, height):
    y, x, c = np.mgrid[0:height, 0:width, 0:3].astype(np.uint32)
    blocks = (x // 7 + y // 5) % 2 * 128
    return Image.fromarray((x * x * (c + 1) + y * 37 + x * y * (3 - c) + blocks).astype(np.uint8))


def main():
    if sys.argv[1:] == ["--formula"]:
        for size in [(40, 30), (32, 32), (200, 31), (64, 500), (9, 7)]:
            print(*size, f"{perceptual_hash(formula(*size)):016x}")
        return
    for name in sys.argv[1:]:
        picture = ImageOps.exif_transpose(Image.open(name))
        print(f"{perceptual_hash(picture):016x} {name}")


if __name__ == "__main__":
    main()
