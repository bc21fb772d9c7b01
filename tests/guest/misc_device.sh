# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC1091
#
# The kernel's sample driver rust_misc_device, loaded by qemu/run or, with
# --no-load, here.  Needs /race/bin/misc_device_test.  SECONDS_THREADS and CYCLES
# say how long the threads run and how often the module is loaded again.
. /race/lib.sh

device=/dev/rust-misc-device
started='rust_misc_device: Initialising Rust Misc Device Sample'
cycles=${CYCLES:-50}

[ -d /sys/module/rust_misc_device ] || check "load the module" insmod "$RACE_KO"
check "the driver says that it starts" dmesg_has "$started\$"
check "its device is there" test -c $device

# The program's output, indented as a KTAP subtest; its exit status counts.
/race/bin/misc_device_test "${SECONDS_THREADS:-3}" >/tmp/program.log 2>&1
code=$?
sed 's/^/    /' /tmp/program.log
check "the program that drives it passes" test $code -eq 0

# What the driver said meanwhile, formatted by its own core.
check "it said: opened" dmesg_has 'misc rust-misc-device: Opening Rust Misc Device Sample$'
check "it said: ioctl" dmesg_has 'misc rust-misc-device: IOCTLing Rust Misc Device Sample$'
check "it said: hello" dmesg_has 'misc rust-misc-device: -> Hello from the Rust Misc Device$'
check "it said: a value from userspace" \
    dmesg_has 'misc rust-misc-device: -> Copying data from userspace \(value: -2147483648\)$'
check "it said: a value to userspace" \
    dmesg_has 'misc rust-misc-device: -> Copying data to userspace \(value: 2147483647\)$'
check "it said: an ioctl it does not know" \
    dmesg_has 'misc rust-misc-device: -> IOCTL not recognised: 31744$'
check "it said: written" dmesg_has 'misc rust-misc-device: Writing to Rust Misc Device Sample$'
check "it said: read" dmesg_has 'misc rust-misc-device: Reading from Rust Misc Device Sample$'
check "it said: closed" dmesg_has 'misc rust-misc-device: Exiting the Rust Misc Device Sample$'

opened=$(dmesg_count 'Opening Rust Misc Device Sample$')
closed=$(dmesg_count 'Exiting the Rust Misc Device Sample$')
check "each open was closed ($opened, $closed)" test "$opened" -eq "$closed"

before=$(dmesg_count "$started\$")
cycle=0
bad=''
while [ "$cycle" -lt "$cycles" ]; do
    cycle=$((cycle + 1))
    rmmod rust_misc_device || bad="$bad $cycle:rmmod"
    [ ! -e $device ] || bad="$bad $cycle:device-left"
    insmod "$RACE_KO" || bad="$bad $cycle:insmod"
    [ -c $device ] || bad="$bad $cycle:no-device"
done
check "loaded and unloaded $cycles times$bad" test -z "$bad"
check "and it said so each time" test "$(dmesg_count "$started\$")" -eq $((before + cycles))
/race/bin/misc_device_test 1 >/tmp/program.log 2>&1
code=$?
[ $code -eq 0 ] || sed 's/^/    /' /tmp/program.log
check "the program passes again" test $code -eq 0

check "unload it" rmmod rust_misc_device
check "nothing of it is left" test ! -e $device -a ! -d /sys/module/rust_misc_device
check "the kernel is content" dmesg_clean
finish
