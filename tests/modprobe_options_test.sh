#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# race-modprobe beside kmod's modprobe, in one guest of the stock kernel: the same command
# lines do the same; and drivers have the same habits.
. "$(dirname "$0")/lib.sh"

kernel=$(stock_kernel --modules 7.2 amd64) || { fail "no stock kernel 7.2 amd64"; exit 1; }
sample rust_minimal
build_rcrate "$work/rust_minimal"
expect_status 0 "race build rust_minimal"

# Both programs with their libraries, where the loader looks for them.
mkdir -p "$work/opt/bin" "$work/lib64" "$work/lib" "$work/drivers"
strip -o "$work/opt/bin/race-modprobe" "$top/build/race-modprobe"
cp "$(command -v kmod)" "$work/opt/bin/"
for program in "$work"/opt/bin/*; do
    ldd "$program" | awk '$2 == "=>" { print $3 }' | xargs -I{} cp -Lu {} "$work/lib/"
done
cp -L /lib64/ld-linux-x86-64.so.2 "$work/lib64/"
cp "$work/rust_minimal.rcrate" "$work/drivers/rust-minimal.rcrate"

run "$top/qemu/run" --kernel "$kernel" --timeout 600 --smp 1 \
    --own-module dummy --own-module 8021q --own-module loop --own-module mrp \
    --file "$work/opt:/opt/race" --file "$work/lib64:/lib64" \
    --file "$work/lib:/usr/lib/x86_64-linux-gnu" \
    --file "$work/drivers:/usr/local/lib/race" \
    --file "$top/build/race.rcrate:/usr/lib/race/race.rcrate" \
    --append 'rust_minimal.test_parameter=5' \
    --test "$top/tests/guest/modprobe_options.sh" \
    --log "$top/build/test-logs/modprobe-options.console.log"
expect_status 0 "race-modprobe as modprobe"
expect_output '^1\.\.[0-9]+$' "the script came to its end"
! grep '^not ok' "$work/out" || cat "$work/out"
[ "$(grep -c '^ok .* the same: ' "$work/out")" -ge 45 ] || fail "fewer comparisons than there are"

# Quoting and the like without a guest, where the words of modprobe are at hand.
folder=$work/root/lib/modules
mkdir -p "$folder" && ln -s "$kernel" "$folder/"
for words in '-D ext4' '-aD ext4 nosuch 8021q' '-nv xfs a=b' '-R pci:v00008086d00001539sv0sd0bc0sc0i0' \
    '-Dr ext4' '-c'; do
    # shellcheck disable=SC2086 # words are meant
    for program in modprobe "$top/build/race-modprobe"; do
        run "$program" -d "$work/root" -S "$(basename "$kernel")" -C /dev/null $words
        { echo "$status"; cat "$work/out"; sed 's/^race-//' "$work/err"; } >"$work/$(basename "$program").said"
    done
    cmp "$work/modprobe.said" "$work/race-modprobe.said" || fail "modprobe $words: another answer"
done
