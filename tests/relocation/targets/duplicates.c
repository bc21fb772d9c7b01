// SPDX-License-Identifier: GPL-2.0-only
// Types of one name, as two files of a kernel may have them.
#include "target.h"

void first(void)
{
	static struct twin {
		int a;
		long b;
	} twin __attribute__((used));
	static struct clash {
		int a;
		int b;
	} clash __attribute__((used));
	static struct partly {
		int common;
		int only_first;
	} partly __attribute__((used));
	static union clash_union {
		int a;
	} u __attribute__((used));
}

void second(void)
{
	static struct twin {
		int a;
		long b;
	} twin __attribute__((used));
	static struct clash {
		long before;
		int a;
		int b;
	} clash __attribute__((used));
	static struct partly {
		long before;
		int common;
		long only_second;
	} partly __attribute__((used));
}

struct declared;
struct pointing {
	struct declared *pointer;
};
KEEP(struct pointing);
void third(void)
{
	static struct declared {
		int pad;
		int value;
	} declared __attribute__((used));
}

/* A struct and a union of one name, in two files. */
void fourth(void)
{
	static struct both {
		int pad;
		int value;
	} both __attribute__((used));
}
void fifth(void)
{
	static union both {
		int value;
	} both __attribute__((used));
}
