/* SPDX-License-Identifier: MIT */
#include "sum/poly.h"

uint32_t sum_poly_multiply(uint32_t modulus, uint32_t a, uint32_t b)
{
	uint32_t product = 0;

	for (; a != 0; a <<= 1) {
		product ^= b & (0 - (a >> 31));
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

static uint64_t shift(uint64_t modulus, uint64_t a)
{
	return (a >> 1) ^ (modulus & (0 - (a & 1)));
}

uint64_t sum_poly64_shift(uint64_t a)
{
	return shift(sum_poly64_modulus(), a);
}

static uint64_t multiply64(uint64_t modulus, uint64_t a, uint64_t b)
{
	uint64_t product = 0;

	for (; a != 0; a <<= 1) {
		product ^= b & (0 - (a >> 63));
		b = shift(modulus, b);
	}
	return product;
}

uint64_t sum_poly64_multiply(uint64_t a, uint64_t b)
{
	return multiply64(sum_poly64_modulus(), a, b);
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

/* The lower word has the powers from x^32 on; and x^32 is what is left of the modulus. */
uint32_t sum_poly64_reduce(uint32_t modulus, uint64_t a)
{
	return (uint32_t)(a >> 32) ^ sum_poly_multiply(modulus, (uint32_t)a, modulus);
}

uint64_t sum_poly64_make_table(uint64_t *table, uint32_t size, uint64_t factor)
{
	uint64_t modulus = sum_poly64_modulus();

	for (uint32_t bit = size / 2; bit > 0; bit /= 2) {
		table[bit] = factor;
		factor = shift(modulus, factor);
	}
	table[0] = 0;
	for (uint32_t i = 1; i < size; i++)
		table[i] = table[i & (i - 1)] ^ table[i & (0 - i)];
	return factor;
}
