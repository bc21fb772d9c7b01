/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A kernel of some types: compiled by clang for BPF, which describes them in BTF
 * as pahole does a kernel's.
 */
#ifndef TARGET_H
#define TARGET_H

#define PASTE2(a, b) a##b
#define PASTE(a, b) PASTE2(a, b)

/* BTF has only what something refers to. */
#define KEEP(type) type PASTE(keep_, __COUNTER__)

/* "name", "name|gpl" or "name|namespace=NS": a symbol that modules may use. */
#define EXPORT(text)                                                                               \
	static const char PASTE(export_, __COUNTER__)[]                                            \
		__attribute__((section(".exports"), used)) = text

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed int s32;
typedef signed long long s64;

/* What the resolver needs of every kernel. */
struct module {
	int state;
	void *list[2];
	char name[56];
	int (*init)(void);
	char more[256];
	void (*exit)(void);
};
KEEP(struct module);

#endif
