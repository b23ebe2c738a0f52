/* SPDX-License-Identifier: MIT */
#ifndef UTIL_MEMORY_H
#define UTIL_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Images in memory that somebody else owns: whether a look at one is harmless, and what it
 * costs. An image is rows of row_bytes bytes, with stride bytes from one row to the next.
 */

/*
 * Whether every page of the image is in memory now. If so, a read neither fills a hole of a
 * file with new pages, nor waits for a page that was swapped out or lies on a disk, nor meets
 * the end of a file that was cut off: for a buffer of wl_shm this tells before it is read.
 * Not known counts as no. Padding of more than a page between two rows is left out.
 *
 * Whoever shares the memory can change that right after: then a read costs what filling the
 * pages of this one image costs, or meets the end of the file, for which the caller must be
 * ready. And the kernel says yes to everybody who may not write the file and does not own it:
 * see wltex_fd_tells_residency().
 */
bool wltex_rows_are_resident(const void *data, size_t stride, size_t row_bytes, uint32_t rows);

/*
 * What a look at the image costs, in bytes that are read: the memory goes to the processor by
 * lines of 64 bytes, so that is the least that a row costs; and rows that are far apart cost
 * a page more each. For an image in one piece it is its size.
 */
uint64_t wltex_rows_get_cost(size_t stride, size_t row_bytes, uint32_t rows);

/*
 * What it costs to find out whether all of it is in memory, and to meet each page for the first
 * time, in bytes that could be read instead: little in one piece, but rows that are far apart are
 * asked about one by one.
 */
uint64_t wltex_rows_get_residency_cost(size_t stride, size_t row_bytes, uint32_t rows);

#endif
