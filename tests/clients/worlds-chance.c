/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>

#include "worlds.h"

static uint64_t mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

void chance_begin(uint64_t stream)
{
	world.random = mix(world.seed * 0x9e3779b97f4a7c15u + 77) ^ mix(stream + 1);
	world.story_length = 0;
	world.story[0] = '\0';
}

int32_t pick(int32_t n)
{
	world.random += 0x9e3779b97f4a7c15u;
	return (int32_t)((mix(world.random) >> 32) * (uint64_t)n >> 32);
}

int32_t between(int32_t from, int32_t to)
{
	return from + pick(to - from + 1);
}

bool chance(int percent)
{
	return pick(100) < percent;
}

void tell(const char *format, ...)
{
	size_t left = sizeof(world.story) - world.story_length;
	va_list args;
	int n;

	if (!world.verbose || left < 200)
		return;
	world.story[world.story_length++] = ' ';
	va_start(args, format);
	n = vsnprintf(world.story + world.story_length, left - 1, format, args);
	va_end(args);
	world.story_length += (size_t)(n > 0 ? n : 0);
}
