# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC1091
#
# race-modprobe on the kernel that runs here: rust_configfs needs configfs, whose
# exports and types are read from its file while it is not loaded, and from the
# kernel once it is.
. /race/lib.sh

# It comes with its libraries, which the guest has none of.
race_modprobe() { /modprobe/ld.so --library-path /modprobe/lib /modprobe/race-modprobe "$@"; }
rcrate=/modprobe/rust_configfs.rcrate
loaded() { [ -d "/sys/module/$1" ]; }

# init loads configfs where it finds the kernel's modules.
! grep -q ' /sys/kernel/config ' /proc/mounts || umount /sys/kernel/config
! loaded configfs || rmmod configfs
check "configfs is not loaded" fails loaded configfs
check "a dry run" race_modprobe -n -v "$rcrate"
check "loads nothing" fails loaded configfs
check "load it" race_modprobe -v "$rcrate"
check "configfs came with it" test -d /sys/module/configfs/holders/rust_configfs
mount -t configfs config /sys/kernel/config
check "it works" grep -qx 'Hello World' /sys/kernel/config/rust_configfs/message
check "a folder can be made" mkdir /sys/kernel/config/rust_configfs/one
check "with its attribute" grep -qx 'Hello Baz' /sys/kernel/config/rust_configfs/one/baz
check "and removed" rmdir /sys/kernel/config/rust_configfs/one
check "remove it" race_modprobe -r "$rcrate"
check "it is gone" fails loaded rust_configfs

# What is loaded is what counts, whatever the file says now.
check "the kernel shows the types of configfs" test -s /sys/kernel/btf/configfs
rm -r "/lib/modules/$(uname -r)/kernel"
check "load it without the file of configfs" race_modprobe "$rcrate"
check "it works again" grep -qx 'Hello World' /sys/kernel/config/rust_configfs/message
check "remove it again" race_modprobe -r rust_configfs
umount /sys/kernel/config
rmmod configfs
refuse "without configfs and its file it is refused" race_modprobe "$rcrate"
check "and not loaded" fails loaded rust_configfs
check "the kernel is content" dmesg_clean
finish
