/* SPDX-License-Identifier: MIT */
#ifndef CLI_REPLY_H
#define CLI_REPLY_H

/* A reply to the request "state", as the module sends it. */
static const char good[] =
	"{\"reply\": \"state\", \"time_ms\": 1000.5, \"textures\": true, \"total\": "
	"{\"commits\": 30, \"imports\": 10, \"reimports\": 5, \"uploads\": 0, \"reuses\": 15, "
	"\"destroys\": 14, \"failures\": 0, \"refused\": 0, \"not_asked\": 4, \"live_textures\": 1, "
	"\"live_bytes\": 262144, \"peak_live_textures\": 2, \"peak_live_bytes\": 524288, "
	"\"redundant_commits\": 15, \"damage_claimed_px\": 1000, \"damage_true_px\": 250, "
	"\"fds\": 2, \"peak_fds\": 3}, \"clients\": [{\"id\": 7, \"pid\": 4242, \"name\": "
	"\"te\\\"st\\\\er\", \"age_ms\": 2000, \"params\": 1, \"buffers_made\": 12, \"bytes\": "
	"393216, \"releases\": 8, \"release_ms\": 4.5, \"release_max_ms\": 9.25, \"commits\": 30, "
	"\"imports\": 10, \"reimports\": 5, \"uploads\": 0, \"reuses\": 15, \"destroys\": 14, "
	"\"failures\": 0, \"refused\": 0, \"not_asked\": 4, \"live_textures\": 1, \"live_bytes\": 262144, "
	"\"peak_live_textures\": 2, \"peak_live_bytes\": 524288, \"redundant_commits\": 15, "
	"\"damage_claimed_px\": 1000, \"damage_true_px\": 250, \"fds\": 2, \"peak_fds\": 3, "
	"\"leak_signs\": [\"buffers-grow\", \"not-released\"], \"buffers\": [{\"id\": 13, "
	"\"age_ms\": 12, \"commits\": 3, \"unreleased_ms\": 7, \"width\": 256, \"height\": 256, "
	"\"planes\": 1, \"fds\": 1, \"bytes\": 262144, \"inode\": 99, \"format\": \"XR24\", "
	"\"modifier\": \"LINEAR\", \"kind\": \"memory\"}, {\"id\": 14, \"age_ms\": 1, "
	"\"commits\": 0, \"error\": \"no plane\"}], \"surfaces\": [{\"id\": 3, \"commits\": 31, "
	"\"width\": 256, \"height\": 256, \"mapped\": true, \"redundant_commits\": 15, "
	"\"damage_claimed_px\": 1000, \"damage_true_px\": 250, \"app_id\": \"app\", \"title\": "
	"\"Title\", \"role\": \"xdg_toplevel\", \"sums\": \"looking\", \"buffer\": 13, "
	"\"texture\": {\"name\": 4, \"width\": 256, \"height\": 256, \"sum\": \"0badcafe\"}}]}]}";

#endif
