// SPDX-License-Identifier: GPL-2.0-only
// Structs, nesting, unnamed members, arrays, pointers, numbers.
#include "target.h"

struct inner {
	short s;
	int x;
};
struct outer {
	char c;
	struct inner inner;   /* 4, x at 8 */
	struct inner pair[3]; /* 12 */
	struct {
		struct {
			int deep; /* 40 */
		};
		union {
			int left; /* 48 */
			long right;
		};
	};
	struct {
		int a;
		int b; /* 60 */
	} named;
};
KEEP(struct outer);

typedef struct {
	u32 val;
} kuid_t;
typedef kuid_t owner_t;
KEEP(owner_t);

struct forward;
struct node {
	struct node *next;		  /* 0 */
	struct node **back;		  /* 8 */
	struct forward *opaque;		  /* 16 */
	int (*call)(struct node *, long); /* 24 */
	const char *name;		  /* 32 */
	void *data;			  /* 40 */
	kuid_t uid;			  /* 48 */
	volatile int flag;		  /* 52 */
	const unsigned long limit;	  /* 56 */
	int table[4];			  /* 64 */
	char grid[2][8];		  /* 80 */
	struct inner *list[2];		  /* 96 */
	u8 small;			  /* 112 */
	signed char tiny;
	u16 half;		/* 114 */
	_Bool yes;		/* 116 */
	s64 big;		/* 120 */
	unsigned __int128 wide; /* 128 */
	int tail[];		/* 144 */
};
KEEP(struct node);

/* A name with three underscores is a name. */
struct node___old {
	int x;
	int y;
};
KEEP(struct node___old);

struct shut; /* nowhere defined */
struct user {
	struct shut *shut;
};
KEEP(struct user);

union either {
	int number;
	struct {
		char pad[6];
		short last;
	};
};
KEEP(union either);
