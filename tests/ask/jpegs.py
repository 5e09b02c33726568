# SPDX-License-Identifier: MIT
"""Checks the pictures of a saved request against the photos they were made from, with Pillow.

    jpegs.py FOLDER < the line of `ask --dry-run --json`

Prints a line "ok NAME" or "not ok NAME" for each check.
"""
import io
import json
import math
import sys

from PIL import Image, ImageChops, ImageCms, ImageOps, ImageStat

EDGE, TOKENS = 1568, 1568  # of the first look at a photo
# What a JPEG may be made of (ITU-T T.81): quantisation and Huffman tables, restart interval, frame, scan,
# and the JFIF header (APP0), which holds no metadata.
SEGMENTS = {0xE0, 0xDB, 0xC0, 0xC2, 0xC4, 0xDD, 0xDA}
# Pillow makes the same from the photo: its bicubic, quality 85, halved colours. Both use libjpeg-turbo,
# whose decoders may round colours differently by one or two before the picture is scaled and encoded.
MEAN_DIFFERENCE = 0.6


def check(good, name):
    print(f"{'ok' if good else 'not ok'} {name}")


def segments(data):
    at, found = 2, []
    while data[at] == 0xFF:
        found.append(data[at + 1])
        if data[at + 1] == 0xDA:
            break
        at += 2 + (data[at + 2] << 8 | data[at + 3])
    return found


def fits(width, height):
    across, down = math.ceil(width / 28), math.ceil(height / 28)
    return across * 28 <= EDGE and down * 28 <= EDGE and across * down <= TOKENS


def fitted(width, height):
    """The vision page's rule: the largest long side, the short one rounded."""
    if fits(width, height):
        return width, height
    long = max(width, height)
    while True:
        long -= 1
        short = round(min(width, height) * long / max(width, height))
        size = (long, short) if width >= height else (short, long)
        if fits(*size):
            return size


def mean_difference(a, b):
    return max(ImageStat.Stat(ImageChops.difference(a, b)).mean)


def upright_in_srgb(path):
    """The photo's own pixels as people see them."""
    photo = Image.open(path)
    profile = photo.info.get("icc_profile")
    upright = ImageOps.exif_transpose(photo).convert("RGB")
    if not profile:
        return upright
    return ImageCms.profileToProfile(upright, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"))


def check_photo(folder, photo):
    name = photo["path"].rsplit("/", 1)[1]
    data = open(f"{folder}/{photo['number']}.jpg", "rb").read()
    sent = Image.open(io.BytesIO(data))
    upright = upright_in_srgb(photo["path"])
    check(set(segments(data)) <= SEGMENTS, f"{name}: no segment that could hold metadata")
    check(not sent.getexif() and not {"exif", "icc_profile", "comment", "xmp"} & set(sent.info), f"{name}: no EXIF")
    want = fitted(*upright.size)
    check(sent.size == want == (photo["width"], photo["height"]), f"{name}: {upright.size} as {want}, within the size rule")
    if sent.size != want:
        return
    again = io.BytesIO()
    upright.resize(want, Image.BICUBIC).save(again, "JPEG", quality=85, subsampling=2)
    difference = mean_difference(sent.convert("RGB"), Image.open(again).convert("RGB"))
    check(difference <= MEAN_DIFFERENCE, f"{name}: the photo's own pixels, upright (off by {difference:.3f})")
    turned = mean_difference(sent.convert("RGB"), upright.resize(want, Image.BICUBIC).transpose(Image.ROTATE_180))
    check(turned > 10 * MEAN_DIFFERENCE, f"{name}: which turned ones are not ({turned:.1f})")


for photo in json.load(sys.stdin)["outbox"]["photos"]:
    check_photo(sys.argv[1], photo)
