# SPDX-License-Identifier: GPL-2.0-only
# Existence: 1 or 0, never a demand; and what is guarded by it.

#: pass field_that_is on fields
exists_field node, flag
is      8, exists:node.flag, 1

#: pass field_that_is_not on fields
exists_field node, gone
is      8, exists:node.gone, 0

#: pass nested_field on fields
exists_field outer, inner.x
exists_field outer, inner.gone
is      8, exists:outer.inner.x, 1
is      8, exists:outer.inner.gone, 0

#: pass field_of_a_type_that_is_not on fields
exists_field gone, flag
is      32, exists:gone.flag, 0

#: pass field_with_its_type on fields
exists_field node, flag, int
is      8, exists:node.flag, 1

#: pass field_with_another_type on fields
exists_field node, flag, long
is      8, exists:node.flag, 0

#: pass bit_field on bitfields
exists_field flags, first
is      8, exists:flags.first, 1

#: pass bit_field_is_no_field_with_an_address on bitfields
exists_field flags, first, uint
is      8, exists:flags.first, 0

#: pass type_that_is on fields
exists_type node
is      8, exists:node, 1

#: pass type_that_is_not on fields
exists_type gone
is      8, exists:gone, 0

#: pass type_that_is_declared_only on fields
exists_type forward
is      8, exists:forward, 0

#: pass type_of_another_kind on fields
exists_type node, kind=union
is      8, exists:node, 0

#: pass typedef on fields
exists_type kuid_t, kind=typedef
is      8, exists:kuid_t, 1

#: pass enumerator_that_is on enums
exists_enumerator GREEN
is      8, exists:GREEN, 1

#: pass enumerator_that_is_not on enums
exists_enumerator PURPLE
is      8, exists:PURPLE, 0

#: pass enumerator_of_its_enum on enums
exists_enumerator PLUS, "enum color"
is      8, exists:PLUS, 0

#: pass function_that_is on rust
exists_function dev_get
is      8, exists:dev_get(), 1

#: pass function_that_is_not on rust
exists_function gone
is      8, exists:gone(), 0

#: pass function_that_is_not_exported on rust
exists_function not_exported
is      8, exists:not_exported(), 0

#: pass function_with_another_prototype on rust
result  int
prototype proto
exists_function dev_get, proto
is      8, exists:dev_get(), 0

#: pass function_in_a_namespace_of_others on rust
exists_function in_namespace
is      8, exists:in_namespace(), 0

#: pass variable on rust
exists_variable jiffies, ulong
exists_variable gone
is      8, exists:jiffies, 1
is      8, exists:gone, 0

#: pass as_a_branch on fields
exists_field node, gone
movl    $"race:exists:node.gone", %eax
holds   4, 0
cmpl    $"race:exists:node.gone", %eax

#: pass guarded_field_that_is on fields
exists_field node, flag
field   node, flag, int, guard=exists:node.flag
is      32S, off:node.flag, 52

#: pass guarded_field_that_is_not on fields
exists_field node, gone
field   node, gone, int, guard=exists:node.gone
is      32S, off:node.gone, 0

#: pass guarded_type_that_is_not on fields
exists_type gone
size    gone, guard=exists:gone
field   gone, x, int, guard=exists:gone
is      32S, size:gone, 0
is      32S, off:gone.x, 0

# The question may stand behind what it guards.
#: pass guard_that_comes_later on fields
.set    ".Lc:exists:node.gone", 1
field   node, gone, int, guard=exists:node.gone
exists_field node, gone
is      32S, off:node.gone, 0

#: pass one_side_of_two on fields
exists_field node, renamed, int
exists_field node, flag, int
field   node, renamed, int, guard=exists:node.renamed
field   node, flag, int, guard=exists:node.flag
is      32S, off:node.renamed, 0
is      32S, off:node.flag, 52

#: pass dead_enumerator on enums
exists_enumerator PURPLE
enumerator PURPLE, guard=exists:PURPLE, low=1
is      32, enum:PURPLE, 0

#: pass dead_frozen_type on layout
exists_type gone
member  x, int, 0
structure gone, 4, gone
frozen  gone, gone, guard=exists:gone
is      8, exists:gone, 0

#: pass dead_room_is_not_judged on fields
exists_type gone
size    gone, guard=exists:gone
term    1, size:gone
expr    need, 1000
room    need, 10
is      8, exists:gone, 0

#: pass dead_expression_is_not_checked on fields
exists_type gone
size    gone, guard=exists:gone
term    1, size:gone
expr    big, 0x100000000
symbol  expr:0, big
is      32S, expr:0, 0

#: pass dead_call_traps on rust
exists_function gone
function gone, guard=exists:gone()
call    gone
refers_to gone@.text.race

#: pass live_call on rust
exists_function dev_get
function dev_get, guard=exists:dev_get()
call    dev_get
refers_to dev_get

#: pass one_contract_of_two_lives on rust
result  int
prototype other
exists_function dev_get, other
function dev_get, other, guard=exists:dev_get()
function dev_get
call    dev_get
is      8, exists:dev_get(), 0

# With the flag UNLESS it is where the question's answer is no that something counts.
#: pass dead_call_unless_it_exists_traps on rust
exists_function dev_get
contract function:gone, FUNCTION, gone, "", guard=exists:dev_get(), flags=UNLESS
call    gone
refers_to gone@.text.race

#: pass live_call_unless_another_exists on rust
exists_function gone
contract function:dev_get, FUNCTION, dev_get, "", guard=exists:gone(), flags=UNLESS
call    dev_get
refers_to dev_get

#: refuse unless_it_exists_and_neither_does on rust with E0411 function other
exists_function gone
contract function:other, FUNCTION, other, "", guard=exists:gone(), flags=UNLESS
call    other

#: refuse unless_without_a_guard on rust with E0210 expected a guard
contract c, FUNCTION, dev_get, "", flags=UNLESS

#: refuse unless_of_a_former_function on rust with E0210 expected a guard
result  void
prototype one
lacks_function dev_get
contract c, FUNCTION, dev_get, "", type=one, guard=lacks:dev_get(), flags=FORMER+UNLESS

#: refuse guarded_and_there_but_otherwise on fields with E0404 expected type long
exists_field node, flag
field   node, flag, long, guard=exists:node.flag

#: refuse unguarded_beside_a_guarded on fields with E0403 has no gone
exists_field node, gone
field   node, gone, int, as=guarded, guard=exists:node.gone
field   node, gone, int

#: refuse call_without_its_guard on rust with E0411 function gone
exists_function gone
function gone
call    gone

#: refuse guard_that_is_no_question on fields with E0210 is guarded by contract 0
field   node, flag, int
field   node, big, long, guard=off:node.flag

#: refuse guard_of_itself on fields with E0210 is guarded by contract 0
contract loop, EXISTS_FIELD, "struct node", flag, high=1, guard=loop

#: refuse guards_in_a_ring on fields with E0210 is guarded by contract 1
.set    ".Lc:b", 1
contract a, EXISTS_FIELD, "struct node", flag, high=1, guard=b
contract b, EXISTS_FIELD, "struct node", big, high=1, guard=a

#: refuse guard_that_is_not_there on fields with E0210 is guarded by contract 99
.set    ".Lc:nowhere", 99
field   node, flag, int, guard=nowhere

#: refuse answer_that_the_code_does_not_know on fields with E0407 from 1 to 1
contract must, EXISTS_FIELD, "struct node", gone, low=1, high=1

#: refuse type_question_with_a_type on fields with E0210 existence of struct node
contract q, EXISTS_TYPE, "struct node", "", int, high=1
