#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The numbers that race finds are those that bpftool and pahole find in the same
# kernels; and a wrong one would be noticed, of whatever kind it is.
. "$(dirname "$0")/lib.sh"

race=${RACE:-$top/build/race}
# With its modules: there configfs is one.
kernel=$(stock_kernel --modules 6.18 amd64) || { fail "no stock kernel 6.18"; exit 1; }
other=$(stock_kernel 7.2 rt-amd64) || { fail "no stock kernel 7.2 rt-amd64"; exit 1; }

drivers=()
for source in samples/rust/rust_{misc_device,driver_pci,configfs} drivers/net/phy/ax88796b_rust; do
    driver=$(basename "$source")
    sample "$driver" "$source.rs"
    build_rcrate "$work/$driver"
    expect_status 0 "race build $driver"
    drivers+=(--for "$work/$driver.rcrate")
done

run "$top/scripts/numbers-sweep" "${drivers[@]}" "$kernel" "$other"
expect_status 0 "the sweep"
expect_output '^numbers-sweep: 4 drivers, 2 kernels, [1-9][0-9]+ numbers compared \([1-9][0-9]+ with two readers\), 0 differ$' \
    "the sweep's count"
sed -n 's/^numbers-sweep: /both readers agree: /p' "$work/out"

# Bit fields that lie where the code's storage unit cannot reach them are refused; where
# they lie is told all the same.
older=$(stock_kernel 6.12 amd64) || { fail "no stock kernel 6.12"; exit 1; }
run "$race" check --values "$work/ax88796b_rust.rcrate" --target "$older"
expect_output '^	[0-9]+	bits	struct phy_device	link	does not hold$' "the place of a bit field out of reach"
run "$top/scripts/numbers-sweep" --for "$work/ax88796b_rust.rcrate" "$older"
expect_output '^numbers-sweep: 1 drivers, 1 kernels, [1-9][0-9]+ numbers compared \([1-9][0-9]+ with two readers\), 0 differ$' \
    "the sweep where the driver is refused"

# A race that tells one number wrongly.
cat >"$work/lying-race" <<'END'
#!/bin/bash
"$HONEST_RACE" "$@" | sed -E "$LIE"
exit "${PIPESTATUS[0]}"
END
chmod +x "$work/lying-race"
lied_of=rust_misc_device
lies() { # lies SED-SCRIPT REGEX: the difference that it must show
    run env RACE="$work/lying-race" HONEST_RACE="$race" LIE="$1" \
        "$top/scripts/numbers-sweep" --for "$work/$lied_of.rcrate" "$kernel"
    expect_status 1 "the lie $1"
    expect_output "^    $2\$" "the lie $1"
    expect_output ', 1 differ$|, 2 differ$' "the lie $1: nothing else differs"
}
lies 's/^\t[0-9]+(\tfield\tstruct file\tprivate_data\t)/\t32\1/' \
    'field private_data of struct file: race 32, bpftool [0-9]+'
lies 's/^\t[0-9]+(\tsize\tstruct mutex\t)/\t40\1/' 'size of struct mutex: race 40, pahole 32'
lies 's/^\t[0-9]+(\tmask\t\t___GFP_IO_BIT\t)/\t30\1/' \
    'mask ___GFP_IO_BIT: race 30, bpftool [0-9]+'
lies 's/^\t[0-9]+(\tfield\tstruct miscdevice\tfops\t)/\t-\1/' \
    'field fops of struct miscdevice: race -, bpftool [0-9]+'
lied_of=ax88796b_rust
lies 's/^\t[0-9]+(\tbits\tstruct phy_device\tlink\t)/\t4711\1/' \
    'bits link of struct phy_device: race 4711, bpftool [0-9]+'
lies 's/^\t[0-9]+(\tenumerator\tenum phy_state\tPHY_HALTED\t)/\t30\1/' \
    'enumerator PHY_HALTED of enum phy_state: race 30, bpftool [0-9]+'
lied_of=rust_misc_device

# Numbers that are not there, and nothing to compare, are no success.
lies 's/^\t[0-9]+\tsize\tstruct mutex\t/\t24\tsize\tstruct no_such_mutex\t/' \
    'size of struct no_such_mutex: race 24, bpftool -'
run env RACE="$work/lying-race" HONEST_RACE="$race" LIE='/^\t/d' \
    "$top/scripts/numbers-sweep" --for "$work/rust_misc_device.rcrate" "$kernel"
expect_status 1 "a sweep that compared nothing"
run "$top/scripts/numbers-sweep" --for "$work/rust_misc_device.rcrate" "$work/no-such-kernel"
expect_status 1 "a sweep over a kernel that is not there"
run "$top/scripts/numbers-sweep" --no-such-option
expect_status 2 "an unknown option"
