/* SPDX-License-Identifier: GPL-2.0-only */
/* The formats' headers (include/race) ask for it. */
#ifndef RACE_PORTABLE_TYPES_H
#define RACE_PORTABLE_TYPES_H

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef int __s32;
typedef long long __s64;

#endif /* RACE_PORTABLE_TYPES_H */
