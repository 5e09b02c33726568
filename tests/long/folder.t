#!/bin/bash
# SPDX-License-Identifier: MIT
# Very many photos in one folder: some thousand, or KEEPSAKE_FOLDER_FILES.
# shellcheck source=tests/server/lib.sh
. tests/server/lib.sh
[[ ${KEEPSAKE_BUILD:-} != *san ]] || skip_all "a sanitizer needs more memory than is allowed here"
exec node tests/long/folder.mjs
