#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A driver that puts layouts into constant expressions is either right on every
# kernel, or refused when it is built or resolved.
. "$(dirname "$0")/lib.sh"

race=${RACE:-$top/build/race}
kernels=()
for which in '6.18 amd64' '7.2 amd64'; do
    # shellcheck disable=SC2086 # two words are meant
    kernels+=("$(stock_kernel $which)") || { fail "no stock kernel $which"; exit 1; }
done

# truth KERNEL TYPE [FIELD]: the size, or the field's offset, from the kernel's BTF.
truth() {
    "$race" steg dump --type "$2" "$1" | awk -v type="$2:" -v field="${3:-}" '
        /^[^\t]/ { here = index($0, type) == 1 }
        here && field == "" && match($0, /size [0-9]+/) { print substr($0, RSTART + 5, RLENGTH - 5); exit }
        here && $2 == field { print $1; exit }'
}

# Right everywhere: the numbers that the modules print.
for driver in constants embedded; do
    build_rcrate -o "$work/right" "$top/tests/drivers/$driver"
    expect_status 0 "race build $driver"
done
mutexes=()
for kernel in "${kernels[@]}"; do
    run "$top/qemu/run" --kernel "$kernel" --smp 1 --test "$top/tests/guest/said.sh" \
        --env 'SAYING=constants embedded' --log "$work/console" \
        --rcrate "$work/right/constants.rcrate" --rcrate "$work/right/embedded.rcrate"
    expect_status 0 "constants and embedded on $(basename "$kernel")"
    said() { # said MODULE WHAT EXPECTED
        expect_equal "$(sed -n "s/^$1: $2=//p" "$work/out")" "$3" "$1: $2 on $(basename "$kernel")"
    }
    mutex=$(truth "$kernel" 'struct mutex')
    completion=$(truth "$kernel" 'struct completion')
    list=$(truth "$kernel" 'struct list_head')
    private=$(truth "$kernel" 'struct file' private_data)
    power=1
    while [ $power -lt "$mutex" ]; do power=$((power * 2)); done
    mutexes+=("$mutex")
    said constants size "$mutex"
    said constants offset "$private"
    said constants nested $(($(truth "$kernel" 'struct miscdevice' list) + $(truth "$kernel" 'struct list_head' prev)))
    said constants sum $((2 * mutex + private + 3))
    said constants difference $(($(truth "$kernel" 'struct kiocb' ki_flags) - $(truth "$kernel" 'struct kiocb' ki_pos)))
    said constants narrow "$completion"
    said constants table "$completion,77,$private"
    said constants associated "$completion"
    said constants header 3,1,12
    said constants is24 $((mutex == 24))
    said constants is32 $((mutex == 32))
    said constants empty $(($(truth "$kernel" 'struct lock_class_key') == 0))
    said constants power $((mutex == power))
    said constants next $power
    said constants rest $((mutex % 64))
    said constants small 1
    said constants matched $((mutex == 24 ? 1 : mutex <= 40 ? 2 : 3))
    said constants steps $((completion / 8))
    # u8, u64, u32 and u16 beside the three.
    said embedded several_size $((mutex + completion + list + 16))
    said embedded several 1
    said embedded either 1
    said embedded stride "$mutex"
    said embedded array $((3 * mutex))
    said embedded many 1
    said embedded generic "$((completion + 8)),1"
    said embedded still 1
done
[ "${mutexes[0]}" != "${mutexes[1]}" ] || fail "both kernels have the same struct mutex: nothing was tested"

# Refused when it is built.  make NAME ITEMS STATEMENTS: a driver with these.
make() {
    mkdir "$work/$1"
    echo "obj-m := $1.o" >"$work/$1/Kbuild"
    cat >"$work/$1/$1.rs" <<END
// SPDX-License-Identifier: GPL-2.0
//! $1
#![allow(dead_code, unused_imports)]
use core::mem::{align_of, offset_of, size_of, MaybeUninit};
use kernel::{bindings, prelude::*, ptr::Alignment, types::Opaque};
module! { type: Test, name: "$1", authors: ["RACE"], description: "$1", license: "GPL", }
$2
struct Test;
impl kernel::Module for Test {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        $3
        Ok(Test)
    }
}
END
}
refused() { # refused NAME CODE ITEMS STATEMENTS
    make "$1" "$3" "$4"
    build_rcrate -o "$work/refused" "$work/$1"
    expect_status 2 "race build $1"
    expect_error "^race: RACE-$2: .*" "race build $1"
    expect_error "$1.rs:[0-9]+|$1::|type Own" "race build $1 names the place"
    expect_no_file "$work/refused/$1.rcrate" "race build $1"
}
const() { # const NAME TYPE EXPRESSION: a constant that is printed
    refused "$1" E0603 "const N: $2 = $3;" 'pr_info!("{}\n", N);'
}
const branch_on_offset u32 'if offset_of!(bindings::file, private_data) < 40 { 1 } else { 2 }'
const always_true bool 'size_of::<bindings::mutex>() <= 1 << 30'
const next_power usize 'size_of::<bindings::mutex>().next_power_of_two()'
const not_the_kernels usize 'align_of::<bindings::spinlock>()'
const rounded usize 'size_of::<bindings::spinlock>() & !7'
const distance bool '{
    let file = MaybeUninit::<bindings::file>::uninit();
    let start = file.as_ptr();
    // SAFETY: both are in one value.
    56 == unsafe { (&raw const (*start).private_data).cast::<u8>().offset_from(start.cast::<u8>()) } }'
const bytes u64 '{
    let one = MaybeUninit::<bindings::mutex>::zeroed();
    // SAFETY: all bytes are there.
    unsafe { *one.as_ptr().cast::<u64>().add(2) } }'
const low_byte u8 'size_of::<bindings::request>() as u8'
const other_crate usize 'Alignment::of::<bindings::mutex>().as_usize()'
const length bool '[0_u8; size_of::<bindings::mutex>()].len() > 20'
refused asks_elsewhere E0603 '' 'pr_info!("{}\n", Alignment::of::<bindings::spinlock>().as_usize());'
refused is_aligned E0603 '' 'let lock = core::hint::black_box(8 as *const bindings::spinlock);
    pr_info!("{}\n", lock.is_aligned());'
refused no_value E0603 'struct Own { lock: Opaque<bindings::mutex>, number: u8 }' 'pr_info!("{}\n", size_of::<Own>());'
refused promoted E0603 '' 'pr_info!("{}\n", (size_of::<bindings::mutex>() == 32));'
refused array_length E0604 \
    'static A: [u8; size_of::<bindings::mutex>()] = [1; size_of::<bindings::mutex>()];' \
    'pr_info!("{}\n", A.iter().map(|x| usize::from(*x)).sum::<usize>());'
refused const_generic E0603 \
    'struct W<const N: usize>; impl<const N: usize> W<N> { #[inline(never)] fn n(&self) -> usize { N } }' \
    'pr_info!("{}\n", W::<{ size_of::<bindings::mutex>() }>.n());'
refused two_share_a_place E0603 'enum Own { A(Opaque<bindings::device>), B(Opaque<bindings::mutex>) }' \
    'core::hint::black_box(&KBox::new(Own::B(Opaque::uninit()), GFP_KERNEL)?);'
refused larger_neighbour E0603 'enum Own { A(Opaque<bindings::spinlock>), B([u8; 64]) }' \
    'core::hint::black_box(&KBox::new(Own::B([1; 64]), GFP_KERNEL)?);'

# No layout moves an alignment, so it is asked for exactly, and no more than it: the rest of
# struct file differs.
make aligned 'struct Own { file: Opaque<bindings::file>, number: u8 }
const N: usize = align_of::<bindings::miscdevice>();' \
    'let own = core::hint::black_box(Own { file: Opaque::uninit(), number: 1 });
     let layout = core::alloc::Layout::new::<Own>();
     pr_info!("{} {} {} {}\n", N, layout.align(), layout.size(), own.number);'
build_rcrate -o "$work/right" "$work/aligned"
expect_status 0 "race build aligned"
run "$race" inspect "$work/right/aligned.rcrate"
for type in file miscdevice; do
    expect_output "alignment of struct $type" "race inspect aligned: struct $type"
done
for kernel in "${kernels[@]}"; do
    run "$race" resolve "$work/right/aligned.rcrate" --target "$kernel" -o "$work/aligned.ko"
    expect_status 0 "race resolve aligned for $(basename "$kernel")"
done

# Right: items of one name that have nothing to do with one another; a table of operations
# with the rest zeroed; a number that is kept in a static.
make namesake 'struct A; struct B;
impl A { const LEN: usize = size_of::<bindings::mutex>(); }
impl B { const LEN: usize = 16; fn small() -> bool { B::LEN < 32 } }
const fn zeroed<T>() -> T {
    // SAFETY: for structs of C only.
    unsafe { MaybeUninit::<T>::zeroed().assume_init() }
}
struct Shared<T>(T);
// SAFETY: nobody writes it.
unsafe impl<T> Sync for Shared<T> {}
static TABLE: Shared<bindings::file_operations> = Shared(bindings::file_operations {
    open: None, ..zeroed() });
const fn twice(x: usize) -> usize { x + x }
static TWICE: usize = twice(size_of::<bindings::mutex>());' \
    'pr_info!("{} {} {}\n", A::LEN + usize::from(B::small()), TABLE.0.open.is_some(),
        core::hint::black_box(&TWICE));'
build_rcrate -o "$work/right" "$work/namesake"
expect_status 0 "race build namesake"

# Right: a generic type of the driver's own, named as it is imported; and a function of the
# driver's own that gives a layout, of the name of one that `module!` calls for a static.
make named 'struct Wrap<T> { tag: u8, inner: T } impl<T> Wrap<T> { const fn get() -> usize { size_of::<Self>() } }
const N: usize = size_of::<Wrap<Opaque<bindings::mutex>>>();' \
    'let wrap = core::hint::black_box(Wrap { tag: 1, inner: Opaque::<bindings::mutex>::uninit() });
     pr_info!("{} {} {}\n", N, Wrap::<Opaque<bindings::mutex>>::get(), wrap.tag);'
build_rcrate -o "$work/right" "$work/named"
expect_status 0 "race build named"

# Where an own type that is aligned to more than 8 bytes ends is a multiple of that on every
# kernel, whatever the size of what it holds.
make line '#[repr(C, align(64))] struct Line { lock: Opaque<bindings::mutex>, number: u32 }' \
    'let line = KBox::new([const { Line { lock: Opaque::uninit(), number: 1 } }; 2], GFP_KERNEL)?;
     pr_info!("{}\n", &raw const line[1] as usize % 64);'
build_rcrate -o "$work/right" "$work/line"
expect_status 0 "race build line"
run "$race" inspect "$work/right/line.rcrate"
expect_output 'up\(size\(mutex\) \+ 4, 64\)' "race inspect line"
for kernel in "${kernels[@]}"; do
    run "$race" resolve "$work/right/line.rcrate" --target "$kernel" -o "$work/line.ko"
    expect_status 0 "race resolve line for $(basename "$kernel")"
done
