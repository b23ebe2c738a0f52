/* SPDX-License-Identifier: MIT */
#ifndef UTIL_EXPORT_H
#define UTIL_EXPORT_H

/* Everything is built with hidden visibility; this marks the public functions. */
#define WLTEX_EXPORT __attribute__((visibility("default")))

#endif
