# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC1091
#
# The kernel's sample rust_debugfs, a platform driver, on the ACPI device of
# tests/guest/devices.asl (qemu/run --acpi-table): its files in debugfs.
. /race/lib.sh

device=/sys/bus/platform/devices/LNUXBEEF:00
files=/sys/kernel/debug/sample_debugfs
[ -d $device ] || skip "no ACPI device LNUXBEEF"

holds() { [ "$(cat "$files/$1")" = "$2" ]; }
put() { printf '%s' "$2" >"$files/$1"; }

[ -d /sys/module/rust_debugfs ] || check "load the module" insmod "$RACE_KO"
check "the device is bound" bound_to $device rust_debugfs
check "compatible is the firmware's" grep -q 'sample-debugfs' $files/compatible
refuse "compatible is read only" put compatible x

check "counter begins at 91" holds counter 91
check "write it" put counter 4711
check "it is what was written" holds counter 4711
check "the largest" put counter 18446744073709551615
check "it is there" holds counter 18446744073709551615
refuse "one too large" put counter 18446744073709551616
refuse "no number" put counter many
check "it stays" holds counter 18446744073709551615

check "the pair is as probe leaves it" holds pair 'Inner { x: 10, y: 42 }'
check "write it" put pair '5 6'
check "it is what was written" holds pair 'Inner { x: 5, y: 6 }'
refuse "one number is no pair" put pair 7
refuse "three are none" put pair '7 8 9'
check "it stays" holds pair 'Inner { x: 5, y: 6 }'

check "array_blob is 4 bytes" holds array_blob blob
check "write it" put array_blob RACE
check "it is what was written" holds array_blob RACE
check "vector_blob is 4096 bytes" test "$(wc -c <$files/vector_blob)" -eq 4096
check "of 0x42" test "$(tr -d B <$files/vector_blob | wc -c)" -eq 0
check "write its first bytes" put vector_blob AAAA
check "only these have changed" test "$(tr -d B <$files/vector_blob)" = AAAA

check "unload it" rmmod rust_debugfs
check "nothing of it is left" test ! -d /sys/module/rust_debugfs -a ! -e $files
check "the kernel is content" dmesg_clean
finish
