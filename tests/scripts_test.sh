#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The set-up scripts: what is in the cache needs no network, an interrupted run
# leaves nothing that is taken for whole, two runs at once give one result.
. "$(dirname "$0")/lib.sh"

scripts=$top/scripts

run "$scripts/setup" --check
expect_status 0 "all packages are installed"
run "$scripts/setup" --no-such-option
expect_status 2 "setup refuses an unknown option"

# A debfetch that cannot reach anything, beside copies of the scripts.
offline=$work/scripts
mkdir "$offline"
cp "$scripts/stock-kernel" "$scripts/kernel-source" "$scripts/bindgen-wrapper" "$offline/"
printf '#!/bin/sh\necho "debfetch: offline" >&2\nexit 1\n' >"$offline/debfetch"
chmod +x "$offline/debfetch"

kernel=$(stock_kernel 6.18 amd64) || fail "stock-kernel 6.18 amd64"
expect_file "$kernel/vmlinuz" "stock-kernel's folder"
run "$offline/stock-kernel" 6.18 amd64
expect_status 0 "stock-kernel without a network"
expect_equal "$(cat "$work/out")" "$kernel" "it gives the same folder"
run env RACE_KERNEL_MAX_AGE_MIN=0 "$offline/stock-kernel" 6.18 amd64
expect_status 0 "stock-kernel without a network, when its choice is old"
expect_equal "$(cat "$work/out")" "$kernel" "it keeps the choice"
run "$offline/stock-kernel" "$(basename "$kernel")"
expect_status 0 "an exact release without a network"

run env RACE_CACHE="$work/empty" "$offline/stock-kernel" 6.18 amd64
expect_status 1 "stock-kernel with neither network nor cache"
expect_equal "$(cat "$work/out")" "" "it prints no folder"
run "$scripts/stock-kernel" ../../etc
expect_status 1 "a release with a slash"
run "$scripts/stock-kernel"
expect_status 2 "stock-kernel without arguments"

# Up to 6.18 the image is in linux-image-*, later in linux-binary-*; a flavour is
# the whole flavour.
run "$scripts/stock-kernel" --list 7.0 amd64
expect_output '^7\.0\.[0-9]+\+deb[0-9]+-amd64 ' "--list has releases"
expect_no_output 'cloud|rt-' "--list has only the flavour asked for"

# Two at once, from nothing: the same folder, and one package unpacked.
two=$work/two
mkdir -p "$two/pkg"
cp -al "$cache/pkg/linux-image-$(basename "$kernel")"_* "$two/pkg/" 2>/dev/null ||
    cp -a "$cache/pkg/linux-image-$(basename "$kernel")"_* "$two/pkg/"
for i in 1 2 3 4; do
    RACE_CACHE=$two "$offline/stock-kernel" "$(basename "$kernel")" >"$work/out.$i" &
done
wait
expect_equal "$(sort -u "$work"/out.[1-4])" "$two/kernel/$(basename "$kernel")" "four at once agree"
expect_equal "$(find "$two/kernel" -name '.tmp.*' | wc -l)" 0 "nothing half made is left"
cmp -s "$two/kernel/$(basename "$kernel")/vmlinuz" "$kernel/vmlinuz" || fail "the image differs"

run "$scripts/kernel-source"
expect_status 0 "kernel-source"
expect_equal "$(wc -l <"$work/out")" 2 "it prints two lines"
tree=$(sed -n 1p "$work/out") config=$(sed -n 2p "$work/out")
expect_file "$tree/samples/rust/rust_misc_device.rs" "the tree"
grep -q '^CONFIG_RUST=y$' "$config" || fail "the config has no CONFIG_RUST=y"
cp "$work/out" "$work/online"
run "$offline/kernel-source"
expect_status 0 "kernel-source without a network"
cmp -s "$work/out" "$work/online" || fail "kernel-source says something else without a network"
run env RACE_CACHE="$work/empty" "$offline/kernel-source"
expect_status 1 "kernel-source with neither network nor cache"
run "$scripts/kernel-source" --series 1.0
expect_status 1 "kernel-source of a series that nobody has"
expect_error 'no linux-source-1\.0 with its config' "kernel-source of a series that nobody has"
for options in '--series' '--series seven' '7.2.12-1' '--nonsense 7.2'; do
    # shellcheck disable=SC2086 # words are meant
    run "$scripts/kernel-source" $options
    expect_status 2 "kernel-source $options"
done
run "$scripts/default-sdk" --nonsense
expect_status 2 "default-sdk with an unknown option"

run "$scripts/bindgen-wrapper"
expect_status 0 "bindgen-wrapper"
bindgen=$(cat "$work/out")
echo 'enum e { A = 3 }; struct s { int x; long y; };' >"$work/probe.h"
run "$bindgen" "$work/probe.h"
expect_status 0 "bindgen runs"
expect_output 'pub struct s' "bindgen parses"
run "$offline/bindgen-wrapper"
expect_status 0 "bindgen-wrapper without a network"
run env RACE_CACHE="$work/empty" "$offline/bindgen-wrapper"
expect_status 1 "bindgen-wrapper with neither network nor cache"
expect_no_file "$work/empty/tools/bindgen" "no wrapper is left"
