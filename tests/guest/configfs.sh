# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC1091
#
# The kernel's sample rust_configfs: attributes read and written, groups made by mkdir.
# Needs the kernel's own configfs (qemu/run --own-module configfs, or built in).
. /race/lib.sh

files=/sys/kernel/config/rust_configfs

holds() { [ "$(cat "$files/$1")" = "$2" ]; }
put() { printf '%s' "$2" >"$files/$1"; }

grep -qw configfs /proc/filesystems || modprobe configfs || skip "the kernel has no configfs"
grep -q ' /sys/kernel/config configfs ' /proc/mounts ||
    mount -t configfs config /sys/kernel/config || skip "configfs cannot be mounted"

[ -d /sys/module/rust_configfs ] || check "load the module" insmod "$RACE_KO"
check "it says that it starts" dmesg_has 'rust_configfs: Rust configfs sample \(init\)$'
if [ -f /sys/module/configfs/initstate ]; then
    check "the kernel knows that it uses configfs" test -d /sys/module/configfs/holders/rust_configfs
    refuse "configfs stays while it is used" rmmod configfs
fi
check "its subsystem is there" test -d $files
check "message is read" holds message 'Hello World'
check "the driver has read it" dmesg_has 'rust_configfs: Show message$'
refuse "message cannot be written" put message x
check "bar is empty" holds bar ''
check "write bar" put bar 'a text'
check "it is what was written" holds bar 'a text'
check "a shorter one" put bar 'b'
check "only that is left" holds bar 'b'
long=$(awk 'BEGIN { for (i = 0; i < 4095; i++) printf "z" }')
check "4095 bytes" put bar "$long"
check "they are there" holds bar "$long"
check "the driver has stored 3 times" test "$(dmesg_count 'rust_configfs: Store bar$')" -eq 3

check "make a group" mkdir $files/child
check "its attribute is read" holds child/baz 'Hello Baz'
refuse "it cannot be written" put child/baz no
check "it has nothing of its parent's" test ! -e $files/child/bar
check "make another" mkdir $files/other
check "make a group within" mkdir $files/child/grand
check "its attribute is read" holds child/grand/gc 'Hello GC'
refuse "there is no group within that" mkdir $files/child/grand/great
refuse "the module cannot go now" rmmod rust_configfs
refuse "nor a group that holds one" rmdir $files/child
check "remove them" rmdir $files/child/grand $files/child $files/other
check "they are gone" test ! -e $files/child -a ! -e $files/other
check "make many groups" sh -c "for i in \$(seq -s ' ' 1 50); do mkdir $files/n\$i || exit 1; done"
check "each has its attribute" test "$(cat $files/n*/baz | grep -cx 'Hello Baz')" -eq 50
check "remove them" sh -c "rmdir $files/n*"
check "bar has kept its text" holds bar "$long"

check "unload it" rmmod rust_configfs
check "nothing of it is left" test ! -d /sys/module/rust_configfs -a ! -e $files
check "the kernel is content" dmesg_clean
finish
