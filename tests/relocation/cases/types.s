# SPDX-License-Identifier: GPL-2.0-only
# Which types of a field agree with what the driver expects.

#: pass pointer_to_a_struct on fields
declared node
pointer node_p, node
field   node, next, node_p
is      32S, off:node.next, 0

#: pass pointer_to_a_pointer on fields
declared node
pointer node_p, node
pointer node_pp, node_p
field   node, back, node_pp
is      32S, off:node.back, 8

#: pass pointer_to_a_declared_struct on fields
declared forward
pointer forward_p, forward
field   node, opaque, forward_p
is      32S, off:node.opaque, 16

#: pass pointer_to_a_function on fields
declared node
pointer node_p, node
result  int
param   node_p
param   long
prototype call
pointer call_p, call
field   node, call, call_p
is      32S, off:node.call, 24

#: pass const_does_not_matter on fields
pointer plain_char_p, char
field   node, name, plain_char_p
is      32S, off:node.name, 32

#: pass const_of_ours_does_not_matter on fields
const   const_int, int
field   outer, deep, const_int
is      32S, off:outer.deep, 40

#: pass volatile_does_not_matter on fields
field   node, flag, int
is      32S, off:node.flag, 52

#: pass volatile_of_ours_does_not_matter on fields
volatile volatile_int, int
field   outer, deep, volatile_int
is      32S, off:outer.deep, 40

#: pass typedef_of_ours on fields
typedef s32, int
typedef my_int, s32
field   node, flag, my_int
is      32S, off:node.flag, 52

#: pass typedefs_of_the_kernel on fields
field   node, small, uchar
field   node, half, ushort
is      32S, off:node.small, 112
is      32S, off:node.half, 114

# bindgen has kuid_t where C's typedef names a struct without a tag.
#: pass unnamed_struct_goes_by_its_typedef on fields
member  val, uint, 0
structure kuid, 4
typedef kuid_t, kuid
field   node, uid, kuid_t
is      32S, off:node.uid, 48

#: pass unnamed_struct_by_its_members on fields
member  val, uint, 0
structure kuid, 4
field   node, uid, kuid
is      32S, off:node.uid, 48

#: pass bool on fields
field   node, yes, bool
is      32S, off:node.yes, 116

#: pass signed_char on fields
field   node, tiny, char
is      32S, off:node.tiny, 113

#: pass long_and_long_long on fields
field   node, big, long
is      32S, off:node.big, 120

#: pass u128 on fields
field   node, wide, u128
is      32S, off:node.wide, 128

#: pass enum_as_a_number on enums
field   holder, color, uint
is      32S, off:holder.color, 4

#: pass enum_of_a_name on enums
enum_type color, 4, 0, color
field   holder, color, color
is      32S, off:holder.color, 4

# Option<NonNull<T>> is a pointer: its niche is in Rust's head alone.
#: pass option_of_nonnull on fields
pointer nonnull, void
field   node, data, nonnull
is      32S, off:node.data, 40

#: pass frozen on layout
member  major, int, 0
member  minor, int, 4
structure version, 8, version
frozen  version, version
size    version
is      32S, size:version, 8

#: pass frozen_that_points_to_itself on layout
declared list_head
pointer list_p, list_head
member  next, list_p, 0
member  prev, list_p, 8
structure list, 16, list_head
frozen  list_head, list
size    list_head
is      32S, size:list_head, 16

#: refuse smaller_number on fields with E0404 4 and 8 bytes
field   node, big, int

#: refuse larger_number on fields with E0404 8 and 4 bytes
field   node, flag, long

#: refuse other_signedness on fields with E0404 signedness
field   node, flag, uint

#: refuse bool_is_no_u8 on fields with E0404 bool
field   node, yes, uchar

#: refuse u8_is_no_bool on fields with E0404 bool
field   node, small, bool

#: refuse number_for_a_pointer on fields with E0404 expected type long
field   node, data, long

#: refuse pointer_for_a_number on fields with E0404 expected type void *
field   node, big, void_p

#: refuse pointer_to_another_struct on fields with E0404 struct outer *
declared outer
pointer outer_p, outer
field   node, next, outer_p

#: refuse pointer_to_a_struct_for_void on fields with E0404 void *
declared node
pointer node_p, node
field   node, data, node_p

#: refuse pointer_to_a_pointer_for_one on fields with E0404 struct node **
declared node
pointer node_p, node
field   node, back, node_p

#: refuse pointer_to_a_union_of_that_name on fields with E0404 union node
declared node, 6
pointer node_p, node
field   node, next, node_p

#: refuse longer_array on fields with E0404 int [5]
array   int5, int, 5
field   node, table, int5

#: refuse array_of_another_type on fields with E0404 signedness
array   uint4, uint, 4
field   node, table, uint4

#: refuse array_for_its_element on fields with E0404 int [4]
field   node, table, int

#: refuse callback_with_another_result on fields with E0404 int
declared node
pointer node_p, node
result  long
param   node_p
param   long
prototype call
pointer call_p, call
field   node, call, call_p

#: refuse callback_with_more_parameters on fields with E0404 number of parameters
declared node
pointer node_p, node
result  int
param   node_p
param   long
param   long
prototype call
pointer call_p, call
field   node, call, call_p

#: refuse callback_for_data on fields with E0404 void *
result  int
prototype call
pointer call_p, call
field   node, data, call_p

#: refuse another_enum on enums with E0404 another enum
enum_type shade, 4, 0, shade
field   holder, color, shade

#: refuse another_unnamed_struct on fields with E0404 other members
member  value, uint, 0
structure kuid, 4
field   node, uid, kuid

#: refuse u64_for_u128 on fields with E0404 8 and 16 bytes
field   node, wide, ulong

#: refuse floating_point on fields with E0404 floating point
float   f64, double, 8
field   node, big, f64

# A .rcrate may hold any nonsense: this typedef is its own target.
#: refuse typedef_of_itself on fields with E0404 expected type
.set    ".Lt:loop", steg_node_count
typedef loop, loop
field   node, flag, loop

#: refuse frozen_with_another_size on layout with E0409 16 bytes
member  major, int, 0
member  minor, int, 4
structure version, 16, version
frozen  version, version

#: refuse frozen_with_another_order on layout with E0409 expected member 'minor'
member  minor, int, 0
member  major, int, 4
structure version, 8, version
frozen  version, version

#: refuse frozen_with_another_type on layout with E0409 major
member  major, uint, 0
member  minor, int, 4
structure version, 8, version
frozen  version, version

#: refuse frozen_with_fewer_members on layout with E0409 members
member  major, int, 0
structure version, 8, version
frozen  version, version
