# SPDX-License-Identifier: MIT
# keepsake: the targets are the commands; `make help` lists them.
# MODE picks the build: release (default), debug, asan, tsan, coverage, fuzz; each has a folder build/MODE.

MODE ?= release
BUILD ?= build
B := $(BUILD)/$(MODE)
ifeq ($(origin CC),default)
CC := $(if $(filter fuzz,$(MODE)),clang,gcc)
endif
JOBS ?= $(shell nproc)
# Many tests wait for a server or a browser. Threads that wait must not spin: several tests run at the same time.
TEST_JOBS ?= $(shell expr $(JOBS) \* 2)
PROVE = OMP_WAIT_POLICY=passive prove -j$(TEST_JOBS) -e ''
TIME ?= 30
SHELL := /bin/bash
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:

VERSION := 0.1.0
# What the tree is, by git; no more than `keepsake version` is built again when that changes.
DESCRIBED := $(shell tools/version $(VERSION))
PREFIX ?= /usr/local
PACKAGES := sqlite3 libpq libcurl jansson libutf8proc libpng libwebp libwebpdemux libheif libturbojpeg libjpeg libtiff-4 libcrypto libmicrohttpd libsodium libseccomp zlib lcms2 expat

# ---- flags ----

WERROR ?= -Werror
WARN := -Wall -Wextra $(WERROR) -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings \
        -Wformat=2 -Wpointer-arith -Wundef -Wvla
# pkg-config is asked once, and only when something is compiled: `make deps` must work before it is there.
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(PACKAGES)))$(PKG_CFLAGS)
PKG_LIBS = $(eval PKG_LIBS := $$(shell pkg-config --libs $(PACKAGES)))$(PKG_LIBS)
BANNED := -include src/base/banned.h
PLAIN_CPPFLAGS = -D_GNU_SOURCE -DKEEPSAKE_VERSION='"$(VERSION)"' $(if $(filter release,$(MODE)),,-DKEEPSAKE_DUMPABLE) -Isrc $(PKG_CFLAGS)
PLAIN_CFLAGS := -std=gnu17 -g $(WARN) -fno-math-errno -fvisibility=hidden -pthread
PLAIN_LDLIBS = $(PKG_LIBS) -linih -lgif -ldnnl -lgomp -lm -pthread -ldl

FLAGS_release  := -O2
FLAGS_debug    := -O0
FLAGS_asan     := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FLAGS_tsan     := -O1 -fsanitize=thread
FLAGS_coverage := -O0 --coverage
FLAGS_fuzz     := -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all

comma := ,
# A word of a shell's command line.
quoted = '$(subst ','\'',$(1))'
# The compiler is asked which of the hardening flags it takes, once. The sanitizers' builds go without.
HARDENED := $(filter release debug,$(MODE))
HARD_CFLAGS = $(eval HARD_CFLAGS := $$(shell tools/hardening compile $$(CC)))$(HARD_CFLAGS)
HARD_FORTIFY = $(eval HARD_FORTIFY := $$(shell tools/hardening fortify $$(CC)))$(HARD_FORTIFY)
HARD_LDFLAGS = $(eval HARD_LDFLAGS := $$(shell tools/hardening link $$(CC)))$(HARD_LDFLAGS)
# The folder it is built in is not named in the program: the same tree gives the same bytes anywhere.
NO_PATHS = -ffile-prefix-map=$(call quoted,$(CURDIR))=.
# Without optimisation FORTIFY is only a warning, under a sanitizer it hides, and the caller's own comes first.
OPTIMISATION := $(lastword $(filter -O%,$(FLAGS_$(MODE)) $(CPPFLAGS) $(CFLAGS)))
UNFORTIFIED := $(filter -O0,$(OPTIMISATION))$(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS))$(findstring -fsanitize,$(CFLAGS))

# CPPFLAGS, CFLAGS, LDFLAGS and LDLIBS are the caller's, from the environment or the command line; they come
# after what the build cannot do without, so that theirs win. WERROR= builds where a compiler warns of more.
ALL_CPPFLAGS = $(PLAIN_CPPFLAGS) $(if $(HARDENED),$(if $(UNFORTIFIED),,$(HARD_FORTIFY))) $(CPPFLAGS)
ALL_CFLAGS = $(PLAIN_CFLAGS) $(FLAGS_$(MODE)) $(if $(HARDENED),$(HARD_CFLAGS) $(NO_PATHS)) $(CFLAGS)
ALL_LDFLAGS = $(FLAGS_$(MODE)) $(if $(HARDENED),$(HARD_LDFLAGS)) $(LDFLAGS)
ALL_LDLIBS = $(PLAIN_LDLIBS) $(LDLIBS)
# What was built with other flags is built again.
CALLER := $(strip $(filter-out ccache,$(CC)) $(WERROR) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $(LDLIBS))

# The file name is the instruction set: kernels/*_avx2.c is built for AVX2, and only it.
ISA_avx2 := -mavx2 -mfma -mf16c
ISA_avx512 := -mavx512f -mavx512bw -mavx512vl -mavx512dq -mavx512vnni -mfma -mf16c
isa = $(foreach i,avx2 avx512,$(if $(filter %_$(i).c,$(1)),$(ISA_$(i))))

# ---- files ----

SOURCES := $(sort $(wildcard src/*/*.c src/*/*/*.c))
HEADERS := $(sort $(wildcard src/*/*.h src/*/*/*.h))
LIB_OBJECTS := $(patsubst src/%.c,$(B)/obj/%.o,$(filter-out src/cli/main.c,$(SOURCES)))
# The page, bundled and embedded; tried again while it had to be left out.
WEB_FILES := $(shell find web -name node_modules -prune -o -type f -print)
WEB_SCRIPTS := $(filter %.js %.mjs,$(WEB_FILES))
WEB_ASSETS := $(BUILD)/web/assets.c
# The names of places, packed and embedded; tried again while they had to be left out.
PLACES := $(BUILD)/places/places.c
LIB_OBJECTS += $(B)/obj/web/assets.o $(B)/obj/places/table.o
LIBRARY := $(B)/libkeepsake.a
PROGRAM := $(B)/bin/keepsake
UNIT_TESTS := $(sort $(wildcard tests/unit/test_*.c tests/faults/test_*.c))
SCRIPT_TESTS := $(sort $(wildcard tests/*/*.t))
# Programs that test scripts run.
TEST_HELPERS := $(patsubst tests/%.c,%,$(sort $(wildcard tests/llm/*.c tests/cage/*.c tests/server/*.c)))
FUZZ_TARGETS := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
BENCHES := $(patsubst bench/%.c,$(B)/bench/%,$(sort $(wildcard bench/bench_*.c)))
SCRIPTS := $(sort $(wildcard tools/* bench/* tests/*/*.sh tests/*/*.t .ci/run))
FORMATTED := $(SOURCES) $(HEADERS) $(wildcard tests/*.h tests/*/*.[ch] bench/*.[ch])

##@ The two commands
demo: deps-build ## install what it needs, build, index real photos (or PHOTOS=DIR), search them
	@$(MAKE) -j$(JOBS) all
	@PHOTOS="$(PHOTOS)" tools/demo

check: deps-check ## install what it needs, build, lint, run every test, also under the sanitizers
	@$(MAKE) -j$(JOBS) lint build-tests check-asan check-tsan
	@$(PROVE) --timer $(call by_weight,$(call listed,release) $(call listed,asan) $(call listed,tsan))

##@ Build
all: $(PROGRAM) $(B)/share/keepsake/models keepsake ## build the program: ./keepsake (MODE=release|debug|asan|tsan|coverage)
	@:

$(B)/obj/%.o: src/%.c $(B)/flags
	@mkdir -p $(@D)
	@echo "CC $(MODE) $<"
	@$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(call isa,$<) $(BANNED) -MMD -MP -c $< -o $@

$(B)/obj/web/assets.o: $(WEB_ASSETS) $(B)/flags
	@mkdir -p $(@D)
	@$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(BANNED) -c $< -o $@

$(WEB_ASSETS): $(WEB_FILES) tools/build-web $(if $(shell grep -s 'page is left out' $(WEB_ASSETS)),left-out)
	@tools/build-web $(@D)
left-out:

$(B)/obj/places/table.o: $(PLACES) $(B)/flags
	@mkdir -p $(@D)
	@$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(BANNED) -c $< -o $@

$(PLACES): places/build.mjs places/package-lock.json src/places/places_table.h tools/build-places $(if $(shell grep -s 'places are left out' $(PLACES)),left-out)
	@tools/build-places $(@D)

$(B)/obj/server/openapi.o: src/server/openapi.json

$(B)/obj/cli/cmd_version.o: $(B)/described
$(B)/obj/cli/cmd_version.o: private PLAIN_CPPFLAGS += -DKEEPSAKE_BUILD='"$(DESCRIBED)"'
$(B)/described: $(if $(subst x$(DESCRIBED)x,,x$(file <$(B)/described)x),other-version)
	@mkdir -p $(@D) && printf '%s\n' '$(DESCRIBED)' >$@
other-version:

$(B)/flags: $(if $(subst x$(CALLER)x,,x$(file <$(B)/flags)x),other-flags)
	@tools/check-packages $(call quoted,$(CC)) $(PACKAGES)
	@mkdir -p $(@D) && printf '%s\n' $(call quoted,$(CALLER)) >$@
other-flags:

$(LIBRARY): $(LIB_OBJECTS)
	@rm -f $@
	@$(AR) rcs $@ $^

# Libraries that most commands do not use are loaded when they are needed (src/base/late_link.h).
LATE := $(if $(filter release,$(MODE)),$(if $(filter x86_64-%linux-gnu,$(shell $(CC) -dumpmachine 2>/dev/null)),$(B)/late/late_link.o))
$(B)/late/late_table.inc: $(B)/obj/cli/main.o $(LIBRARY) tools/late-link
	@mkdir -p $(@D)
	@tools/late-link $(call quoted,$(CC)) $(filter %.o %.a,$^) >$@

$(B)/late/late_link.o: tools/late_link.c $(B)/late/late_table.inc
	@$(CC) $(ALL_CPPFLAGS) -I$(@D) $(ALL_CFLAGS) -c $< -o $@

$(PROGRAM): $(B)/obj/cli/main.o $(LATE) $(LIBRARY)
	@mkdir -p $(@D)
	@echo "LINK $@"
	@$(CC) $(ALL_LDFLAGS) $(if $(LATE),-Wl$(comma)--as-needed) $^ $(ALL_LDLIBS) -o $@

# A program that needs every library that ours may load, for debian/rules, which asks what that depends on.
$(B)/late/needed: | $(B)/flags
	@mkdir -p $(@D)
	@echo 'int main(void) { return 0; }' | $(CC) -x c - -Wl,--no-as-needed $(ALL_LDLIBS) -o $@

# The program finds its data beside itself (../share/keepsake), installed or not.
$(B)/share/keepsake/models: | $(B)/flags
	@mkdir -p $(@D)
	@ln -sfn $(call quoted,$(CURDIR)/models) $@

keepsake: $(if $(filter release,$(MODE)),$(PROGRAM))
	@ln -sfn $(BUILD)/release/bin/keepsake $@

# As root it builds nothing, which would leave files of root in the tree.
install: $(if $(SUDO_USER),,all) ## install into PREFIX (default /usr/local), below DESTDIR
	@[ -x $(PROGRAM) ] || { echo "install: build it first, as yourself: make all" >&2; exit 1; }
	@PREFIX=$(call quoted,$(PREFIX)) DESTDIR=$(call quoted,$(DESTDIR)) PROGRAM=$(PROGRAM) tools/install
	@if grep -qs 'page is left out' $(WEB_ASSETS); then \
	    echo "install: WITHOUT the page of keepsake serve, which needs npm to be built: see above" >&2; fi
	@if grep -qs 'places are left out' $(PLACES); then \
	    echo "install: WITHOUT the names of places, which need npm to be built: see above" >&2; fi

uninstall: ## remove what `make install` put into PREFIX; galleries and models of users stay
	@PREFIX=$(call quoted,$(PREFIX)) DESTDIR=$(call quoted,$(DESTDIR)) tools/install --remove

deps: deps-check deps-bench ## install everything any target needs (Debian 12 or 13)
deps-%:
	@tools/deps $*
	@tools/npm-packages web || echo "deps: the page of keepsake serve will be left out" >&2
	@tools/npm-packages places || echo "deps: the names of places will be left out" >&2
	@case $* in check | bench) tools/npm-packages tests || echo "deps: the tests that need npm's packages will be skipped" >&2 ;; esac
	@case $* in check | bench) tools/pgvector || echo "deps: the tests of PostgreSQL will be skipped" >&2 ;; esac

clean: ## remove what was built
	rm -rf $(BUILD) keepsake

##@ Tests
# What prove runs: programs, scripts, and for asan and tsan the same scripts with that build's program.
TSAN_TESTS := test_store_changes test_vectors_changes test_queue test_server_limits test_server_stop test_server_threads test_store_threads test_vectors_threads test_indexer $(if $(KEEPSAKE_TEST_LONG),test_indexer_faults) test_indexer_claims test_indexer_structures test_clip test_blob_cache test_thumbs test_indexer_thumbs
# What AddressSanitizer cannot judge, or sees in other tests; make check-long also runs them under it:
# Chromium drives routes that tests/server drives; packages and the stand-in are no code of the program;
# streams are read in tests/llm/faults.t and by fuzz targets; reconnecting is in tests/store/postgres.t; the shim
# of tests/faults has no place beside a sanitizer; several index runs use a gallery in indexers_file.t, and PostgreSQL in
# contract_postgres.t; what nginx adds to a request is read in test_server_client; the split gallery's statements, what is printed, the commands of docs and what a dry run shows
# are code of tests that run under it.
ASAN_LEAVES_OUT := $(if $(KEEPSAKE_TEST_LONG),,tests/web/%.t tests/cli/packaging.t tests/llm/stand_in_sdk.t \
    tests/llm/same_as_sdk.t tests/llm/wire.t tests/store/index_restart.t tests/store/scale.t tests/cli/output.t tests/ask/dry_run.t \
    tests/store/indexers.t tests/server/proxy.t \
    tests/store/docs_postgres.t tests/faults/%.t)
ASAN_SCRIPTS := $(filter-out $(ASAN_LEAVES_OUT),$(SCRIPT_TESTS))
# What drives the server's threads, with the program of that build.
TSAN_SCRIPTS := tests/server/load.t tests/server/stop.t
# A power cut is tested in the release build; its calls also fail under a sanitizer in test_io_errors.
test_programs = $(patsubst tests/%.c,$(BUILD)/$(1)/tests/%,$(if $(filter tsan,$(1)),$(filter $(TSAN_TESTS:%=tests/unit/%.c),$(UNIT_TESTS)),$(if $(filter asan,$(1)),$(filter-out tests/faults/test_power_cut.c,$(UNIT_TESTS)),$(UNIT_TESTS))))
listed = $(call test_programs,$(1)) $(if $(filter release,$(1)),$(SCRIPT_TESTS)) \
         $(if $(filter asan,$(1)),$(ASAN_SCRIPTS:%=$(BUILD)/asan/%) $(FUZZ_TARGETS:%=$(BUILD)/asan/tests/fuzz/%.t)) \
         $(if $(filter tsan,$(1)),$(TSAN_SCRIPTS:%=$(BUILD)/tsan/%))
# The longest first, so that none runs alone at the end.
SLOWEST := tests/store/scale.t tests/store/indexers.t tests/store/contract_postgres.t tests/unit/test_torture tests/web/monkey.t tests/web/many.t \
    tests/store/postgres.t tests/ask/faults.t tests/llm/faults.t tests/server/attacks.t tests/server/load.t tests/server/ask.t \
    tests/llm/same_as_sdk.t tests/ask/providers.t tests/ask/consent.t tests/ask/interrupt.t tests/ask/conversation.t \
    tests/cli/output.t tests/web/settings.t tests/web/access.t tests/web/ask.t tests/web/photos.t tests/web/states.t tests/web/search.t \
    tests/store/indexers_file.t tests/unit/test_indexer_faults tests/unit/test_indexer_thumbs \
    tests/web/viewer.t tests/ask/dry_run.t tests/unit/test_strength tests/unit/test_question tests/store/index_restart.t \
    tests/unit/test_transfer tests/unit/test_clip_weights tests/server/index.t
by_weight = $(foreach t,$(SLOWEST),$(filter $(t) %/$(t),$(1))) $(filter-out $(SLOWEST) $(addprefix %/,$(SLOWEST)),$(1))

build-tests: all $(call test_programs,$(MODE)) $(TEST_HELPERS:%=$(B)/tests/%) $(if $(filter release,$(MODE)),$(B)/tests/faults/shim.so) $(if $(filter asan,$(MODE)),$(SCRIPT_TESTS:%=$(B)/%)) \
             $(if $(filter tsan,$(MODE)),$(TSAN_SCRIPTS:%=$(B)/%))
build-fuzz: $(FUZZ_TARGETS:%=$(B)/tests/fuzz/%.t)
# The other builds of check, beside lint and the first one; the page is bundled once, for all of them.
check-asan check-tsan: check-%: $(WEB_ASSETS) $(PLACES)
	@$(MAKE) MODE=$* build-tests $(if $(filter asan,$*),build-fuzz)

test: build-tests ## run the tests of one build only (MODE=...), or one of them: T=tests/unit/test_text
	@$(PROVE) $(if $(T),$(if $(filter %.t,$(T)),$(T),$(T:%=$(B)/%)),$(call by_weight,$(call listed,$(MODE))))

asan: ## the tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@$(MAKE) -j$(JOBS) MODE=asan build-tests build-fuzz
	@$(PROVE) $(call by_weight,$(call listed,asan))

tsan: ## the tests of what has threads, under ThreadSanitizer
	@$(MAKE) -j$(JOBS) MODE=tsan test

coverage: deps-coverage ## which lines the tests reach: build/coverage/report/index.html
	@$(MAKE) -j$(JOBS) MODE=coverage test
	lcov -q -c -d $(BUILD)/coverage/obj -b . --no-external -o $(BUILD)/coverage/lines.info
	genhtml -q -o $(BUILD)/coverage/report $(BUILD)/coverage/lines.info | tail -3

check-long: deps-bench ## what takes too long for check: every repetition, a B/32 of random weights, long runs, fuzzing (TIME seconds a target), Debian 13
	@$(MAKE) KEEPSAKE_TEST_LONG=1 check
	@tools/check-b32
	@$(MAKE) check-soak
	@$(MAKE) fuzz
	@$(MAKE) check-debian13
	@$(MAKE) check-deb

check-soak: all ## twenty minutes of index, search and questions in turns; a million photos in one folder
	@KEEPSAKE_SOAK_S=$(or $(SOAK_S),1200) prove -v tests/long/soak.t
	@KEEPSAKE_FOLDER_FILES=$(or $(FOLDER_FILES),1000000) prove -v tests/long/folder.t

check-deb: deps-check ## build the Debian packages in a fresh Debian 13 folder, install and run them (needs root)
	@tools/check-deb

check-debian13: deps-check ## build and test in a Debian 13 folder (debootstrap, needs root)
	@tools/check-debian13

fuzz: deps-check ## libFuzzer on every target, TIME seconds each (30)
	@$(MAKE) -j$(JOBS) MODE=fuzz $(FUZZ_TARGETS:%=$(BUILD)/fuzz/fuzz_%)
	@for t in $(FUZZ_TARGETS); do echo "== $$t"; mkdir -p $(BUILD)/fuzz/found/$$t; \
	    $(BUILD)/fuzz/fuzz_$$t -max_total_time=$(TIME) -rss_limit_mb=4096 -timeout=20 -print_final_stats=1 \
	    -artifact_prefix=$(BUILD)/fuzz/found/$$t- $(BUILD)/fuzz/found/$$t tests/fuzz/corpus/$$t \
	    > $(BUILD)/fuzz/$$t.log 2>&1 || { tail -40 $(BUILD)/fuzz/$$t.log; exit 1; }; \
	    grep -E 'number_of_executed_units' $(BUILD)/fuzz/$$t.log; done

# For test programs that are keepsake, with something besides.
$(B)/tests/share: | $(B)/share/keepsake/models
	@mkdir -p $(@D)
	@ln -sfn ../share $@

$(B)/tests/%: tests/%.c $(LIBRARY) | $(B)/share/keepsake/models $(B)/tests/share
	@mkdir -p $(@D)
	@echo "CC $(MODE) $<"
	@$(CC) $(ALL_CPPFLAGS) -Itests $(ALL_CFLAGS) $(ALL_LDFLAGS) -MMD -MP -MF $@.d -MT $@ $< $(LIBRARY) $(ALL_LDLIBS) -o $@

# Tests over the faulty VFS of SQLite.
FAULT_SOURCES := tests/faults/fault_vfs.c tests/faults/scenarios.c
$(B)/tests/faults/test_%: tests/faults/test_%.c $(FAULT_SOURCES) $(wildcard tests/faults/*.h tests/*.h) $(LIBRARY)
	@mkdir -p $(@D)
	@echo "CC $(MODE) $<"
	@$(CC) $(ALL_CPPFLAGS) -Itests $(ALL_CFLAGS) $(ALL_LDFLAGS) $< $(FAULT_SOURCES) $(LIBRARY) $(ALL_LDLIBS) -o $@

$(B)/tests/faults/shim.so: tests/faults/shim.c
	@mkdir -p $(@D)
	@echo "CC $(MODE) $<"
	@$(CC) $(ALL_CPPFLAGS) -std=gnu17 -O1 -g $(WARN) -Wno-missing-prototypes -fPIC -shared $< -o $@

# oneDNN, its threads and what they wait for are built without ThreadSanitizer, which would take their work
# for races with ours (nn/parallel.c); locks and memory of other libraries are still seen.
SCRIPT_ENVIRONMENT := $(if $(filter tsan,$(MODE)),TSAN_OPTIONS="ignore_noninstrumented_modules=1 $$TSAN_OPTIONS" )
$(B)/tests/%.t: tests/%.t
	@mkdir -p $(@D)
	@printf '#!/bin/sh\n%sKEEPSAKE_BUILD=%s KEEPSAKE=%s exec %s\n' '$(SCRIPT_ENVIRONMENT)' '$(B)' '$(PROGRAM)' $< > $@
	@chmod +x $@

$(B)/tests/fuzz/%.t: $(B)/tests/fuzz/regress_% | tests/fuzz/corpus/%
	@printf '#!/bin/sh\nexec %s %s\n' $< tests/fuzz/corpus/$* > $@
	@chmod +x $@

$(B)/tests/fuzz/regress_%: tests/fuzz/fuzz_%.c tests/fuzz/regress.c $(LIBRARY)
	@mkdir -p $(@D)
	@echo "CC $(MODE) $<"
	@$(CC) $(ALL_CPPFLAGS) -Itests $(ALL_CFLAGS) -Wno-missing-prototypes $(ALL_LDFLAGS) $< tests/fuzz/regress.c $(LIBRARY) $(ALL_LDLIBS) -o $@

$(B)/fuzz_%: tests/fuzz/fuzz_%.c $(LIBRARY)
	@$(CC) $(ALL_CPPFLAGS) -Itests $(ALL_CFLAGS) -Wno-missing-prototypes $(ALL_LDFLAGS) -fsanitize=fuzzer $< $(LIBRARY) $(ALL_LDLIBS) -o $@

##@ Lint
LINT := $(BUILD)/lint
$(LINT)/openapi.json: $(B)/tests/server/print_openapi
	@mkdir -p $(@D)
	@$< >$@
lint: $(LINT)/openapi.json $(FORMATTED:%=$(LINT)/%.format) $(SOURCES:%=$(LINT)/%.clang) $(LINT)/beside.clang $(SCRIPTS:%=$(LINT)/%.shell) $(WEB_SCRIPTS:%=$(LINT)/%.node) ## layers, includes, caps, words, format, warnings of gcc and clang, shellcheck, the page's types and ESLint
	@tools/check-layers
	@tools/check-includes
	@tools/check-size
	@tools/check-words
	@tools/check-spdx
	@tools/lint-web $(LINT)
	@CC="$(CC)" CPPFLAGS='$(PLAIN_CPPFLAGS)' tools/check-headers
	@echo "lint: good"

# The format is that of clang-format 14 (Debian 12); other versions lay out a few things differently.
$(LINT)/%.format: %
	@mkdir -p $(@D)
	@if clang-format --version | grep -q ' 14\.'; then clang-format --dry-run -Werror $<; fi
	@touch $@

$(LINT)/%.c.clang: %.c $(HEADERS)
	@mkdir -p $(@D)
	@clang $(PLAIN_CPPFLAGS) $(PLAIN_CFLAGS) $(call isa,$<) $(BANNED) -O1 -fsyntax-only $<
	@touch $@

# Tests and benchmarks, which the sources do not know.
BESIDE := $(filter tests/%.c bench/%.c,$(FORMATTED))
$(LINT)/beside.clang: $(BESIDE) $(HEADERS)
	@mkdir -p $(@D)
	@for file in $(BESIDE); do \
		case $$file in tests/fuzz/*) fuzz=-Wno-missing-prototypes ;; *) fuzz= ;; esac; \
		clang $(PLAIN_CPPFLAGS) -Itests -Ibench $(PLAIN_CFLAGS) $$fuzz -O1 -fsyntax-only $$file || exit 1; \
	done
	@touch $@

$(LINT)/%.shell: %
	@mkdir -p $(@D)
	@if head -1 $< | grep -qE '^#!.*\b(ba|da)?sh\b' || [[ $< == *.sh ]]; then shellcheck -x $<; fi
	@touch $@

$(LINT)/%.node: %
	@mkdir -p $(@D)
	@if command -v node >/dev/null; then node --check $<; fi
	@touch $@

format: ## clang-format every source file
	clang-format -i $(FORMATTED)

##@ Measure
bench: deps-bench ## print the figures of docs/figures.md (minutes)
	@$(MAKE) -j$(JOBS) all $(BENCHES)
	@tools/bench

bench-compare: deps-bench ## measure BASE=rev and this tree in turns, and say what differs beyond noise
	@bench/compare $(call quoted,$(BASE))

$(B)/bench/%: bench/%.c $(LIBRARY)
	@mkdir -p $(@D)
	@echo "CC $(MODE) $<"
	@$(CC) $(ALL_CPPFLAGS) -Ibench $(ALL_CFLAGS) $(ALL_LDFLAGS) -MMD -MP -MF $@.d -MT $@ $< $(LIBRARY) $(ALL_LDLIBS) -o $@

##@ Help
help: ## list the targets
	@awk 'BEGIN { FS = ":.*## " } /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	    /^[a-z0-9-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

-include $(shell find $(B) -name '*.d' 2>/dev/null)

.PHONY: all demo check install uninstall deps clean build-tests build-fuzz test asan tsan coverage check-long \
        check-asan check-tsan check-soak check-deb check-debian13 fuzz lint format bench bench-compare help left-out other-flags other-version
