# SPDX-License-Identifier: GPL-2.0-only
# Bit fields: Rust reaches them through a unit, whose place is the target's.

#: pass first_of_a_unit on bitfields
bitfield flags, first, uint, width=1, bit=0
is      32S, unit:flags.first, 4

#: pass later_in_a_unit on bitfields
bitfield flags, second, uint, width=3, bit=1
is      32S, unit:flags.second, 4

#: pass whole_unit_agrees on bitfields
bitfield flags, first, uint, width=1, bit=0
bitfield flags, second, uint, width=3, bit=1
bitfield flags, third, int, width=4, bit=4
bitfield flags, fourth, bool, width=1, bit=8
is      32S, unit:flags.first, 4
is      32S, unit:flags.fourth, 4

#: pass units_are_apart on bitfields
bitfield flags, first, uint, width=1, bit=0, unit=1
bitfield flags, wide, ulong, width=40, bit=0, unit=2
is      32S, unit:flags.first, 4
is      32S, unit:flags.wide, 8

# Compiled for a unit of its own at whole bytes: so it is here.
#: pass begins_at_a_byte_of_its_own on bitfields
bitfield flags, rest, ulong, width=24, bit=0
is      32S, unit:flags.rest, 13

#: pass units_of_two_types_do_not_meet on bitfields
bitfield flags, first, uint, width=1, bit=0, unit=1
bitfield torn, first, uint, width=1, bit=0, unit=1
is      32S, unit:flags.first, 4
is      32S, unit:torn.first, 0

#: pass moved_by_whole_bytes on bitfields
bitfield torn, second, uint, width=3, bit=8
is      32S, unit:torn.second, 3

#: pass moved_within_the_unit_and_back on bitfields
bitfield shifted, first, uint, width=1, bit=2
bitfield shifted, second, uint, width=3, bit=3
is      32S, unit:shifted.first, 0

#: pass declared_type_may_be_wider on bitfields
bitfield flags, first, ulong, width=1, bit=0
is      32S, unit:flags.first, 4

#: pass signed on bitfields
bitfield flags, third, int, width=4, bit=4
is      32S, unit:flags.third, 4

#: pass of_an_enum on bitfields
enum_type state, 4, 0, state
bitfield flags, state, state, width=3, bit=9
is      32S, unit:flags.state, 4

#: pass of_a_signed_enum_as_a_number on bitfields
bitfield flags, level, int, width=2, bit=12
is      32S, unit:flags.level, 4

#: pass in_an_unnamed_struct on bitfields
bitfield flags, high, ushort, width=7, bit=9
is      32S, unit:flags.high, 18

#: pass whole_number_has_all_its_bits on bitfields
bitfield flags, byte, uchar, width=8, bit=0
is      32S, unit:flags.byte, 16

#: pass access_to_its_byte on bitfields
bitfield flags, second, uint, width=3, bit=1
movzbl  "race:unit:flags.second"(%rdi), %eax
holds   4, 4
orb     $2, "race:unit:flags.second" + 1(%rdi)
holds   1, 2

#: pass guarded_dead on bitfields
exists_field flags, gone
bitfield flags, gone, uint, width=1, bit=0, guard=exists:flags.gone
is      8, exists:flags.gone, 0
is      32S, unit:flags.gone, 0

#: pass guarded_live on bitfields
exists_field flags, first
bitfield flags, first, uint, width=1, bit=0, guard=exists:flags.first
is      8, exists:flags.first, 1
is      32S, unit:flags.first, 4

#: refuse other_width on bitfields with E0418 a width of 2 bits; on the target it is 3
bitfield flags, second, uint, width=2, bit=1

#: refuse other_signedness on bitfields with E0404 signedness
bitfield flags, third, uint, width=4, bit=4

#: refuse number_for_a_bool on bitfields with E0404 _Bool
bitfield flags, fourth, uchar, width=1, bit=8

#: refuse no_whole_byte on bitfields with E0418 begins at a whole byte
bitfield flags, second, uint, width=3, bit=0

#: refuse before_the_start on bitfields with E0418 on the target it is at bit 0
bitfield torn, first, uint, width=1, bit=8

#: refuse unit_torn_apart on bitfields with E0418 in one storage unit with first
bitfield torn, first, uint, width=1, bit=0
bitfield torn, second, uint, width=3, bit=8

#: refuse unit_shifted on bitfields with E0418 whole byte
bitfield shifted, first, uint, width=1, bit=0

#: refuse missing on bitfields with E0403 expected a bit field
bitfield flags, gone, uint, width=1, bit=0

#: refuse struct_for_a_bit_field on fields with E0404 struct inner
bitfield outer, inner, uint, width=32, bit=0

#: refuse field_that_is_a_bit_field on bitfields with E0405 bit field of 1
field   flags, first, uint

#: refuse byte_aligned_bit_field_has_no_address on bitfields with E0405 addressable
field   flags, rest, ulong

#: refuse another_enum on bitfields with E0404 enum shade
enum_type shade, 4, 0, shade
bitfield flags, state, shade, width=3, bit=9

#: refuse out_of_range on bitfields with E0407 from 8 to 64
bitfield flags, first, uint, width=1, bit=0, low=8, high=64

#: refuse width_of_nothing on bitfields with E0210 bit field first
bitfield flags, first, uint, width=0, bit=0

#: refuse width_of_more_than_a_word on bitfields with E0210 bit field first
bitfield flags, first, uint, width=65, bit=0

#: refuse place_in_a_unit_of_no_bit_field on bitfields with E0210 is no bit field
contract off:flags.before, FIELD, "struct flags", before, int, bit=1
