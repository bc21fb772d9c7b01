#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The options of the kernel's configuration that the kernel crate's code in a driver was
# compiled under are contracts; and what a kernel shows of its options is what its
# configuration says.
. "$(dirname "$0")/lib.sh"

race=${RACE:-$top/build/race}
source_tree=$("$top/scripts/kernel-source" | head -n 1)
kernel=$(stock_kernel --modules 7.2 amd64) || { fail "no stock kernel 7.2"; exit 1; }

build() { # build DRIVER: from the folder of its name
    echo "obj-m := $1.o" >"$work/$1/Kbuild"
    build_rcrate "$work/$1"
    expect_status 0 "race build $1"
    run "$race" inspect "$work/$1.rcrate"
}

# A folder with this kernel's image and another configuration, or none.
mkdir "$work/bare" "$work/other"
ln -s "$kernel/vmlinuz" "$work/bare/"
ln -s "$kernel/vmlinuz" "$work/other/"

mkdir "$work/rust_debugfs"
cp "$source_tree/samples/rust/rust_debugfs.rs" "$work/rust_debugfs/"
build rust_debugfs
driver=$work/rust_debugfs.rcrate
line=$(grep -n -m 1 'cfg(CONFIG_ACPI)\|cfg(not(CONFIG_ACPI))' "$source_tree/rust/kernel/driver.rs" | cut -d : -f 1)
expect_output "config CONFIG_ACPI=y\|m +rust/kernel/driver\.rs:$line\$" "what the kernel crate asks, and where"
expect_output 'config CONFIG_DEBUG_FS=y\|m +rust/kernel/debugfs\.rs:[0-9]+$' "of a tree of modules"
expect_output 'config CONFIG_OF=n +rust/kernel/driver\.rs:[0-9]+$' "what is not there within a function that is"
expect_no_output 'config CONFIG_(BLOCK|COMMON_CLK|CPUMASK_OFFSTACK|JUMP_LABEL|COMPAT)=' "of code that is not linked in"
expect_no_output 'config CONFIG_RUSTC?_' "of the compiler alone"

for option in DEBUG_FS ACPI OF; do
    sed -E "s/^CONFIG_$option=y\$/# CONFIG_$option is not set/; t
        s/^# CONFIG_$option is not set\$/CONFIG_$option=y/" "$kernel/config" >"$work/other/config"
    run "$race" check "$driver" --target "$work/other"
    expect_status 1 "a target with another CONFIG_$option"
    expect_output "RACE-E0415: rust/kernel/[a-z/]+\.rs:[0-9]+: .*the target was built with CONFIG_$option=[yn]\$" \
        "a target with another CONFIG_$option"
    expect_equal "$(grep -c 'RACE-E' "$work/out")" 1 "problems of a target with another CONFIG_$option"
done
for target in "$kernel" "$work/bare"; do
    run "$race" check "$driver" --target "$target"
    expect_status 0 "the stock kernel, $target"
done

# A driver that asks for all that kernels show by themselves, and for one that none shows.
mkdir "$work/asks"
options=$(grep -oE '"CONFIG_[A-Z0-9_]+"' "$top/userspace/kernel/config_witness.cc" | tr -d '"' | sort -u)
{
    cat <<'END_OF_RUST'
// SPDX-License-Identifier: GPL-2.0
//! Asks for options.
use kernel::prelude::*;
module! { type: Asks, name: "asks", authors: ["RACE"], description: "Asks", license: "GPL", }
struct Asks;
impl kernel::Module for Asks {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let mut set = 0;
END_OF_RUST
    for option in $options CONFIG_SLUB_DEBUG; do echo "        if cfg!($option) { set += 1; }"; done
    printf '        pr_info!("{set} are set\\n");\n        Ok(Self)\n    }\n}\n'
} >"$work/asks/asks.rs"
build asks
asked=$(grep -c 'config CONFIG_' "$work/out")
[ "$asked" -gt 30 ] || fail "the driver asks for $asked options only"
run "$race" check "$work/asks.rcrate" --target "$work/bare"
expect_status 1 "an option that nothing shows"
expect_output "CONFIG_SLUB_DEBUG=.*the target's configuration is not known" "it is named"
expect_equal "$(grep -c 'RACE-E' "$work/out")" 1 "all others are known"

# Those that the test has to have, and what else of the cache has its configuration.
for which in '6.12 amd64' '6.18 amd64' '6.18 cloud-amd64'; do
    # shellcheck disable=SC2086 # series and flavour are two words
    stock_kernel $which >/dev/null || fail "no stock kernel $which"
done
compared=0
for config in "$cache"/kernel/*/config; do
    known=${config%/config} bare=$work/kernels/$(basename "${config%/config}")
    mkdir -p "$bare"
    ln -s "$known/vmlinuz" "$bare/"
    run "$race" steg diff "$known" "$bare" --for "$work/asks.rcrate"
    expect_output ', 1 differs' "$(basename "$known"): the option that nothing shows is all that differs"
    expect_output 'CONFIG_SLUB_DEBUG=' "$(basename "$known"): it is that one"
    compared=$((compared + 1))
done
[ "$compared" -ge 4 ] || fail "only $compared kernels were compared"
echo "$compared kernels, $((asked - 1)) options: what they show is what they were built with"
