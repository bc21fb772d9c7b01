# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC1091
#
# The kernel's Rust block driver rnull: disks are made through configfs, and written to
# and read from by the kernel's block layer.  What is written is thrown away.
# Needs the kernel's own configfs (qemu/run --own-module configfs, or built in).
. /race/lib.sh

files=/sys/kernel/config/rnull

holds() { [ "$(cat "$files/$1")" = "$2" ]; }
put() { printf '%s' "$2" >"$files/$1"; }
write_to() { dd if=/dev/zero of="/dev/$1" bs=4096 count=64 conv=fsync 2>/dev/null; }
read_from() { dd if="/dev/$1" of=/dev/null bs=4096 count=64 2>/dev/null; }

grep -qw configfs /proc/filesystems || modprobe configfs || skip "the kernel has no configfs"
grep -q ' /sys/kernel/config configfs ' /proc/mounts ||
    mount -t configfs config /sys/kernel/config || skip "configfs cannot be mounted"

[ -d "/sys/module/$RACE_MODULE" ] || check "load the module" insmod "$RACE_KO"
check "it says that it starts" dmesg_has 'Rust null_blk loaded$'
check "it says what it can" holds features 'blocksize,size,rotational,irqmode'

for mode in 0 1; do
    disk=rnulltest$mode
    check "make a disk's group" mkdir $files/$disk
    check "its block size" put $disk/blocksize 512
    check "its size in MiB" put $disk/size 16
    check "its way of completing requests, $mode" put $disk/irqmode $mode
    refuse "a block size that none can have" put $disk/blocksize 513
    refuse "a text that is no number" put $disk/size many
    check "switch it on" put $disk/power 1
    check "it is on" holds $disk/power 1
    check "the disk is there" test -b /dev/$disk
    check "with its size" test "$(cat /sys/block/$disk/size)" -eq $((16 * 2048))
    check "with its block size" test "$(cat /sys/block/$disk/queue/logical_block_size)" -eq 512
    refuse "no size is changed while it is on" put $disk/size 32
    check "write to it" write_to $disk
    check "read from it" read_from $disk
    check "the kernel has counted the requests" test "$(awk '{ print $1 + $5 }' /sys/block/$disk/stat)" -gt 0
    check "switch it off" put $disk/power 0
    check "the disk is gone" test ! -e /sys/block/$disk
    check "remove its group" rmdir $files/$disk
done

bad=''
check "another" mkdir $files/again
for cycle in 1 2 3 4 5; do
    put again/power 1 && read_from again && put again/power 0 || bad="$bad $cycle"
done
check "on and off 5 times$bad" test -z "$bad"
check "remove it" rmdir $files/again
check "unload it" rmmod "$RACE_MODULE"
check "its subsystem is gone" test ! -d $files
check "the kernel is content" dmesg_clean
finish
