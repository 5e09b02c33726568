/* SPDX-License-Identifier: MIT */
/* Libraries that are loaded when a function of theirs is first called.
 *
 * Loading all libraries takes half of a search's time, and a search uses few of them. In release
 * builds for x86-64, tools/late-link therefore gives the program a small function for each of the
 * functions that it uses of curl, libpq, libmicrohttpd and the codecs; the first call loads the
 * library and goes on to its function, which later calls reach by one jump. Other builds are linked
 * with these libraries as usual. */
#pragma once

/* Loads the codecs now, for a process that will not be able to open files. NULL in builds without
 * late linking. */
__attribute__((weak)) void late_link_codecs(void);
