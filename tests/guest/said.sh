# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC1091
#
# Prints what the modules in $SAYING (names) have said while they were loaded, as
# "MODULE: LINE", and what they say when they are unloaded.
. /race/lib.sh

for module in $SAYING; do
    check "$module is loaded" test -d "/sys/module/$module"
    check "unload $module" rmmod "$module"
done
for module in $SAYING; do
    dmesg_since | sed -n "s/^\[[ 0-9.]*\] \($module: .*\)/\1/p"
done
check "the kernel is content" dmesg_clean
finish
