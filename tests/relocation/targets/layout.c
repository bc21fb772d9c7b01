// SPDX-License-Identifier: GPL-2.0-only
// Sizes and alignments, packed and not; unions.
#include "target.h"

struct plain {
	char c;
	long l; /* 8 */
	short s;
}; /* 24 bytes */
KEEP(struct plain);

struct tight {
	char c;
	long l;		   /* 1 */
	short s;	   /* 9 */
} __attribute__((packed)); /* 11 bytes */
KEEP(struct tight);

struct line {
	int x;
} __attribute__((aligned(64)));
KEEP(struct line);

struct odd {
	int a;
	int b;
	int c;
}; /* 12 bytes, 4 */
KEEP(struct odd);

struct eight {
	int a;
	int b;
}; /* 8 bytes; aligned to 4, or 8? */
KEEP(struct eight);

struct empty {
};
struct holds_empty {
	int a;
	struct empty nothing; /* 4 */
	int b;		      /* 4 */
};
KEEP(struct holds_empty);

union mixed {
	char bytes[12];
	long word;
	struct {
		short low;
		short high; /* 2 */
	} halves;
}; /* 16 bytes */
KEEP(union mixed);

struct uses_union {
	int kind;
	union mixed mixed; /* 8; halves.high at 10 */
};
KEEP(struct uses_union);

struct wide {
	char c;
	unsigned __int128 value; /* 16 */
};
KEEP(struct wide);

struct huge {
	char pad[0x8000000];
	int far;
};
extern struct huge huge;
struct huge *keep_huge;

struct version {
	int major;
	int minor;
};
KEEP(struct version);

struct list_head {
	struct list_head *next, *prev;
};
KEEP(struct list_head);
