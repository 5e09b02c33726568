# keepsake: the targets are the commands. `make help` lists them.
# MODE picks the build: release (default), debug, asan, tsan, coverage; each has its own folder build/MODE.

MODE ?= release
BUILD ?= build
B := $(BUILD)/$(MODE)
ifeq ($(origin CC),default)
CC := gcc
endif
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:

VERSION := 0.1.0
PREFIX ?= /usr/local
PACKAGES := sqlite3 libcurl jansson libutf8proc libpng libwebp libwebpdemux libheif libturbojpeg libtiff-4 libcrypto inih

WARN := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings \
        -Wformat=2 -Wpointer-arith -Wundef -Wvla
CPPFLAGS := -D_GNU_SOURCE -DKEEPSAKE_VERSION='"$(VERSION)"' -Isrc $(shell pkg-config --cflags $(PACKAGES))
CFLAGS := -std=gnu17 -g $(WARN) -fno-math-errno -fvisibility=hidden -pthread
LDLIBS := $(shell pkg-config --libs $(PACKAGES)) -lgif -ldnnl -lgomp -lm -pthread
BANNED := -include src/base/banned.h

FLAGS_release  := -O2
FLAGS_debug    := -O0
FLAGS_asan     := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FLAGS_tsan     := -O1 -fsanitize=thread
FLAGS_coverage := -O0 --coverage
CFLAGS += $(FLAGS_$(MODE))
LDFLAGS += $(FLAGS_$(MODE))

# The file name is the instruction set: kernels/*_avx2.c is built for AVX2, and only it.
ISA_avx2 := -mavx2 -mfma -mf16c
ISA_avx512 := -mavx512f -mavx512bw -mavx512vl -mavx512dq -mavx512vnni -mfma -mf16c
isa = $(foreach i,avx2 avx512,$(if $(filter %_$(i).c,$(1)),$(ISA_$(i))))

SOURCES := $(sort $(wildcard src/*/*.c))
CLI_SOURCES := $(filter src/cli/main.c,$(SOURCES))
LIB_OBJECTS := $(patsubst src/%.c,$(B)/obj/%.o,$(filter-out $(CLI_SOURCES),$(SOURCES)))
LIBRARY := $(B)/libkeepsake.a
PROGRAM := $(B)/bin/keepsake
UNIT_TESTS := $(patsubst tests/%.c,$(B)/tests/%,$(sort $(wildcard tests/unit/test_*.c)))
BENCHES := $(patsubst bench/%.c,$(B)/bench/%,$(sort $(wildcard bench/bench_*.c)))

##@ Build
all: $(PROGRAM) $(B)/share/keepsake/models ## build the program (MODE=release|debug|asan|tsan|coverage)

$(B)/obj/%.o: src/%.c | $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(call isa,$<) $(BANNED) -MMD -MP -c $< -o $@

$(B)/flags:
	@mkdir -p $(@D) && touch $@

$(LIBRARY): $(LIB_OBJECTS)
	@rm -f $@
	ar rcs $@ $^

$(PROGRAM): $(B)/obj/cli/main.o $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@

$(B)/share/keepsake/models: | models
	@mkdir -p $(@D)
	ln -sfn $(CURDIR)/models $@

$(B)/tests/%: tests/%.c $(LIBRARY) tests/tap.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Itests $(CFLAGS) $(LDFLAGS) -MMD -MP -MF $@.d $< $(LIBRARY) $(LDLIBS) -o $@

$(B)/bench/%: bench/%.c $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Ibench $(CFLAGS) $(LDFLAGS) -MMD -MP -MF $@.d $< $(LIBRARY) $(LDLIBS) -o $@

-include $(shell find $(B) -name '*.d' 2>/dev/null)

.PHONY: all
