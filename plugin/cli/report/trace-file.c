/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "cli/report/trace-file.h"

/* Field 1, with a length. */
#define TAG_PACKET 0x0a

static int end_early(struct trace_file *trace)
{
	return ferror(trace->file) ? -EIO : -ENODATA;
}

/* Returns 0, or as trace_file_read(). */
static int read_length(struct trace_file *trace, uint64_t *length)
{
	int byte = 0x80;

	*length = 0;
	for (unsigned int shift = 0; byte & 0x80; shift += 7) {
		if (shift > 28)
			return -EPROTO;
		byte = getc(trace->file);
		if (byte == EOF)
			return end_early(trace);
		*length |= (uint64_t)(byte & 0x7f) << shift;
	}
	return 0;
}

static int skip(struct trace_file *trace, uint64_t length)
{
	while (length > 0) {
		size_t part = length < TRACE_PACKET_MAX ? length : TRACE_PACKET_MAX;

		if (fread(trace->bytes, 1, part, trace->file) != part)
			return end_early(trace);
		length -= part;
	}
	return 0;
}

/* Returns as trace_file_read(), 0 for a packet that is left out. */
static int read_packet(struct trace_file *trace, Wltex__TracePacket **packet)
{
	uint64_t length;
	int ret = read_length(trace, &length);

	if (ret < 0)
		return ret;
	trace->packets++;
	if (length > TRACE_PACKET_MAX)
		return skip(trace, length);
	if (fread(trace->bytes, 1, length, trace->file) != length)
		return end_early(trace);
	*packet = wltex__trace_packet__unpack(NULL, length, trace->bytes);
	trace->damaged += *packet == NULL;
	return *packet != NULL;
}

int trace_file_read(struct trace_file *trace, Wltex__TracePacket **packet)
{
	int tag, ret = 0;

	while (ret == 0) {
		tag = getc(trace->file);
		if (tag == EOF)
			return ferror(trace->file) ? -EIO : 0;
		if (tag != TAG_PACKET)
			return -EPROTO;
		ret = read_packet(trace, packet);
	}
	return ret;
}
