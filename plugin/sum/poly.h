/* SPDX-License-Identifier: MIT */
#ifndef SUM_POLY_H
#define SUM_POLY_H

#include <stdint.h>

/*
 * Polynomials over GF(2), modulo one of degree 32 or 64.
 *
 * They are kept in the bit order of zlib's CRC: the highest bit of a word is the
 * coefficient of x^0. A modulus is written without its leading term.
 */

/* CRC-32 as in zlib (P), and CRC-32C (Q). */
#define SUM_CRC32 UINT32_C(0xedb88320)
#define SUM_CRC32C UINT32_C(0x82f63b78)

/* x^0 and x^8: one byte more after a message multiplies its CRC by x^8. */
#define SUM_ONE32 UINT32_C(0x80000000)
#define SUM_BYTE32 UINT32_C(0x00800000)

uint32_t sum_poly_multiply(uint32_t modulus, uint32_t a, uint32_t b);
uint32_t sum_poly_power(uint32_t modulus, uint32_t base, uint64_t exponent);

/* P * Q, the modulus of the 64-bit arithmetic below. */
uint64_t sum_poly64_modulus(void);
uint64_t sum_poly64_multiply(uint64_t a, uint64_t b);
/* x^exponent modulo P * Q. */
uint64_t sum_poly64_power(uint64_t exponent);
/* Times x. */
uint64_t sum_poly64_shift(uint64_t a);
/* The remainder of one modulo P * Q, modulo P or Q. */
uint32_t sum_poly64_reduce(uint32_t modulus, uint64_t a);
/*
 * Multiplication by factor as a table, of a power of two as many entries: the index is so many
 * bits of the other factor, the highest of them for x^0. Returns the factor of the bits below.
 */
uint64_t sum_poly64_make_table(uint64_t *table, uint32_t size, uint64_t factor);

/* What zlib's initial and final inversion add to the CRC of a message: the CRC of as many
 * zero bytes as x_bytes = x^(8 * length) stands for. */
static inline uint32_t sum_poly_zeros(uint32_t modulus, uint32_t x_bytes)
{
	return ~sum_poly_multiply(modulus, UINT32_MAX, x_bytes);
}

#endif
