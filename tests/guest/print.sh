# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC1091
#
# The kernel's sample rust_print: what it prints, at which level.
. /race/lib.sh

# level N TEXT: said at that level.
level() { dmesg -r | grep -q "^<$1>.*rust_print: $2\$"; }

[ -d /sys/module/rust_print ] || check "load the module" insmod "$RACE_KO"
check "it says that it starts" dmesg_has 'rust_print: Rust printing macros sample \(init\)$'
n=0
for name in Emergency Alert Critical Error Warning Notice Info; do
    check "level $n without arguments" level $n "$name message (level $n) without args"
    check "level $n with arguments" level $n "$name message (level $n) with args"
    n=$((n + 1))
done
check "a line continued" dmesg_has 'rust_print: A line that is continued without args$'
check "the same with arguments" dmesg_has 'rust_print: A line that is continued with args$'
check "an Arc" dmesg_has 'rust_print: 1$'
check "its Debug" dmesg_has 'rust_print: "hello, world"$'
check "by dynamic dispatch" dmesg_has 'rust_print: Arc<dyn Display> says 42$'
check "and of text" dmesg_has 'rust_print: Arc<dyn Display> says hello, world$'
check "dbg!" dmesg_has 'rust_print: \[.*rust_print_main\.rs:[0-9]+:[0-9]+\] c = "hello, world"$'
check "unload it" rmmod rust_print
check "it says that it ends" dmesg_has 'rust_print: Rust printing macros sample \(exit\)$'
check "the kernel is content" dmesg_clean
finish
