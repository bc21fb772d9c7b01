# SPDX-License-Identifier: GPL-2.0-only
# What Rust makes of the kernel's types: its own that embed them, and its tables.

# struct Device { state: Mutex<Inner>, count: u64 }: rustc's order, the target's size.
#: pass field_behind_an_embedded_type on rust
size    mutex
term    1, size:mutex, 8
expr    count, 8
symbol  expr:0, count
is      32S, expr:0, 40

#: pass size_of_a_type_that_embeds_two on rust
size    mutex
size    spinlock
term    1, size:mutex, 8
term    1, size:spinlock, 8
expr    own, 16
symbol  room:own, own
is      32S, room:own, 32 + 8 + 16

# A kernel type of 12 bytes before a u64.
#: pass embedded_type_of_an_odd_size on rust
size    odd_size
term    1, size:odd_size, 8
expr    next
symbol  expr:0, next
is      32S, expr:0, 16

# Copies have the true size, not the room.
#: pass copy_of_an_odd_size on rust
size    odd_size
is      32, size:odd_size, 12

#: pass array_of_an_embedded_type on rust
size    odd_size
term    4, size:odd_size, 4
expr    array
symbol  expr:0, array
is      32S, expr:0, 48

# container_of!(): from the kernel's member back to the driver's own type.
#: pass container_of on rust
field   device, driver_data, void_p
term    -1, off:device.driver_data
expr    back, -16
symbol  expr:0, back, -0x80000000, -1
lea     "race:expr:0"(%rdi), %rax
holds   4, -120

#: pass field_within_an_embedded_type on rust
declared mutex
field   device, mutex, mutex
field   mutex, osq, uint
term    1, off:device.mutex
term    1, off:mutex.osq
expr    sum
symbol  expr:0, sum
is      32S, expr:0, 112 + 12

# lock_class_key without lockdep.
#: pass type_of_no_size on rust
size    lock_class_key
term    1, size:lock_class_key, 8
expr    next, 24
symbol  expr:0, next
is      32, size:lock_class_key, 0
is      32S, expr:0, 24

#: pass room_that_is_just_filled on rust
size    mutex
term    1, size:mutex
expr    need, 8
room    need, 40
is      32, size:mutex, 32

#: pass table_of_operations on rust
declared inode
pointer inode_p, inode
declared file
pointer file_p, file
result  int
param   inode_p
param   file_p
prototype open
pointer open_p, open
expr    zero
field   file_operations, open, open_p
field   file_operations, release, open_p
size    file_operations
piece_address off:file_operations.open, my_open, zero
piece_address off:file_operations.release, my_release, zero
shape   my_fops, .rodata, 8, size:file_operations
my_open:
        ret
my_release:
        ret
movq    $my_fops, %rax
shape_points my_fops, 24, my_open
shape_points my_fops, 40, my_release
shape_holds my_fops, 0, 8, 0
shape_holds my_fops, 32, 8, 0

# The slot that this kernel does not have is left out, the other filled in.
#: pass table_with_a_slot_that_does_not_exist on rust
declared file
pointer file_p, file
result  int
param   file_p
prototype later
pointer later_p, later
expr    zero
exists_field file_operations, gone
field   file_operations, gone, void_p, guard=exists:file_operations.gone
field   file_operations, added_later, later_p
size    file_operations
piece_address off:file_operations.gone, my_open, zero
piece_address off:file_operations.added_later, my_later, zero
shape   my_fops, .data, 8, size:file_operations
my_open:
        ret
my_later:
        ret
movq    $my_fops, %rax
shape_points my_fops, 32, my_later
shape_holds my_fops, 0, 8, 0

# Two entries and the empty one: each a whole struct further.
#: pass table_of_ids on rust
field   pci_device_id, device, uint
field   pci_device_id, driver_data, ulong
size    pci_device_id
expr    zero
expr    vendor, 0x1234
expr    device, 0x11e9
term    1, size:pci_device_id
term    1, off:pci_device_id.device
expr    second_device
term    1, size:pci_device_id
term    1, off:pci_device_id.driver_data
expr    second_data
term    3, size:pci_device_id
expr    all
piece_value zero, 4, vendor
piece_value off:pci_device_id.device, 4, device
piece_bytes second_device, 4, "abcd"
piece_value second_data, 8, vendor
shape   ids, .rodata, 8, all
movq    $ids, %rax
shape_holds ids, 0, 4, 0x1234
shape_holds ids, 4, 4, 0x11e9
shape_holds ids, 44, 4, 0x64636261
shape_holds ids, 64, 8, 0x1234
shape_holds ids, 80, 8, 0

#: pass address_of_a_field_of_a_static on rust
size    device
field   device, driver_data, void_p
shape   my_device, .bss, 8, size:device
expr    zero
expr    pointer_size, 8
piece_address zero, my_device, off:device.driver_data
shape   my_pointer, .data, 8, pointer_size
movq    $my_pointer, %rax
shape_points my_pointer, 0, my_device, 104

#: pass table_that_points_to_itself on rust
size    mutex
expr    zero
expr    at, 16
piece_address at, my_list, at
shape   my_list, .data, 8, size:mutex
movq    $my_list, %rax
shape_points my_list, 16, my_list, 16

#: pass table_of_a_type_that_does_not_exist on rust
exists_type gone
size    gone, guard=exists:gone
expr    zero
piece_value zero, 8, zero
shape   mine, .data, 8, size:gone
.data
here:   .quad mine
shape_points here, 0, mine@.data.race

#: pass call_with_its_prototype on rust
declared device
pointer device_p, device
result  device_p
param   device_p
param   uint
prototype get
function dev_get, get
call    dev_get
refers_to dev_get

# What the compiler calls of itself has no description.
#: pass call_of_the_compilers_own on rust
function memcpy
call    memcpy
refers_to memcpy

#: pass call_under_the_gpl on rust
function only_gpl
call    only_gpl
refers_to only_gpl

#: pass call_in_a_namespace on rust
property import_ns, PRIVATE
function in_namespace
call    in_namespace
refers_to in_namespace

#: pass variable on rust
variable jiffies, ulong
movq    jiffies(%rip), %rax
refers_to jiffies

#: refuse room_that_is_too_small on rust with E0408 size(mutex) + 8
size    mutex
term    1, size:mutex
expr    need, 8
room    need, 39

#: refuse function_that_is_not_exported on rust with E0411 not_exported
function not_exported
call    not_exported

#: refuse other_prototype on rust with E0412 number of parameters
declared device
pointer device_p, device
result  device_p
param   device_p
prototype get
function dev_get, get

#: refuse other_parameter on rust with E0412 signedness
declared device
pointer device_p, device
result  device_p
param   device_p
param   int
prototype get
function dev_get, get

#: refuse namespace_that_is_not_imported on rust with E0414 PRIVATE
function in_namespace

#: refuse variable_of_another_type on rust with E0412 4 and 8 bytes
variable jiffies, uint

#: refuse function_contract_without_a_function on rust with E0210 no function
function dev_get, int

#: refuse slots_that_overlap on rust with E0504 two pieces overlap at byte 28
size    file_operations
expr    at, 24
expr    too_near, 28
piece_value at, 8, at
piece_value too_near, 8, at
shape   my_fops, .data, 8, size:file_operations

#: refuse slot_outside_of_the_table on rust with E0504 does not lie within its 48 bytes
size    file_operations
expr    at, 44
piece_value at, 8, at
shape   my_fops, .data, 8, size:file_operations

#: refuse table_of_less_than_nothing on rust with E0504 bytes on the target
size    mutex
term    -1, size:mutex
expr    less
shape   mine, .data, 8, less

#: refuse number_that_its_slot_cannot_hold on rust with E0502 does not fit in the 1 bytes
expr    zero
expr    many, 256
expr    eight, 8
piece_value zero, 1, many
shape   mine, .data, 8, eight

#: refuse table_in_a_section_of_its_own on rust with E0210 in section ".text"
expr    eight, 8
shape   mine, .text, 8, eight

#: refuse table_that_the_object_defines on rust with E0504 the object defines this symbol already
expr    eight, 8
shape   mine, .data, 8, eight
mine:   ret

#: refuse table_aligned_beyond_pages on rust with E0210 a power of two up to 4096
expr    eight, 8
shape   mine, .data, 8192, eight

#: refuse tables_that_fill_the_memory on rust with E0504 bytes on the target
expr    large, 0xc00000
shape   one, .bss, 8, large
shape   two, .bss, 8, large
