# SPDX-License-Identifier: GPL-2.0-only
# Sizes, alignments, packed types, unions.

#: pass size on layout
size    plain
is      32S, size:plain, 24

#: pass size_of_a_packed_struct on layout
size    tight
is      32S, size:tight, 11

#: pass field_of_a_packed_struct on layout
field   tight, l, long
field   tight, s, short
is      32S, off:tight.l, 1
is      32S, off:tight.s, 9

#: pass packed_struct_with_its_alignment on layout
size    tight, align=1
is      32S, size:tight, 11

#: pass size_of_a_union on layout
size    mixed, kind=union
is      32S, size:mixed, 16

#: pass fields_of_a_union_lie_together on layout
field   mixed, word, long, kind=union
field   mixed, halves.high, short, kind=union
is      32S, off:mixed.word, 0
is      32S, off:mixed.halves.high, 2

#: pass through_a_member_that_is_a_union on layout
field   uses_union, mixed.halves.high, short
is      32S, off:uses_union.mixed.halves.high, 10

#: pass empty_struct on layout
size    empty
field   holds_empty, b, int
is      32S, size:empty, 0
is      32S, off:holds_empty.b, 4

#: pass field_behind_an_empty_one on layout
declared empty
field   holds_empty, nothing, empty
is      32S, off:holds_empty.nothing, 4

#: pass alignment_of_members on layout
field   plain, l, long, align=8
is      32S, off:plain.l, 8

#: pass alignment_that_members_do_not_show on layout
size    line, align=64
is      32S, size:line, 64

#: pass alignment_as_a_number on layout
align   plain, 8
is      32S, align:plain, 8

#: pass alignment_that_the_source_asks_for on layout
align   line, 64
is      32S, align:line, 64

#: pass alignment_that_grew on layout
align   plain, 4
is      32S, align:plain, 8

#: pass alignment_that_shrank on layout
align   odd, 8
is      32S, align:odd, 4

#: pass size_of_what_the_driver_aligns_to_more on layout
size_aligned_at_most odd, 8
is      32S, size:odd, 12

#: pass size_of_what_the_driver_aligns_to_as_much on layout
size_aligned_at_most plain, 8
is      32S, size:plain, 24

#: pass alignment_of_a_packed_struct on layout
align   tight, 8
is      32S, align:tight, 1

#: pass alignment_of_u128 on layout
align   wide, 16
field   wide, value, u128, align=16
is      32S, align:wide, 16
is      32S, off:wide.value, 16

#: pass largest_offset on layout
field   huge, far, int
is      32S, off:huge.far, 0x8000000

#: refuse alignment_that_the_driver_does_not_keep on layout with E0406 aligned to 4
field   plain, l, long, align=4

#: refuse alignment_that_the_size_does_not_have on layout with E0406 12 bytes
size    odd, align=8

#: refuse size_of_what_the_driver_aligns_to_less on layout with E0406 at most 4
size_aligned_at_most plain, 4

#: refuse bound_without_an_alignment on layout with E0210 no size with an alignment
size    plain, flags=ALIGN_AT_MOST

#: refuse bound_of_the_alignment_of_a_field on layout with E0210 no size with an alignment
contract bound, FIELD, "struct plain", l, type=long, align=8, flags=ALIGN_AT_MOST

#: refuse alignment_of_an_unpacked_struct on layout with E0406 11 bytes
size    tight, align=8

#: refuse alignment_that_cannot_be_told on layout with E0406 more than one alignment
align   eight, 64

#: refuse alignment_out_of_range on layout with E0407 from 1 to 4
align   plain, 4, high=4

#: refuse size_above_the_range on layout with E0407 from 8 to 16
size    plain, low=8, high=16

#: refuse size_below_the_range on layout with E0407 the target's is 11
size    tight, low=12, high=100

#: refuse size_that_is_too_large_for_its_room on layout with E0408 expected at most 20 bytes
size    plain
term    1, size:plain
expr    need
room    need, 20

#: refuse room_for_less_than_nothing on layout with E0408 on the target it is -24
size    plain
term    -1, size:plain
expr    need
room    need, 20

#: refuse alignment_of_no_power_of_two on layout with E0210 alignment 24
field   plain, l, long, align=24

#: refuse alignment_of_a_declared_type on fields with E0401 only declares it
align   forward, 8
