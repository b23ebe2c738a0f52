/* SPDX-License-Identifier: MIT */
#ifndef CLI_REPORT_TRACE_FILE_H
#define CLI_REPORT_TRACE_FILE_H

#include <stdint.h>
#include <stdio.h>

#include "trace.pb-c.h"

/* Larger packets are not of wltex, and skipped. */
#define TRACE_PACKET_MAX 65536

/* The packets of a trace, one after the other, whatever it is in truth. */
struct trace_file {
	FILE *file;
	uint64_t packets, damaged;
	uint8_t bytes[TRACE_PACKET_MAX];
};

/*
 * The next packet that wltex may know. Returns 1 with *packet, to be freed by
 * wltex__trace_packet__free_unpacked(); 0 at the end; -ENODATA if that comes in the midst of a
 * packet, -EPROTO if this is no trace, or what read(2) says.
 */
int trace_file_read(struct trace_file *trace, Wltex__TracePacket **packet);

#endif
