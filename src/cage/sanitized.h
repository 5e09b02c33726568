/* SPDX-License-Identifier: MIT */
/* Whether this is a sanitizer build, which needs more system calls than codecs do. */
#pragma once

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#define UNDER_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#elif __has_feature(thread_sanitizer)
#define SANITIZED 1
#define UNDER_THREAD_SANITIZER 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif
#ifndef UNDER_THREAD_SANITIZER
#define UNDER_THREAD_SANITIZER 0
#endif
