# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC1091
#
# The kernel's sample rust_configfs, loaded by qemu/run: folders are made and
# attributes read and written below /sys/kernel/config.
. /race/lib.sh

check "configfs is loaded as a module" test -f /sys/module/configfs/initstate
check "and this module holds it" test -d /sys/module/configfs/holders/rust_configfs
grep -q ' /sys/kernel/config ' /proc/mounts || mount -t configfs config /sys/kernel/config
top=/sys/kernel/config/rust_configfs

# is ATTRIBUTE TEXT: that is what one reads.
is() { [ "$(cat "$1")" = "$2" ]; }
put() { printf '%s' "$2" >"$1"; }
writes() { put "$1" "$2" 2>/dev/null; }

check "it says that it starts" dmesg_has 'Rust configfs sample \(init\)$'
check "its folder is there" test -d "$top"
check "message says hello" is "$top/message" "Hello World"
check "it says that it shows" dmesg_has 'rust_configfs: Show message$'
refuse "message cannot be written" writes "$top/message" no
check "bar is empty at first" is "$top/bar" ""
check "bar can be written" put "$top/bar" "some text"
check "and has what was written" is "$top/bar" "some text"
long=$(awk 'BEGIN { for (i = 0; i < 4000; i++) printf "%c", 97 + i % 26 }')
check "bar takes 4000 characters" put "$top/bar" "$long"
check "and has them all" is "$top/bar" "$long"
check "bar can be made short again" put "$top/bar" "x"
check "and is short" is "$top/bar" "x"

check "make a folder" mkdir "$top/child"
check "with an attribute of its own" test -f "$top/child/baz"
check "and none of its parent's" test ! -e "$top/child/bar"
check "baz can be read" is "$top/child/baz" "Hello Baz"
refuse "baz cannot be written" writes "$top/child/baz" no
check "make a folder in it" mkdir "$top/child/grand"
check "its attribute can be read" is "$top/child/grand/gc" "Hello GC"
refuse "it takes no folders" mkdir "$top/child/grand/great"
refuse "a folder that has folders stays" rmdir "$top/child"
check "make many folders" sh -c "for i in \$(seq 50); do mkdir $top/n\$i || exit 1; done"
check "each has its attribute" \
    test "$(cat "$top"/n*/baz | grep -cx 'Hello Baz')" -eq 50
check "remove them" sh -c "rmdir $top/n*"
check "remove the inner folder" rmdir "$top/child/grand"
check "remove the outer one" rmdir "$top/child"

refuse "configfs stays while it is used" rmmod configfs
check "unload it" rmmod rust_configfs
check "its folder is gone" test ! -e "$top"
check "the kernel is content" dmesg_clean
finish
