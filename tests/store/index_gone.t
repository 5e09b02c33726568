#!/bin/bash
# SPDX-License-Identifier: MIT
# Disks that go and edits that hide, with a gallery in PostgreSQL.
# shellcheck source=tests/cli/gone_scenes.sh
. tests/cli/gone_scenes.sh
in_namespace "$0" "$@"
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
# shellcheck source=tests/store/pg_cluster.sh
. tests/store/pg_cluster.sh
cluster_start
trap 'cluster_remove; rm -rf "$work"' EXIT

gone_scenes "$(cluster_url gone)"
edit_scenes "$(cluster_url edits)"
done_testing
