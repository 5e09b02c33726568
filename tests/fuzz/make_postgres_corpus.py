#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/fuzz/corpus/postgres: the replies of a server to an open and what follows, and what is odd in them.
The form is that of fuzz_postgres.c: a plan, then replies; a cell of 0x60 to 0x6f is one of its usual values."""
import pathlib

out = pathlib.Path(__file__).parent / "corpus" / "postgres"
out.mkdir(parents=True, exist_ok=True)
ONE, ZERO, FOUR, ID, UTF8, PUBLIC, VERSION, NONE, COSINE, TEST, PATH, THREE, VECTOR, HASH, FOLDER, MONTH = range(0x60, 0x70)
GOOD, ROWS, NULL = bytes([16]), 255, 0xF0


def rows(n, *cells, width=None):
    """A reply of n equal rows; 24 columns, of which those after `cells` are NULL."""
    if width:
        return bytes([ROWS, (width - 1) << 4 | n]) + bytes(cells[:width]) * n
    return bytes([ROWS, 8 | n]) + (bytes(cells) + bytes([NULL]) * (24 - len(cells))) * n


def lost(state):
    return bytes([0, state])


def opened(plan, format_cell=THREE):
    settings = rows(1, format_cell, TEST, HASH, ONE, FOUR, NONE, COSINE, NONE, ID, ID, ZERO, ZERO)
    return (bytes([plan]) + rows(1, PUBLIC, UTF8) + GOOD + (b"" if plan & 1 else GOOD) + rows(1, PUBLIC, VERSION) + rows(1)
            + rows(1, ONE) + settings * 2)


photo = (ID, PATH, ID, ID, HASH, TEST, FOUR, FOUR, MONTH, NULL, NULL, TEST, TEST, TEST)
files = {
    "read": opened(0) + rows(1, *photo) * 6 + rows(1, VECTOR),
    "list": opened(2) + rows(3, *photo) * 12,
    "search": opened(4) + rows(2, ID, PATH, VECTOR, ONE) * 3,
    "search-short": opened(4) + rows(2, ID, width=1) * 3,
    "write": opened(1) + rows(1, ID) * 20,
    "check": opened(8) + rows(1, ID, VERSION, PATH) * 20,
    "no-rows": bytes([0]) + rows(0) * 6,
    "no-columns": bytes([0]) + rows(1, PUBLIC, width=1) + GOOD * 2 + rows(1, PUBLIC, width=1) * 6,
    "settings-short": opened(0)[:-26] + rows(1, THREE, TEST, width=2) * 3,
    "newer": opened(0, 0x0F) + rows(1, ID) * 3,
    "lost": opened(2) + lost(0) + rows(2, *photo) + lost(0) * 3,
    "stopped": opened(6) + lost(1) * 3 + lost(3) + rows(1, ID),
    "vectors-long": opened(4) + bytes([ROWS, 8 | 1, ID, PATH, 0x9F]) + bytes(range(200)),
}
for name, data in files.items():
    (out / name).write_bytes(data)
