#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A driver whose functions and types live in another module, configfs: it resolves
# for kernels where that is a module, which is then loaded first, and works there.
. "$(dirname "$0")/lib.sh"

race=$top/build/race
sample rust_configfs
build_rcrate "$work/rust_configfs"
expect_status 0 "race build rust_configfs"
rcrate=$work/rust_configfs.rcrate

for which in '7.2 amd64' '6.18 amd64'; do
    # shellcheck disable=SC2086 # two words are meant
    kernel=$(stock_kernel --modules $which) || { fail "no stock kernel $which"; continue; }
    name=$(basename "$kernel")
    run "$race" resolve "$rcrate" --target "$kernel" -o "$work/rust_configfs.ko"
    expect_status 0 "resolve for $name"
    expect_equal "$(modinfo -F depends "$work/rust_configfs.ko")" configfs,race "depends on $name"
    run "$top/qemu/run" --kernel "$kernel" --rcrate "$rcrate" --timeout 300 \
        --test "$top/tests/guest/configfs.sh" --log "$top/build/test-logs/configfs-$name.log"
    expect_status 0 "rust_configfs on $name"
    expect_output '^1\.\.[0-9]+$' "rust_configfs on $name: the script came to its end"
done

kernel=$(stock_kernel --modules 7.2 amd64) || { fail "no stock kernel 7.2 amd64"; exit 1; }

# The kernel that runs: loaded modules, and those that can be.
release=$(basename "$kernel")
mkdir -p "$work/modprobe/lib" "$work/modules/kernel/fs/configfs"
cp "$kernel"/modules.* "$work/modules/"
cp "$kernel/kernel/fs/configfs/"* "$work/modules/kernel/fs/configfs/"
cp "$top/build/race-modprobe" "$rcrate" "$work/modprobe/"
ldd "$top/build/race-modprobe" | awk '$2 == "=>" { print $3 } $1 ~ /^\// { print $1 }' |
    xargs -I{} cp -L {} "$work/modprobe/lib/"
mv "$work"/modprobe/lib/ld-linux* "$work/modprobe/ld.so"
run "$top/qemu/run" --kernel "$kernel/vmlinuz" --timeout 300 \
    --file "$work/modprobe:/modprobe" --file "$top/build/race.rcrate:/usr/lib/race/race.rcrate" \
    --file "$work/modules:/lib/modules/$release" \
    --test "$top/tests/guest/modprobe_dependency.sh" \
    --log "$top/build/test-logs/modprobe-dependency-$release.log"
expect_status 0 "race-modprobe on $release"
expect_output '^1\.\.[0-9]+$' "race-modprobe on $release: the script came to its end"
expect_output 'FATAL: .*RACE-E0308: .*configfs.*No such file' "race-modprobe on $release: the refusal says why"

# The same kernel in folders that lack something.
view() { # view NAME: the kernel, without its modules
    mkdir -p "$work/$1/$(basename "$kernel")"
    ln -s "$kernel/vmlinuz" "$work/$1/$(basename "$kernel")/"
    echo "$work/$1/$(basename "$kernel")"
}
module=kernel/fs/configfs/configfs.ko.xz

alone=$(view alone)
run "$race" check "$rcrate" --target "$alone"
expect_status 1 "without modules"
expect_output 'RACE-E0411: .*configfs_register_subsystem.*modules of this target are not known' \
    "without modules"
expect_output 'RACE-E0401: .*struct config_group; the target has no type of that name \(its modules, .* are not known\)$' \
    "without modules"

unindexed=$(view unindexed)
mkdir -p "$unindexed/kernel/fs/configfs"
cp "$kernel/$module" "$unindexed/$module"
run "$race" resolve "$rcrate" --target "$unindexed" -o "$work/unindexed.ko"
expect_status 0 "without an index of the modules"
run "$race" resolve "$rcrate" --target "$kernel" -o "$work/indexed.ko"
run cmp "$work/unindexed.ko" "$work/indexed.ko"
expect_status 0 "the module is the same with and without an index"

missing=$(view missing)
cp "$kernel"/modules.*.bin "$missing/"
run "$race" check "$rcrate" --target "$missing"
expect_status 2 "with an index alone"
expect_output 'RACE-E0308: .*configfs_register_subsystem: .*configfs\.ko\.xz: No such file' "with an index alone"

truncated=$(view truncated)
cp "$kernel"/modules.*.bin "$truncated/"
mkdir -p "$truncated/kernel/fs/configfs"
head -c 20000 "$kernel/$module" >"$truncated/$module"
run "$race" check "$rcrate" --target "$truncated"
expect_status 2 "a module that is cut off"
expect_output 'RACE-E0308: .*configfs\.ko\.xz: damaged' "a module that is cut off"

# What the module itself has, as `race steg` shows it.
run "$race" steg dump "$kernel/$module" --base "$kernel"
expect_status 0 "race steg dump of a module"
expect_output '^struct configfs_subsystem' "race steg dump of a module"
expect_no_output '^struct task_struct' "race steg dump of a module"
run "$race" steg dump "$kernel/$module" --base "$kernel" --binary -o "$work/configfs.steg"
expect_status 0 "race steg dump --binary of a module"
run "$race" steg dump "$work/configfs.steg" --type configfs_register_subsystem
expect_output '^func configfs_register_subsystem: int .*struct configfs_subsystem \*\) exported$' \
    "the binary form of a module's types"
run "$race" steg dump "$kernel/$module"
expect_status 2 "race steg dump of a module without --base"
expect_error 'base' "race steg dump of a module without --base"
