/* SPDX-License-Identifier: MIT */
#include "sum/poly.h"

uint32_t sum_poly_multiply(uint32_t modulus, uint32_t a, uint32_t b)
{
	uint32_t product = 0;

	while (a != 0) {
		if (a & SUM_ONE32)
			product ^= b;
		a <<= 1;
		b = (b >> 1) ^ (modulus & (0 - (b & 1)));
	}
	return product;
}

uint32_t sum_poly_power(uint32_t modulus, uint32_t base, uint64_t exponent)
{
	uint32_t power = SUM_ONE32;

	for (; exponent != 0; exponent >>= 1) {
		if (exponent & 1)
			power = sum_poly_multiply(modulus, power, base);
		base = sum_poly_multiply(modulus, base, base);
	}
	return power;
}

/*
 * (x^32 + p) * (x^32 + q) = x^64 + (p + q) * x^32 + p * q. In this bit order the upper 32
 * coefficients are the low word.
 */
uint64_t sum_poly64_modulus(void)
{
	uint64_t product = (uint64_t)(SUM_CRC32 ^ SUM_CRC32C);

	for (unsigned int i = 0; i < 32; i++) {
		if (SUM_CRC32 >> (31 - i) & 1)
			product ^= (uint64_t)SUM_CRC32C << 32 >> i;
	}
	return product;
}

static uint64_t multiply64(uint64_t modulus, uint64_t a, uint64_t b)
{
	uint64_t product = 0;

	while (a != 0) {
		if (a >> 63)
			product ^= b;
		a <<= 1;
		b = (b >> 1) ^ (modulus & (0 - (b & 1)));
	}
	return product;
}

uint64_t sum_poly64_power(uint64_t exponent)
{
	uint64_t modulus = sum_poly64_modulus();
	uint64_t base = UINT64_C(1) << 62;
	uint64_t power = UINT64_C(1) << 63;

	for (; exponent != 0; exponent >>= 1) {
		if (exponent & 1)
			power = multiply64(modulus, power, base);
		base = multiply64(modulus, base, base);
	}
	return power;
}
