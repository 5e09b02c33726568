#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints the examples of docs/query.md, a line for each: "+" or, for a mistake, "-", a tab, the query, a
tab, and of a mistake the sentence that the document gives."""
import re
import sys

indented = True
for line in open(sys.argv[1], encoding="utf-8"):
    line = line.rstrip("\n")
    if line.startswith("## "):
        indented = line != "## Grammar"
    if indented and line.startswith("    "):
        print(f"+\t{line.strip()}\t")
    cell = re.match(r"\| (!?)`(.+?)` \| (.*) \|$", line)
    if cell and cell[1]:
        print(f"-\t{cell[2]}\t{cell[3]}")
    elif cell:
        print(f"+\t{cell[2]}\t")
