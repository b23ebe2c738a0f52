/* SPDX-License-Identifier: MIT */
#ifndef WESTON_REPAINT_H
#define WESTON_REPAINT_H

struct module;

/*
 * When outputs are repainted: the moment of use of what clients committed. Two members of
 * struct weston_output are chained: prepare_repaint, which comes before Weston flushes surfaces'
 * damage (and uploads wl_shm buffers), and repaint, which draws.
 */

/* Follow all outputs there are and will be. */
void repaint_init(struct module *module);
void repaint_finish(struct module *module);

#endif
