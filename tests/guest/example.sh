# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC1091
#
# An example of the kernel crate's documentation, made into a module by
# scripts/doc-examples: what it asserts holds, or it panics.
. /race/lib.sh

refuse_failure() { ! dmesg_has "$RACE_MODULE: the example failed"; }

check "load it: the example runs" insmod "$RACE_KO"
# What is a whole module itself does not say so.
grep -q 'the example ends' "$RACE_KO" &&
    check "it comes to its end" dmesg_has "$RACE_MODULE: the example ends\$"
check "it does not fail" refuse_failure
check "unload it" rmmod "$RACE_MODULE"
check "the kernel is content" dmesg_clean
finish
