/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "sum-methods.h"

#ifdef __aarch64__
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

static uint64_t read_words(const uint8_t *data, size_t size)
{
	uint64_t sums[4] = {0};

	for (size_t i = 0; i + 32 <= size; i += 32) {
		uint64_t words[4];

		memcpy(words, data + i, 32);
		for (int j = 0; j < 4; j++)
			sums[j] ^= words[j];
	}
	return sums[0] ^ sums[1] ^ sums[2] ^ sums[3];
}

#ifdef __x86_64__
#include <immintrin.h>

__attribute__((target("avx2"))) static uint64_t read_avx2(const uint8_t *data, size_t size)
{
	__m256i a = _mm256_setzero_si256(), b = a, c = a, d = a;
	uint64_t words[4];

	for (size_t i = 0; i + 128 <= size; i += 128) {
		const __m256i *v = (const __m256i *)(data + i);

		a = _mm256_xor_si256(a, _mm256_loadu_si256(v));
		b = _mm256_xor_si256(b, _mm256_loadu_si256(v + 1));
		c = _mm256_xor_si256(c, _mm256_loadu_si256(v + 2));
		d = _mm256_xor_si256(d, _mm256_loadu_si256(v + 3));
	}
	a = _mm256_xor_si256(_mm256_xor_si256(a, b), _mm256_xor_si256(c, d));
	memcpy(words, &a, sizeof(words));
	return words[0] ^ words[1] ^ words[2] ^ words[3];
}
#endif

uint64_t read_plain(const struct frame *frame)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx2"))
		return read_avx2(frame->data, frame->size);
#endif
	return read_words(frame->data, frame->size);
}

const char *get_cpu_features(void)
{
	static char features[128];

	features[0] = '\0';
#define ADD(name, condition) strcat(features, (condition) ? " " name : "")
#if defined(__x86_64__)
	ADD("pclmulqdq", __builtin_cpu_supports("pclmul"));
	ADD("avx2", __builtin_cpu_supports("avx2"));
	ADD("vpclmulqdq", __builtin_cpu_supports("vpclmulqdq"));
	ADD("gfni", __builtin_cpu_supports("gfni"));
	ADD("avx512vl", __builtin_cpu_supports("avx512vl"));
	ADD("avx512bw", __builtin_cpu_supports("avx512bw"));
#elif defined(__aarch64__)
	ADD("pmull", getauxval(AT_HWCAP) & HWCAP_PMULL);
	ADD("crc32", getauxval(AT_HWCAP) & HWCAP_CRC32);
#endif
#undef ADD
	return features[0] != '\0' ? features + 1 : "none";
}
