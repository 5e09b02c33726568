/* SPDX-License-Identifier: MIT */
/* The run-time part of late linking (src/base/late_link.h). tools/late-link writes late_table.inc:
 * LIBRARY(file name, is a codec) for each library, then FUNCTION(name, index, library). */
#include "base/late_link.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define LIBRARY(file, codec) {file, codec},
#define FUNCTION(name, index, library)
static const struct {
    const char *file;
    bool codec;
} libraries[] = {
#include "late_table.inc"
};
#undef LIBRARY
#undef FUNCTION

#define LIBRARY(file, codec)
#define FUNCTION(name, index, library) {#name, library},
static const struct {
    const char *name;
    unsigned library;
} functions[] = {
#include "late_table.inc"
};
#undef FUNCTION

enum { LIBRARIES = sizeof libraries / sizeof *libraries };
enum { FUNCTIONS = sizeof functions / sizeof *functions };

/* The program's function NAME jumps to its slot, which first points back to the function's second
 * part: this passes the index to `late_enter`. */
#define FUNCTION(name, index, library)                                \
    __asm__(".text\n.globl " #name "\n.hidden " #name "\n"            \
            ".type " #name ", @function\n" #name ":\n\tendbr64\n"     \
            "\tjmp *late_slots+8*" #index "(%rip)\n"                  \
            ".type late_first_" #name ", @function\n"                 \
            "late_first_" #name ":\n\tendbr64\n\tpushq $" #index "\n" \
            "\tjmp late_enter\n.size " #name ", .-" #name "\n");
#include "late_table.inc"
#undef FUNCTION

__asm__(".data\n.balign 8\nlate_slots:\n");
#define FUNCTION(name, index, library) __asm__("\t.quad late_first_" #name "\n");
#include "late_table.inc"
#undef FUNCTION
__asm__(".text\n");

extern _Atomic(void *) late_slots[] __attribute__((visibility("hidden")));

/* Keeps the arguments of the call (System V ABI: seven integer registers, of which rax counts the
 * vector registers of a variadic call, and eight vector registers) while the function is found. */
__asm__(".text\n.type late_enter, @function\nlate_enter:\n"
        "\tpushq %rax\n\tpushq %rdi\n\tpushq %rsi\n\tpushq %rdx\n"
        "\tpushq %rcx\n\tpushq %r8\n\tpushq %r9\n"
        "\tsubq $136, %rsp\n"
        "\tmovups %xmm0, (%rsp)\n\tmovups %xmm1, 16(%rsp)\n"
        "\tmovups %xmm2, 32(%rsp)\n\tmovups %xmm3, 48(%rsp)\n"
        "\tmovups %xmm4, 64(%rsp)\n\tmovups %xmm5, 80(%rsp)\n"
        "\tmovups %xmm6, 96(%rsp)\n\tmovups %xmm7, 112(%rsp)\n"
        "\tmovl 192(%rsp), %edi\n"
        "\tcall late_find\n"
        "\tmovq %rax, %r11\n"
        "\tmovups (%rsp), %xmm0\n\tmovups 16(%rsp), %xmm1\n"
        "\tmovups 32(%rsp), %xmm2\n\tmovups 48(%rsp), %xmm3\n"
        "\tmovups 64(%rsp), %xmm4\n\tmovups 80(%rsp), %xmm5\n"
        "\tmovups 96(%rsp), %xmm6\n\tmovups 112(%rsp), %xmm7\n"
        "\taddq $136, %rsp\n"
        "\tpopq %r9\n\tpopq %r8\n\tpopq %rcx\n\tpopq %rdx\n"
        "\tpopq %rsi\n\tpopq %rdi\n\tpopq %rax\n"
        "\taddq $8, %rsp\n"
        "\tjmp *%r11\n.size late_enter, .-late_enter\n");

void *late_find(unsigned index) __attribute__((visibility("hidden"), used));

/* As the dynamic linker says and does when a library is missing at the start. */
static _Noreturn void end_without(const char *what)
{
    const char *why = dlerror();
    fprintf(stderr, "keepsake: %s cannot be loaded: %s\n", what, why ? why : "unknown");
    exit(127);
}

void *late_find(unsigned index)
{
    static _Atomic(void *) handles[LIBRARIES];
    unsigned library = functions[index].library;
    void *handle = atomic_load(&handles[library]);
    if (!handle) {
        handle = dlopen(libraries[library].file, RTLD_NOW | RTLD_LOCAL);
        if (!handle)
            end_without(libraries[library].file);
        atomic_store(&handles[library], handle);
    }
    void *function = dlsym(handle, functions[index].name);
    if (!function)
        end_without(functions[index].name);
    atomic_store(&late_slots[index], function);
    return function;
}

void late_link_codecs(void)
{
    for (unsigned i = 0; i < FUNCTIONS; i++)
        if (libraries[functions[i].library].codec)
            late_find(i);
}
