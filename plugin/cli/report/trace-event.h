/* SPDX-License-Identifier: MIT */
#ifndef CLI_REPORT_TRACE_EVENT_H
#define CLI_REPORT_TRACE_EVENT_H

#include "trace.pb-c.h"

struct tracks;

/* Tell the model what a packet says. */
void trace_handle_packet(struct tracks *tracks, const Wltex__TracePacket *packet);

#endif
