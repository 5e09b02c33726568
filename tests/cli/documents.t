#!/bin/bash
# SPDX-License-Identifier: MIT
# What SECURITY.md and docs/reliability.md name is there: tests, sources, commands.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # backticks of Markdown
. tests/cli/lib.sh

# A name without a folder is in the folder of the one before it.
missing=
folder=
count=0
while read -r name; do
    if [[ $name == */* ]]; then folder=${name%/*}; else name=$folder/$name; fi
    count=$((count + 1))
    [[ -e $name ]] || missing+=" $name"
done < <(cat SECURITY.md docs/reliability.md | grep -oE '`[a-z_0-9/.]+`' | tr -d '\140' | grep -E '^(tests|src)/|^test_[a-z_0-9]+\.c$')
is "$missing" "" "each of the $count tests and sources that they name is there"
[[ $count -gt 40 ]]
ok $? "which are all that the table has"

for file in README.md ARCHITECTURE.md; do
    grep -q 'docs/reliability\.md' $file && grep -q 'SECURITY\.md' $file
    ok $? "$file leads to both"
done
done_testing
