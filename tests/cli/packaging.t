#!/bin/bash
# SPDX-License-Identifier: MIT
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

# The packages of the libraries that the program is linked with or loads, without the compiler's own.
linked_packages() {
    local name
    {
        readelf -d "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'
        sed -n 's/^LIBRARY("\(.*\)",.*/\1/p' "${program%/*}/../late/late_table.inc" 2>/dev/null # what it loads late
    } | grep -vE '^(libc|libm|libgomp|libasan|libubsan)\.so|^ld-linux' | while read -r name; do
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

# ---- libraries that are loaded when they are needed ----

late=${program%/*}/../late/late_table.inc
if [[ $program == */release/bin/keepsake && -s $late ]]; then
    sed -n 's/^LIBRARY("\(.*\)",.*/\1/p' "$late" | sort >"$work/late"
    grep -q '^libheif\.so' "$work/late"
    ok $? "the codecs are loaded when they are needed"
    is "$(readelf -d "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort | comm -12 - "$work/late")" "" \
        "and not when the program starts"
    is "$(LD_DEBUG=files "$program" help 2>&1 | grep -c 'calling init:.*\(libcurl\|libpq\|libheif\)')" 0 "nor by a command that has no use for them"
else
    skip "this build is linked with all libraries"
fi

# ---- compose ----

# Earlier versions of pgvector may damage an index: 0.8.3 and 0.8.4 (hnsw), 0.8.7 (ivfflat).
image=$(sed -n 's|^ *image: pgvector/pgvector:||p' packaging/compose.yaml)
like "$image" "^[0-9.]+-pg[0-9]+-trixie\$" "the database is on Debian 13"
is "$(printf '%s\n' 0.8.7 "${image%%-*}" | sort -V | head -1)" 0.8.7 "... with a pgvector of 0.8.7 or later"

if command -v docker-compose >/dev/null; then
    said=$(KEEPSAKE_TOKEN=t POSTGRES_PASSWORD=p PHOTOS=$work docker-compose -f packaging/compose.yaml config 2>&1)
    is "$?" 0 "compose.yaml is valid" || echo "# $said"
    like "$said" "PGPASSWORD: p"$'\n' "and the program has the database's password"
    said=$(COMPOSE_PROFILES=ollama KEEPSAKE_TOKEN=t POSTGRES_PASSWORD=p PHOTOS=$work docker-compose -f packaging/compose.yaml config 2>&1)
    like "$said" "image: ollama/ollama" "its profile has a model beside it"
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
    sed "s|/usr/local/bin/keepsake|$program|" packaging/keepsake.service >"$work/keepsake.service"
    is "$(systemd-analyze --user verify --man=no "$work/keepsake.service" 2>&1 | grep -F keepsake.service)" "" \
        "nor with that of a user"
    said=$(systemd-analyze security --offline=yes --threshold=20 "$work/keepsake@ana.service" 2>&1)
    is "$?" 0 "and rates its exposure 2.0 or less" || echo "# ${said##*$'\n'}"
else
    skip "systemd-analyze is not installed"
fi

# What a service of Type=notify says, to a socket as systemd has it.
few_pictures
"$program" -q index "$work/photos" >/dev/null
told=$(perl -MIO::Socket::INET -MIO::Socket::UNIX -MSocket -e '
    my ($name, $program) = @ARGV;
    my $child;
    $SIG{ALRM} = sub { kill KILL => $child; die "it said nothing\n" };
    alarm 120;
    my $manager = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $name) or die "$name: $!";
    $ENV{NOTIFY_SOCKET} = $name;
    my $free = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1");
    my $port = $free->sockport;
    close $free;
    $child = fork // die;
    if (!$child) {
        open STDOUT, ">", "/dev/null";
        open STDERR, ">", "/dev/null";
        exec $program, "serve", "--port", $port or exit 1;
    }
    for my $then (sub { kill TERM => $child }, sub { waitpid $child, 0; print "status ", $? >> 8 }) {
        $manager->recv(my $said, 4096);
        print join(",", split /\n/, $said), " ";
        $then->();
    }' "$work/notify" "$program" 2>&1)
is "$told" "READY=1,STATUS=serving STOPPING=1,STATUS=finishing requests in progress status 0" \
    "serve tells its manager when it listens and when it stops"

# ---- install and uninstall ----

if [[ $program == */release/bin/keepsake ]]; then
    export PREFIX=/opt/keepsake DESTDIR=$work/root PROGRAM=$program
    tools/install
    is "$?" 0 "it is installed"
    at=$DESTDIR$PREFIX
    is "$(HOME=$work/home "$at/bin/keepsake" model path)" "$at/share/keepsake/models/mini" "and finds its model there"
    for file in share/man/man1/keepsake.1 share/doc/keepsake/LICENSE share/doc/keepsake/docs/serve.md \
        share/bash-completion/completions/keepsake share/zsh/site-functions/_keepsake share/fish/vendor_completions.d/keepsake.fish; do
        [[ -s $at/$file ]]
        ok $? "with $file"
    done
    is "$(sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' "$at"/lib/systemd/*/keepsake*.service | sort -u)" $PREFIX/bin/keepsake "units that start it"
    touch "$at/share/keepsake/mine"
    tools/install --remove
    is "$(find "$DESTDIR" ! -type d)" "$at/share/keepsake/mine" "and is taken away, but what it did not bring"
    unset PREFIX DESTDIR PROGRAM
fi
is "$(SUDO_USER=ana make -s install BUILD="$work/unbuilt" 2>&1 | head -1)" "install: build it first, as yourself: make all" \
    "sudo make install builds nothing as root"
like "$(make BUILD="$work/unbuilt" PKG_CONFIG_LIBDIR=/nowhere all 2>&1)" "cannot be built yet, these are missing: sqlite3 .*run .make deps-build. first" \
    "without its packages make says what to run"

done_testing
