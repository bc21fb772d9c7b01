# SPDX-License-Identifier: GPL-2.0-only
# Relocations of each width, expressions, and what does not fit.

#: pass width_64 on layout
size    plain
is      64, size:plain, 24

#: pass width_32 on layout
size    plain
is      32, size:plain, 24

#: pass width_32S on layout
size    plain
is      32S, size:plain, 24

#: pass width_16 on layout
size    plain
is      16, size:plain, 24

#: pass width_8 on layout
size    plain
is      8, size:plain, 24

#: pass displacement on layout
field   plain, l, long
movq    "race:off:plain.l"(%rdi,%rsi), %rax
holds   4, 8

#: pass displacement_with_an_addend on layout
field   plain, l, long
movq    "race:off:plain.l" + 4(%rdi), %rax
holds   4, 12

#: pass negative_addend on layout
field   plain, l, long
is      32S, off:plain.l, -8, -16
is      64, off:plain.l, -8, -16

#: pass immediate on layout
size    plain
addq    $"race:size:plain", %rax
holds   4, 24

#: pass many_sites_of_one_symbol on layout
size    plain
is      64, size:plain, 24
is      32S, size:plain, 24
is      32S, size:plain, 25, 1
is      8, size:plain, 24

#: pass in_data on layout
size    plain
.data
here:   .quad "race:size:plain"
shape_holds here, 0, 8, 24

#: pass multiple on layout
size    plain
term    3, size:plain
expr    three, 5
symbol  expr:0, three
is      32S, expr:0, 77

#: pass negative_multiple on layout
size    plain
term    -1, size:plain
expr    minus, 4
symbol  expr:0, minus, -0x80000000, -1
is      32S, expr:0, -20
is      64, expr:0, -20

#: pass difference on layout
field   uses_union, mixed.halves.high, short
field   plain, l, long
term    1, off:plain.l
term    -1, off:uses_union.mixed.halves.high
expr    difference
symbol  expr:0, difference, -0x80000000
is      32S, expr:0, -2

#: pass rounded on layout
size    tight
term    1, size:tight, 8
expr    up, 3
symbol  expr:0, up
is      32S, expr:0, 19

#: pass rounded_what_is_round on layout
size    plain
term    1, size:plain, 8
expr    up
symbol  expr:0, up
is      32S, expr:0, 24

#: pass sum_of_three_types on layout
size    tight
size    odd
size    plain
term    1, size:tight, 8
term    1, size:odd, 8
term    1, size:plain, 8
expr    own, 8
symbol  expr:0, own
is      32S, expr:0, 16 + 16 + 24 + 8

#: pass plain_number on layout
expr    seven, 7
symbol  expr:0, seven
is      32S, expr:0, 7

#: pass largest_unsigned_32 on layout
expr    most, 0xffffffff
symbol  expr:0, most
is      32, expr:0, 0xffffffff

#: pass ends_of_32S on layout
expr    most, 0x7fffffff
symbol  expr:0, most
expr    least, -0x80000000
symbol  expr:1, least, -0x80000000
is      32S, expr:0, 0x7fffffff
is      32S, expr:1, -0x80000000

#: pass ends_of_16 on layout
expr    most, 0xffff
symbol  expr:0, most
expr    least, -0x8000
symbol  expr:1, least, -0x8000
is      16, expr:0, 0xffff
is      16, expr:1, -0x8000

#: pass ends_of_8 on layout
expr    most, 127
symbol  expr:0, most
expr    least, -128
symbol  expr:1, least, -128
is      8, expr:0, 127
is      8, expr:1, -128

#: pass ends_of_64 on layout
expr    most, 0x7fffffffffffffff
symbol  expr:0, most
expr    least, -0x8000000000000000
symbol  expr:1, least, -0x8000000000000000
is      64, expr:0, 0x7fffffffffffffff
is      64, expr:1, -0x8000000000000000

# What LLVM was told, to the number.
#: pass ends_of_what_the_code_was_told on layout
expr    most, 10
symbol  expr:0, most, 10, 10
is      32S, expr:0, 10

#: refuse too_large_for_32S on layout with E0502 expected a value from -2147483648 to 2147483647
field   huge, far, int
term    16, off:huge.far
expr    far
symbol  expr:0, far
is      32S, expr:0, 0

#: refuse addend_makes_it_too_large on layout with E0502 + 2147483647
size    plain
is      32S, size:plain, 0, 0x7fffffff

#: refuse too_large_for_32 on layout with E0502 4294967296
expr    most, 0x100000000
symbol  expr:0, most
is      32, expr:0, 0

#: refuse negative_for_32 on layout with E0502 from 0 to 4294967295
size    plain
is      32, size:plain, 0, -25

#: refuse too_small_for_a_number_of_32_that_may_be_negative on layout with E0502 from -2147483648
expr    least, -0x80000001
symbol  expr:0, least, -0x8000000000000000
is      32, expr:0, 0

#: refuse too_large_for_16 on layout with E0502 to 65535
expr    most, 0x10000
symbol  expr:0, most
is      16, expr:0, 0

# An imm8 is sign-extended: 128 would be -128.
#: refuse too_large_for_8 on layout with E0502 to 127
expr    most, 128
symbol  expr:0, most
is      8, expr:0, 0

#: refuse addend_that_leaves_64_bits on layout with E0502 9223372036854775807
expr    most, 0x7fffffffffffffff
symbol  expr:0, most
is      64, expr:0, 0, 1

#: refuse sum_that_leaves_64_bits on layout with E0407 does not fit in 64 bits
size    plain
term    1, size:plain
expr    most, 0x7fffffffffffffff
symbol  expr:0, most
is      64, expr:0, 0

#: refuse product_that_leaves_64_bits on enums with E0407 does not fit in 64 bits
enumerator WIDE, enum=wide, high=0x7fffffffffffffff
term    0x7fffffff, enum:WIDE
expr    product
symbol  expr:0, product
is      64, expr:0, 0

#: refuse negative_where_none_was_told on layout with E0407 expected a value from 0
size    plain
term    -1, size:plain
expr    minus
symbol  expr:0, minus
is      32S, expr:0, 0

#: refuse larger_than_was_told on layout with E0407 from 0 to 23
size    plain
term    1, size:plain
expr    own
symbol  expr:0, own, 0, 23
is      32S, expr:0, 0

#: refuse old_bytes on layout with E0503 byte 0 is not zero
size    plain
.reloc  ., R_X86_64_32S, "race:size:plain"
.long   5

#: refuse old_bytes_of_a_dead_site on fields with E0503 byte 3 is not zero
exists_field node, gone
field   node, gone, int, guard=exists:node.gone
.reloc  ., R_X86_64_32S, "race:off:node.gone"
.byte   0, 0, 0, 1

#: refuse two_in_one_place on layout with E0501 two relocations fill the same bytes
size    plain
.reloc  ., R_X86_64_32S, "race:size:plain"
.reloc  ., R_X86_64_32S, "race:size:plain"
.long   0

#: refuse two_that_overlap on layout with E0501 two relocations fill the same bytes
size    plain
size    empty
.reloc  ., R_X86_64_32S, "race:size:empty"
.reloc  . + 3, R_X86_64_8, "race:size:plain"
.long   0

#: refuse relative_to_the_place on layout with E0501 expected an absolute one
size    plain
.reloc  ., R_X86_64_PC32, "race:size:plain"
.long   0

#: refuse call_of_a_number on layout with E0501 expected an absolute one
size    plain
call    "race:size:plain"

#: refuse through_a_table_of_addresses on layout with E0501 relocation type
size    plain
movq    "race:size:plain"@GOTPCREL(%rip), %rax

#: refuse symbol_without_a_definition on layout with E0501 does not define this layout symbol
size    plain
site    32S, size:odd

#: refuse symbol_that_the_object_defines on layout with E0501 must not be defined
size    plain
.globl  "race:size:plain"
"race:size:plain":
.data
.reloc  ., R_X86_64_64, "race:size:plain"
.quad   0

#: refuse undefined_symbol_without_a_contract on layout with E0505 nobody
size    plain
call    nobody

#: refuse symbol_defined_twice on layout with E0210 is defined twice
size    plain
symbol  size:plain, size:plain

#: refuse symbol_without_the_prefix on layout with E0210 does not begin with
expr    e, 1
.pushsection .race, 5
string  "size:plain"
.long   ".Le:e"
.quad   0, 10
.popsection

#: refuse symbol_of_an_expression_that_is_not_there on layout with E0210 expression 7
.set    ".Le:nowhere", 7
symbol  expr:7, nowhere

#: refuse symbol_whose_range_ends_before_it_begins on layout with E0210 ends before it begins
expr    e, 1
symbol  expr:0, e, 5, 4

#: refuse term_of_a_contract_that_is_not_there on layout with E0210 contract 9
.set    ".Lc:nowhere", 9
term    1, nowhere
expr    e
symbol  expr:0, e

#: refuse term_of_a_contract_without_a_value on rust with E0210 which has no value
function dev_get
term    1, function:dev_get
expr    e
symbol  expr:0, e

#: refuse terms_that_two_expressions_share on layout with E0210 expected those from 1 on
size    plain
.pushsection .race, 3
.quad   0
.long   0, 1
.popsection

#: refuse rounding_to_no_power_of_two on layout with E0210 rounding to 24
size    plain
term    1, size:plain, 24
expr    e

#: refuse string_outside_of_the_table on layout with E0209 string reference 65535
.pushsection .race, 1
.long   65535, 0
.popsection

#: refuse contract_of_an_unknown_kind on layout with E0210 unknown kind of contract 99
contract odd, 99, "struct plain"

#: refuse contract_with_a_type_that_is_not_there on layout with E0210 has type 4000
.set    ".Lt:nowhere", 4000
field   plain, l, nowhere

#: refuse relocation_outside_of_its_section on layout with E0501 4 bytes do not lie within
size    plain
.long   0
.reloc  . - 2, R_X86_64_32S, "race:size:plain"
