/* SPDX-License-Identifier: MIT */
#ifndef WLTEX_WESTON_COMPAT_H
#define WLTEX_WESTON_COMPAT_H

/* What is not the same in Weston 14, 15 and 16: all of it, so that nothing else asks for versions. */

#include <libweston/libweston.h>
#include <libweston/version.h>

/* The 16 numbers of a matrix, column by column; they live as long as the matrix. */
static inline const float *compat_matrix_numbers(const struct weston_matrix *matrix)
{
#if WESTON_VERSION_MAJOR >= 15
	return matrix->M.colmaj;
#else
	return matrix->d;
#endif
}

/*
 * The signal that says that an output is repainted now with what is applied to its surfaces, and
 * nothing is any more; its data is the output. NULL where there is none: there, commits are applied
 * as they come, and prepare_repaint of an output is called after the last one.
 */
static inline struct wl_signal *compat_latch_signal(struct weston_output *output)
{
#if WESTON_VERSION_MAJOR >= 15
	return &output->post_latch_signal;
#else
	return NULL;
#endif
}

#endif
