# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC1091
#
# The kernel's sample rust_i2c_client, a platform driver, on the ACPI device of
# tests/guest/devices.asl (qemu/run --acpi-table): registers an I2C client on the
# first adapter, the kernel's own i2c-stub (--own-module i2c-stub).
. /race/lib.sh

device=/sys/bus/platform/devices/LNUXBEEF:00
driver=/sys/bus/platform/drivers/rust_device_i2c
client=/sys/bus/i2c/devices/0-0030
[ -d $device ] || skip "no ACPI device LNUXBEEF"
[ -d /sys/module/i2c_stub ] || modprobe i2c-stub chip_addr=0x50 || stub=none

[ -d /sys/module/rust_i2c_client ] || check "load the module" insmod "$RACE_KO"
check "the driver is registered" test -d $driver
if [ -z "$stub" ] && [ -d /sys/bus/i2c/devices/i2c-0 ]; then
    check "the device is bound" bound_to $device rust_device_i2c
    check "the driver says so" dmesg_has 'LNUXBEEF:00: Probe Rust I2C Client registration sample\.$'
    check "its client is there" test -d $client
    check "by its name" grep -qx rust_driver_i2c $client/name
    check "unbind it" sh -c "echo LNUXBEEF:00 >$driver/unbind"
    check "the driver says so" dmesg_has 'LNUXBEEF:00: Unbind Rust I2C Client registration sample\.$'
    check "the client is gone" test ! -e $client
    check "bind it" sh -c "echo LNUXBEEF:00 >$driver/bind"
    check "the client is there again" test -d $client
else
    loads_only "the kernel has no i2c-stub"
fi
check "unload it" rmmod rust_i2c_client
check "nothing of it is left" test ! -d /sys/module/rust_i2c_client -a ! -d $driver -a ! -e $client
[ ! -d /sys/module/i2c_stub ] || check "the stub can go" rmmod i2c-stub
check "the kernel is content" dmesg_clean
finish
