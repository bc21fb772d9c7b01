// SPDX-License-Identifier: GPL-2.0-only
#include "target.h"

enum color { RED, GREEN = 5, BLUE };
enum sign { MINUS = -1, MUCH_LESS = -2147483647 - 1, PLUS = 3 };
enum wide { WIDE = 0x123456789abcULL, TOP = 0x8000000000000000ULL };
enum wide_sign { WIDE_MINUS = -0x100000000LL, WIDE_PLUS = 9 };
enum word { WORD_END = 0xffffffffU };
enum tiny { TINY = 200 } __attribute__((packed));

KEEP(enum color);
KEEP(enum sign);
KEEP(enum wide);
KEEP(enum wide_sign);
KEEP(enum word);
KEEP(enum tiny);

struct holder {
	enum { INSIDE = 77 } inside;
	enum color color;
};
KEEP(struct holder);

/* Two enums that agree on one constant and not on the other. */
void first(void)
{
	static enum { SHARED = 4, SPLIT = 1 } a __attribute__((used));
}
void second(void)
{
	static enum { SHARED2 = 0, SHARED = 4, SPLIT = 2 } b __attribute__((used));
}
static enum { BIT_A = 11, BIT_B = 12 } bits __attribute__((used));
