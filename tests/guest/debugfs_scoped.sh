# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC1091
#
# The kernel's sample rust_debugfs_scoped: folders and files of debugfs that come and
# go by what is written to its control files.
. /race/lib.sh

files=/sys/kernel/debug/rust_scoped_debugfs

holds() { [ "$(cat "$files/dynamic/$1")" = "$2" ]; }
put() { printf '%s' "$2" >"$files/$1"; }

[ -d /sys/module/rust_debugfs_scoped ] || check "load the module" insmod "$RACE_KO"
check "its control files are there" test -f $files/control/create -a -f $files/control/remove
check "nothing else yet" test "$(find $files/dynamic -mindepth 1 | wc -l)" -eq 0

check "create a device of three numbers" put control/create 'one 1 22 333'
check "it has four files" test "$(find $files/dynamic/one -type f | wc -l)" -eq 4
check "the first is 1" holds one/0 1
check "the second is 22" holds one/1 22
check "the third is 333" holds one/2 333
check "write the second" put dynamic/one/1 4711
check "it is what was written" holds one/1 4711
check "the others have stayed" sh -c "[ \$(cat $files/dynamic/one/0) = 1 ] && [ \$(cat $files/dynamic/one/2) = 333 ]"
refuse "no number" put dynamic/one/1 many
check "its blob is 4096 bytes" test "$(wc -c <$files/dynamic/one/blob)" -eq 4096
check "of 0x42" test "$(tr -d B <$files/dynamic/one/blob | wc -c)" -eq 0
check "write its first bytes" put dynamic/one/blob AAAA
check "only these have changed" test "$(tr -d B <$files/dynamic/one/blob)" = AAAA

check "create one without numbers" put control/create two
check "it has a blob only" test "$(find $files/dynamic/two -type f | wc -l)" -eq 1
check "create one with many" put control/create "many $(seq -s ' ' 1 30)"
check "the last is 30" holds many/29 30
refuse "a number that is none" put control/create 'three x'
refuse "no name" put control/create ' '
check "remove the first" put control/remove one
check "its folder is gone" test ! -e $files/dynamic/one
check "the others have stayed" test -d $files/dynamic/two -a -d $files/dynamic/many

check "unload it" rmmod rust_debugfs_scoped
check "nothing of it is left" test ! -d /sys/module/rust_debugfs_scoped -a ! -e $files
check "the kernel is content" dmesg_clean
finish
