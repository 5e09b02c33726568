#!/bin/bash
# packaging/: what can be said of it without an engine for containers and without systemd as process 1.
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh

dockerfile=packaging/Dockerfile

# ---- the image ----

words() { tr -s ' \\\n' '\n' | sed '/^$/d' | sort; }

# installed_by STAGE: the packages that the stage's apt-get installs.
installed_by() {
    awk -v stage="$1" '/^FROM/ { n++ } n == stage' $dockerfile |
        sed -n '/apt-get install/,/&& rm/p' | sed 's/.*--no-install-recommends//; /&& rm/d' | words
}

is "$(installed_by 1 | grep -vxE 'nodejs|npm')" "$(sed -n '/^build="/,/"$/p' tools/deps | sed 's/build=//; s/"//g' | words)" \
    "the image is built with the packages that tools/deps names"

# The packages of the libraries that the program is linked with, without the compiler's own.
linked_packages() {
    local name
    readelf -d "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' |
        grep -vE '^(libc|libm|libgomp|libasan|libubsan)\.so|^ld-linux' | while read -r name; do
        dpkg-query -S "*/$name" | cut -d: -f1 | head -1
    done | sort -u
}

release=$(sed -n 's/^ID=//p' /etc/os-release):$(sed -n 's/^VERSION_ID="\(.*\)"/\1/p' /etc/os-release)
base=$(sed -n 's/^FROM \([a-z]*:[0-9]*\)-slim$/\1/p' $dockerfile)
if [[ $release == "$base" ]]; then
    is "$(comm -23 <(linked_packages) <(installed_by 2))" "" "the image has every library that the program is linked with"
else
    # Another release gives the same libraries other numbers: libpng16-16 and libpng16-16t64.
    stems() { sed -E 's/t64$//; s/[0-9.]+$//' | sort -u; }
    is "$(comm -23 <(linked_packages | stems) <(installed_by 2 | stems))" "" \
        "the image ($base) has every library that the program is linked with here ($release)"
fi
installed_by 2 | grep -qx libheif-plugin-libde265
ok $? "and the decoders that libheif loads at run time"

# ---- compose ----

if command -v docker-compose >/dev/null; then
    said=$(KEEPSAKE_TOKEN=t POSTGRES_PASSWORD=p PHOTOS=$work docker-compose -f packaging/compose.yaml config 2>&1)
    is "$?" 0 "compose.yaml is valid" || echo "# $said"
    like "$said" "PGPASSWORD: p"$'\n' "and the program has the database's password"
    said=$(KEEPSAKE_TOKEN='' POSTGRES_PASSWORD=p PHOTOS=$work docker-compose -f packaging/compose.yaml config 2>&1)
    like "$said" "set it in .env" "a token that is not set is told"
else
    skip "docker-compose is not installed"
fi

grep -qxF .env .gitignore
ok $? "the secrets in .env are not committed"
grep -qxF '**/.env' .dockerignore
ok $? "nor copied into the image"

# ---- the service ----

if command -v systemd-analyze >/dev/null; then
    sed "s|/usr/local/bin/keepsake|$program|" packaging/keepsake@.service >"$work/keepsake@.service"
    is "$(systemd-analyze verify --man=no "$work/keepsake@ana.service" 2>&1 | grep -F keepsake@)" "" \
        "systemd finds nothing wrong with the unit"
    said=$(systemd-analyze security --offline=yes --threshold=20 "$work/keepsake@ana.service" 2>&1)
    is "$?" 0 "and rates its exposure 2.0 or less" || echo "# ${said##*$'\n'}"
else
    skip "systemd-analyze is not installed"
fi

done_testing
