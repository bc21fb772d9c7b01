// SPDX-License-Identifier: GPL-2.0-only
#include "target.h"

enum state { OFF, ON, BROKEN = 7 };
enum level { LOW = -1, HIGH = 1 };

struct flags {
	int before;
	unsigned int first : 1;	 /* bit 32 */
	unsigned int second : 3; /* 33 */
	int third : 4;		 /* 36 */
	_Bool fourth : 1;	 /* 40 */
	enum state state : 3;	 /* 41 */
	enum level level : 2;	 /* 44 */
	u64 : 0;
	u64 wide : 40; /* 64 */
	u64 rest : 24; /* 104 */
	u8 byte;       /* 128 */
	struct {
		u16 low : 9;  /* 144 */
		u16 high : 7; /* 153 */
	};
};
KEEP(struct flags);

/* The unit of first and second torn apart. */
struct torn {
	unsigned int first : 1; /* 0 */
	unsigned int : 0;
	unsigned int second : 3; /* 32 */
	unsigned int third : 4;	 /* 35 */
};
KEEP(struct torn);

struct shifted {
	unsigned int fresh : 2;	 /* 0 */
	unsigned int first : 1;	 /* 2 */
	unsigned int second : 3; /* 3 */
};
KEEP(struct shifted);
