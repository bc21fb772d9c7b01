#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A kernel whose types are smaller than the base kernel's: a driver goes there when it
# is the same program under layouts as small, and else it is refused.  Such layouts have all
# fields that the driver names.
. "$(dirname "$0")/lib.sh"

race=${RACE:-$top/build/race}
smaller=$(stock_kernel 6.18 amd64) || { fail "no stock kernel 6.18"; exit 1; }
like_base=$(stock_kernel 7.2 amd64) || { fail "no stock kernel 7.2"; exit 1; }

sdk=$cache/sdk/default really=()
# make NAME VALUE...: a driver that prints these, built with $sdk.
make() {
    local name=$1
    shift
    mkdir "$work/$name"
    echo "obj-m := $name.o" >"$work/$name/Kbuild"
    cat >"$work/$name/$name.rs" <<END
// SPDX-License-Identifier: GPL-2.0
//! $name
#[allow(unused_imports)]
use core::{hint::black_box, mem::{offset_of, size_of}};
use kernel::{bindings, prelude::*};
module! { type: Test, name: "$name", authors: ["RACE"], description: "$name", license: "GPL", }
struct Test;
impl kernel::Module for Test {
    fn init(_module: &'static ThisModule) -> Result<Self> {
$(for value; do printf '        pr_info!("value={}\\n", %s);\n' "$value"; done)
        Ok(Test)
    }
}
END
    build_rcrate "${really[@]}" --sdk "$sdk" "$work/$name"
    expect_status 0 "race build $name"
}

# low_of NAME CONTRACT, base_of NAME CONTRACT: from "24 [0, 63152]".
low_of() { "$race" inspect "$work/$1.rcrate" | sed -nE "s/^  $2  +[0-9]+ \[([0-9]+), .*/\1/p"; }
base_of() { "$race" inspect "$work/$1.rcrate" | sed -nE "s/^  $2  +([0-9]+) \[.*/\1/p"; }
# value_of NAME KERNEL ROOT PATH: what it is linked with there.
value_of() {
    "$race" check --values "$work/$1.rcrate" --target "$2" |
        awk -F '\t' -v root="$3" -v path="$4" '$4 == root && $5 == path { print $2 }'
}

# What the kernel's own code names.
make named 'offset_of!(bindings::device, release)' 'size_of::<bindings::device>()'
expect_equal "$(cat "$work/err")" '' "no note"
for contract in 'field release of struct device' 'size of struct device'; do
    base=$(base_of named "$contract") low=$(low_of named "$contract")
    [ "${low:-$base}" -lt $((base / 4)) ] || fail "$contract: from '$low', the base kernel has '$base'"
done
for kernel in "$smaller" "$like_base"; do
    run "$race" resolve "$work/named.rcrate" --target "$kernel" -o "$work/named.ko"
    expect_status 0 "race resolve named for $(basename "$kernel")"
done
there=$(value_of named "$smaller" 'struct device' release)
base=$(base_of named 'field release of struct device')
[ "${there:-$base}" -lt "$base" ] ||
    fail "device.release at '$there' is not below the base kernel's: nothing was tested"

# What it does not name: the small layouts are made with it, for this driver.
really=(--really)
make strange 'offset_of!(bindings::device, groups)' 'offset_of!(bindings::device, release)'
grep -q "no type may be smaller" "$work/err" && fail "strange: $(cat "$work/err")"
for contract in 'field groups of struct device' 'field release of struct device'; do
    base=$(base_of strange "$contract") low=$(low_of strange "$contract")
    [ "${low:-$base}" -lt $((base / 4)) ] || fail "$contract: from '$low', the base kernel has '$base'"
done
for kernel in "$smaller" "$like_base"; do
    run_saying strange "$kernel"
    expect_status 0 "strange on $(basename "$kernel")"
    for field in groups release; do
        there=$("$race" steg dump --type 'struct device' "$kernel" | awk -F '\t' -v field=$field '$3 == field { print $2 }')
        expect_output "^strange: value=${there:-unknown}\$" "device.$field on $(basename "$kernel")"
    done
done
build_rcrate --really "$work/strange"
expect_status 0 "race build strange once more"
expect_equal "$(cat "$work/err")" '' "what was made for its fields is there"
really=()

# `T { a, ..old }` copies each field, and what is left out is not copied: another program, but
# for layouts that leave nothing out of that type.
make copying 'offset_of!(bindings::device, release)' \
    'bindings::miscdevice { minor: 5, ..black_box(bindings::miscdevice::default()) }.minor'
grep -q "no type may be smaller" "$work/err" && fail "copying: $(cat "$work/err")"
contract='field release of struct device'
base=$(base_of copying "$contract") low=$(low_of copying "$contract")
[ "${low:-$base}" -lt $((base / 4)) ] || fail "$contract: from '$low', the base kernel has '$base'"
run_saying copying "$smaller"
expect_status 0 "copying on $(basename "$smaller")"
expect_output '^copying: value=5$' "copying on $(basename "$smaller")"

# In an SDK that nothing can be added to, the driver is no program under the small layouts.
mkdir "$work/sdk"
ln -s "$(realpath "$cache/sdk/default")"/* "$work/sdk/"
rm -f "$work/sdk/fields"
echo 'no folder' >"$work/sdk/fields"
sdk=$work/sdk
make closed 'offset_of!(bindings::device, groups)' 'offset_of!(bindings::device, release)'
expect_error "^race: note: no type may be smaller on a target than in the base kernel: error\[E0609\]: no field .groups. .*no small variant has it: .*Not a directory" \
    "the author is told"
for contract in 'field groups of struct device' 'field release of struct device'; do
    expect_equal "$(low_of closed "$contract")" "$(base_of closed "$contract")" "$contract: the least"
done
run "$race" resolve "$work/closed.rcrate" --target "$like_base" -o "$work/closed.ko"
expect_status 0 "race resolve closed for a kernel like the base"
run "$race" resolve "$work/closed.rcrate" --target "$smaller" -o "$work/smaller.ko"
expect_status 1 "race resolve closed where struct device is smaller"
expect_error 'RACE-E0407: .*field groups of struct device: expected a value from [0-9]+ to' "race resolve closed"
expect_no_file "$work/smaller.ko" "race resolve closed"
