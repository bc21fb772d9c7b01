# SPDX-License-Identifier: GPL-2.0-only
# Several types of one name: all numbers come from one of them.

#: pass twins_of_one_layout on duplicates
field   twin, b, long
is      32S, off:twin.b, 8

#: pass the_one_that_fits on duplicates
field   partly, common, int
field   partly, only_second, long
is      32S, off:partly.common, 8
is      32S, off:partly.only_second, 16

#: pass the_other_one_that_fits on duplicates
field   partly, common, int
field   partly, only_first, int
is      32S, off:partly.common, 0
is      32S, off:partly.only_first, 4

#: pass the_range_decides on duplicates
field   clash, b, int, high=4
is      32S, off:clash.b, 4

#: pass the_size_decides on duplicates
size    clash, high=8
field   clash, b, int
is      32S, size:clash, 8
is      32S, off:clash.b, 4

#: pass declarations_do_not_count on duplicates
field   declared, value, int
is      32S, off:declared.value, 4

#: pass struct_and_union_of_one_name on duplicates
field   both, value, int
is      32S, off:both.value, 4

#: pass union_and_struct_of_one_name on duplicates
field   both, value, int, kind=union
is      32S, off:both.value, 0

# Where something else decides which type it is, it decides this, too.
#: pass existence_in_the_type_that_is_used on duplicates
field   partly, only_second, long
exists_field partly, only_first
is      8, exists:partly.only_first, 0
is      32S, off:partly.only_second, 16

#: pass existence_in_none_or_all on duplicates
exists_field partly, common
exists_field partly, nowhere
is      8, exists:partly.common, 1
is      8, exists:partly.nowhere, 0

#: pass guarded_by_existence_in_the_one on duplicates
field   partly, only_second, long
exists_field partly, common
field   partly, common, int, guard=exists:partly.common
is      32S, off:partly.common, 8

#: refuse two_that_fit on duplicates with E0402 two that fit but differ
field   clash, b, int

#: refuse two_sizes_that_fit on duplicates with E0402 two that fit but differ
size    clash

#: refuse fields_of_two_types on duplicates with E0403 this is the nearest
field   partly, only_first, int
field   partly, only_second, long

#: refuse existence_in_one_of_two on duplicates with E0402 in some of which
exists_field partly, only_first

#: refuse guard_that_would_mix_two_types on duplicates with E0402 in some of which
exists_field partly, only_first
field   partly, common, int
field   partly, only_first, int, guard=exists:partly.only_first
