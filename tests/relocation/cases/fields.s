# SPDX-License-Identifier: GPL-2.0-only
# Fields: nesting, unnamed members, arrays, names.

#: pass first on fields
declared node
pointer node_p, node
field   node, next, node_p
is      32S, off:node.next, 0

#: pass nested on fields
field   outer, inner.x, int
is      32S, off:outer.inner.x, 8

#: pass whole_nested_struct on fields
declared inner
field   outer, inner, inner
is      32S, off:outer.inner, 4

#: pass in_unnamed_struct on fields
field   outer, deep, int
is      32S, off:outer.deep, 40

#: pass in_unnamed_union on fields
field   outer, left, int
field   outer, right, long
is      32S, off:outer.left, 48
is      32S, off:outer.right, 48

#: pass in_named_member_of_unnamed_type on fields
field   outer, named.b, int
is      32S, off:outer.named.b, 60

#: pass through_a_typedef on fields
field   kuid_t, val, uint, kind=typedef
is      32S, off:kuid_t.val, 0

#: pass through_two_typedefs on fields
field   owner_t, val, uint, kind=typedef
size    owner_t, kind=typedef
is      32S, off:owner_t.val, 0
is      32S, size:owner_t, 4

#: pass path_through_a_typedef on fields
field   node, uid.val, uint
is      32S, off:node.uid.val, 48

#: pass array on fields
array   int4, int, 4
field   node, table, int4
is      32S, off:node.table, 64

# A constant index is a sum: there are no indexes in paths.
#: pass array_element on fields
array   int4, int, 4
field   node, table, int4
term    1, off:node.table
expr    third, 12
symbol  expr:0, third
is      32S, expr:0, 76

#: pass array_of_structs on fields
declared inner
array   inner3, inner, 3
field   outer, pair, inner3
size    inner
field   inner, x, int
term    1, off:outer.pair
term    2, size:inner
term    1, off:inner.x
expr    element
symbol  expr:0, element
is      32S, expr:0, 12+2*8+4

#: pass array_of_arrays on fields
array   char8, char, 8
array   grid, char8, 2
field   node, grid, grid
is      32S, off:node.grid, 80

#: pass flexible_array on fields
array   tail, int, 0
field   node, tail, tail
is      32S, off:node.tail, 144

# Rust's own name for a type is no business of the kernel: flavours are symbols.
#: pass two_flavours_of_one_field on fields
exists_field node, flag, int, as=node___int.flag
exists_field node, flag, long, as=node___long.flag
field   node, flag, int, guard=exists:node___int.flag, as=node___int.flag
field   node, flag, long, guard=exists:node___long.flag, as=node___long.flag
is      8, exists:node___int.flag, 1
is      8, exists:node___long.flag, 0
is      32S, off:node___int.flag, 52
is      32S, off:node___long.flag, 0

#: pass three_underscores_are_a_name on fields
field   node___old, y, int
is      32S, off:node___old.y, 4

#: refuse flavour_that_is_no_name on fields with E0401 struct node___new
field   node___new, next, void_p

#: refuse missing_type on fields with E0401 no type of that name
field   gone, x, int

#: refuse missing_field on fields with E0403 has no gone
field   node, gone, int

#: refuse missing_part_of_a_path on fields with E0403 has no gone
field   outer, inner.gone, int

#: refuse path_through_a_number on fields with E0403 has no x
field   node, flag.x, int

#: refuse path_through_a_pointer on fields with E0403 has no next
field   node, next.next, void_p

#: refuse path_with_an_empty_part on fields with E0403 expected a field
field   outer, inner..x, int

#: refuse struct_that_is_a_union on fields with E0401 no type of that name
field   either, number, int

#: refuse union_that_is_a_struct on fields with E0401 no type of that name
field   node, next, void_p, kind=union

#: refuse typedef_that_is_a_struct on fields with E0401 no type of that name
field   node, next, void_p, kind=typedef

#: refuse declared_only on fields with E0401 only declares it
size    shut

#: refuse field_of_a_declared_type on fields with E0401 only declares it
field   forward, x, int

#: pass unions_member on fields
field   either, last, short, kind=union
is      32S, off:either.last, 6

# "driver.rs:7" is what a user can act upon.
#: refuse names_the_source_line on fields with E0403 driver.rs:7: field gone
field   node, gone, int, source="driver.rs:7"

#: refuse all_problems_are_told on fields with E0403 RACE-E0404
field   node, gone, int
field   node, flag, long
