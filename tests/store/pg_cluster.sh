# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# A PostgreSQL cluster of its own for one test script, in a temporary folder, on a Unix socket only.
#   . tests/store/pg_cluster.sh
#   cluster_start            says SKIP and exits where there is no server with pgvector
#   cluster_url [SCHEMA]     the gallery in that schema of database "gallery"
#   cluster_sql 'SELECT 1'   as superuser
#   cluster_restart, cluster_stop, cluster_continue
# Everything is removed when the script ends.
# shellcheck source=tests/sanitized.sh
. tests/sanitized.sh
# shellcheck source=tests/wait.sh
. tests/wait.sh

cluster_skip() {
    echo "1..0 # SKIP $1"
    exit 0
}

# PostgreSQL refuses to run as root.
cluster_as_owner() {
    if [ "$(id -u)" = 0 ]; then (cd / && runuser -u "$cluster_owner" -- "$@"); else "$@"; fi
}

cluster_ctl() {
    cluster_as_owner "$cluster_bin/pg_ctl" -s -w -D "$cluster_folder/data" -l "$cluster_folder/log" \
        -o "-c listen_addresses= -c unix_socket_directories=$cluster_folder -c port=5432 $cluster_settings" "$@"
}

cluster_remove() {
    cluster_ctl -m immediate stop >/dev/null 2>&1
    if mountpoint -q "$cluster_folder/disk"; then umount "$cluster_folder/disk"; fi # a test that died
    rm -rf "$cluster_folder"
}

# A new cluster as a copy of one that the first who asks makes: build/postgres/VERSION.
cluster_make() { # FOLDER
    local made
    made=${BUILD:-build}/postgres/$("$cluster_bin/initdb" --version | tr -cd '0-9.')
    mkdir -p "${made%/*}" # the owner of the files need not be able to reach it: the copy is made by us
    (
        flock 9
        [ -d "$made" ] || {
            folder=$(mktemp -d /tmp/keepsake-pg-XXXXXX) && chmod 755 "$folder" || exit 1
            trap 'rm -rf "$folder"' EXIT
            [ "$(id -u)" != 0 ] || chown "$cluster_owner" "$folder"
            cluster_as_owner "$cluster_bin/initdb" -D "$folder/data" -U keepsake -A trust -E UTF8 \
                --locale=C --no-sync && cp -a "$folder/data" "$made.new" && mv "$made.new" "$made"
        }
    ) 9>"$made.lock" && cp -a "$made" "$1"
}

cluster_find() { # says SKIP where there is no server
    cluster_bin=$(tools/pgvector --bindir) ||
        cluster_skip "no PostgreSQL server with pgvector is installed: tools/pgvector installs one"
    cluster_owner=postgres
    id postgres >/dev/null 2>&1 || cluster_owner=nobody
}

cluster_start() {
    cluster_find
    cluster_settings="-c fsync=off -c max_connections=50 -c shared_buffers=${CLUSTER_BUFFERS:-64MB} ${CLUSTER_SETTINGS:-}"
    cluster_folder=$(mktemp -d /tmp/keepsake-pg-XXXXXX)
    trap cluster_remove EXIT
    trap 'exit 1' INT TERM
    chmod 755 "$cluster_folder"
    [ "$(id -u)" != 0 ] || chown "$cluster_owner" "$cluster_folder"
    if ! cluster_make "$cluster_folder/data" >"$cluster_folder/initdb.log" 2>&1 || ! cluster_ctl start; then
        sed 's/^/# /' "$cluster_folder/initdb.log" "$cluster_folder/log" 2>/dev/null
        cluster_skip "a PostgreSQL cluster cannot be started here"
    fi
    export PGHOST=$cluster_folder PGUSER=keepsake PGDATABASE=gallery
    unset PGPORT PGPASSWORD PGSERVICE PGOPTIONS
    "$cluster_bin/createdb" gallery
}

cluster_url() { echo "postgresql://keepsake@/gallery?host=$cluster_folder${1:+&options=-csearch_path%3D$1}"; }
cluster_sql() { "$cluster_bin/psql" -XAtq -v ON_ERROR_STOP=1 -c "$1"; }
cluster_restart() { cluster_ctl -m "${1:-fast}" restart; }
cluster_stop() { cluster_ctl -m "${1:-fast}" stop; }
cluster_continue() { cluster_ctl start; }
