# SPDX-License-Identifier: GPL-2.0-only
# Enumerators: 32 and 64 bits, signed, with and without a name of their enum.

#: pass by_its_enum on enums
enumerator GREEN, enum=color
is      32, enum:GREEN, 5

#: pass by_its_name on enums
enumerator BLUE
is      8, enum:BLUE, 6

#: pass zero on enums
enumerator RED
is      32S, enum:RED, 0

#: pass of_an_unnamed_enum on enums
enumerator BIT_B
is      8, enum:BIT_B, 12

#: pass of_an_enum_within_a_struct on enums
enumerator INSIDE
is      32S, enum:INSIDE, 77

#: pass shared_by_two_that_agree on enums
enumerator SHARED
is      32S, enum:SHARED, 4

#: pass negative_sign_extended on enums
enumerator MINUS, enum=sign, low=-100, least=-0x80000000
is      32S, enum:MINUS, -1

#: pass negative_in_64_bits on enums
enumerator MINUS, enum=sign, low=-100, least=-0x80000000
is      64, enum:MINUS, -1

# mov eax, imm32 is R_X86_64_32 for a number that may be negative, too: see
# "Symbol" in format-rcrate.md.
#: pass negative_in_32_bits on enums
enumerator MINUS, enum=sign, low=-100, least=-0x80000000
movl    $"race:enum:MINUS", %eax
holds   4, 0xffffffff

#: pass negative_in_a_byte on enums
enumerator MINUS, enum=sign, low=-100, least=-0x80000000
is      8, enum:MINUS, -1
is      16, enum:MINUS, -1

#: pass smallest_of_32_bits on enums
enumerator MUCH_LESS, enum=sign, low=-0x80000000, least=-0x80000000
is      32S, enum:MUCH_LESS, -0x80000000

#: pass largest_of_32_bits on enums
enumerator WORD_END, enum=word, high=0xffffffff
is      32, enum:WORD_END, 0xffffffff
is      64, enum:WORD_END, 0xffffffff

#: pass of_64_bits on enums
enumerator WIDE, enum=wide, high=0x7fffffffffffffff
movabs  $"race:enum:WIDE", %rax
holds   8, 0x123456789abc

#: pass negative_of_64_bits on enums
enumerator WIDE_MINUS, enum=wide_sign, low=-0x7fffffffffffffff, least=-0x7fffffffffffffff
is      64, enum:WIDE_MINUS, -0x100000000

# As unsigned numbers they are the same 64 bits.
#: pass largest_bit_of_64 on enums
enumerator TOP, enum=wide, low=-0x8000000000000000, least=-0x8000000000000000
is      64, enum:TOP, -0x8000000000000000

#: pass of_a_packed_enum on enums
enumerator TINY, enum=tiny
is      16, enum:TINY, 200

#: pass of_an_enum_of_that_type on enums
enum_type color, 4, 0, color
enumerator GREEN, enum=color, type=color
is      32, enum:GREEN, 5

# GFP_KERNEL is made of bits: 1 << bit is code, a sum of enumerators is not.
#: pass sum_of_enumerators on enums
enumerator BIT_A
enumerator BIT_B
term    1, enum:BIT_A
term    -1, enum:BIT_B
expr    difference
symbol  expr:0, difference, -0x80000000
is      32S, expr:0, -1

#: pass ends_of_the_range on enums
enumerator GREEN, low=5, high=5
is      32S, enum:GREEN, 5

#: pass mask_of_a_bit on enums
mask    BIT_B
is      32, mask:BIT_B, 0x1000

#: pass mask_and_number_of_one_enumerator on enums
enumerator BIT_B
mask    BIT_B
is      8, enum:BIT_B, 12
is      32S, mask:BIT_B, 0x1000

#: pass mask_of_bit_zero on enums
mask    RED, enum=color
is      32, mask:RED, 1

#: pass sum_of_masks on enums
mask    BIT_A
mask    BIT_B
term    1, mask:BIT_A
term    1, mask:BIT_B
expr    flags, 3
symbol  flags, flags
is      32, flags, 0x1803

#: pass all_bits_but_one on enums
mask    BIT_B
term    -1, mask:BIT_B
expr    others, -1
symbol  others, others, -0x80000000, -1
is      32S, others, -0x1001

#: refuse missing on enums with E0410 enumerator PURPLE
enumerator PURPLE

#: refuse missing_in_its_enum on enums with E0410 the target's enum color
enumerator PLUS, enum=color

#: refuse missing_enum on enums with E0401 enum shade
enumerator GREEN, enum=shade

#: refuse two_values on enums with E0402 one with the value 1 and one with 2
enumerator SPLIT

#: refuse above_the_range on enums with E0407 from 0 to 4
enumerator GREEN, high=4

#: refuse below_the_range on enums with E0407 the target's is -1
enumerator MINUS, enum=sign

#: refuse of_an_enum_of_another_size on enums with E0404 8 and 4 bytes
enum_type color, 8, 0, color
enumerator GREEN, enum=color, type=color

#: refuse of_another_enum_than_expected on enums with E0404 another enum
enum_type shade, 4, 0, shade
enumerator GREEN, type=shade

#: refuse range_that_ends_before_it_begins on enums with E0210 ends before it begins
enumerator MINUS, enum=sign, low=5, high=-5

# LLVM was told that it is not negative: what it left out is not known.
#: refuse negative_where_the_code_expects_none on enums with E0407 expected a value from 0
enumerator MINUS, enum=sign, low=-100
is      32S, enum:MINUS, -1

#: refuse struct_for_an_enum on fields with E0410 has none
contract enum:X, ENUMERATOR, "struct node", X

#: refuse mask_of_a_bit_beyond_the_sign on enums with E0407 number of a bit
mask    TINY, enum=tiny, high=0x7fffffffffffffff

#: refuse mask_of_a_negative_bit on enums with E0407 number of a bit
mask    MINUS, enum=sign, high=0x7fffffffffffffff

#: refuse mask_beyond_the_range on enums with E0407 the target's is 4096
mask    BIT_B, high=2048

#: refuse mask_that_is_not_there on enums with E0410 has none
mask    BIT_C

#: refuse mask_of_what_is_no_enumerator on enums with E0210 is no enumerator
contract size:color, SIZE, "enum color", "", flags=MASK
