/* SPDX-License-Identifier: MIT */
#include <zlib.h>

/* What the tests of kernels need of zlib, bit by bit, for processors that no zlib is there for. */

uLong crc32_z(uLong crc, const Bytef *data, z_size_t size)
{
	if (data == NULL)
		return 0;
	crc ^= 0xffffffff;
	for (z_size_t i = 0; i < size; i++) {
		crc ^= data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return crc ^ 0xffffffff;
}

uLong crc32(uLong crc, const Bytef *data, uInt size)
{
	return crc32_z(crc, data, size);
}
