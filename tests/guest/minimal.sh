# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC1091
#
# The kernel's sample module rust_minimal, loaded by qemu/run with its parameter
# (--param test_parameter=N) or, with --no-load, here.
. /race/lib.sh

# What qemu/run loaded it with; loaded here, something that is not the default.
value=1
[ -d /sys/module/rust_minimal ] || value=42
case $RACE_PARAMS in
test_parameter=*) value=${RACE_PARAMS#test_parameter=} ;;
esac
[ -d /sys/module/rust_minimal ] || check "load the module" insmod "$RACE_KO" "test_parameter=$value"

check "it says that it starts" dmesg_has 'rust_minimal: Rust minimal sample \(init\)$'
check "it is not built in" dmesg_has 'rust_minimal: Am I built-in\? false$'
check "it has its parameter, $value" dmesg_has "rust_minimal: test_parameter: $value\$"
check "unload it" rmmod rust_minimal
check "it had its numbers" dmesg_has 'rust_minimal: My numbers are \[72, 108, 200\]$'
check "it says that it ends" dmesg_has 'rust_minimal: Rust minimal sample \(exit\)$'

# load_with VALUE SAYS: what the module makes of its parameter.
load_with() {
    local before
    before=$(dmesg_count "rust_minimal: test_parameter: $2\$")
    insmod "$RACE_KO" ${1:+"test_parameter=$1"} || return 1
    rmmod rust_minimal || return 1
    [ "$(dmesg_count "rust_minimal: test_parameter: $2\$")" -eq $((before + 1)) ]
}
check "without a parameter it is 1" load_with '' 1
check "a negative one" load_with -17 -17
check "the largest" load_with 9223372036854775807 9223372036854775807
check "the smallest" load_with -9223372036854775808 -9223372036854775808
check "hexadecimal" load_with 0x1f 31

before=$(dmesg_count 'Rust minimal sample \(init\)$')
refuse "one that is no number is refused" insmod "$RACE_KO" test_parameter=many
refuse "one that is too large is refused" insmod "$RACE_KO" test_parameter=9223372036854775808
check "and the module is not started" \
    test "$(dmesg_count 'Rust minimal sample \(init\)$')" -eq "$before"
# 7.3's has a second one.
if grep -q parmtype=test_bool_parameter "$RACE_KO"; then
    load_with_flag() { # load_with_flag WORD SAYS
        local before
        before=$(dmesg_count "rust_minimal: test_bool_parameter: $2\$")
        insmod "$RACE_KO" ${1:+"test_bool_parameter=$1"} || return 1
        rmmod rust_minimal || return 1
        [ "$(dmesg_count "rust_minimal: test_bool_parameter: $2\$")" -eq $((before + 1)) ]
    }
    check "without the flag it is false" load_with_flag '' false
    for word in 1 y on; do check "$word is true" load_with_flag $word true; done
    for word in 0 N off; do check "$word is false" load_with_flag $word false; done
    refuse "what is neither is refused" insmod "$RACE_KO" test_bool_parameter=maybe
fi
check "nothing of it is left" test ! -d /sys/module/rust_minimal
check "the kernel is content" dmesg_clean
finish
