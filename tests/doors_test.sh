#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What of a kernel comes into a driver beside the bindings' fields and sizes: assembly,
# sections, declarations of its own, macros' numbers, the crate uapi.
. "$(dirname "$0")/lib.sh"

race=${RACE:-$top/build/race}

# build NAME: of tests/drivers/doors, each by itself.
build() {
    mkdir -p "$work/$1"
    cp "$top/tests/drivers/doors/$1.rs" "$work/$1/"
    echo "obj-m := $1.o" >"$work/$1/Kbuild"
    run "$race" build -o "$work" "$work/$1"
}
line() { # line NAME TEXT: the place of the first line that has it, in a message
    echo "$1\\.rs:$(grep -n -m 1 -F "$2" "$top/tests/drivers/doors/$1.rs" | cut -d : -f 1)"
}
refused() { # refused NAME CODE
    build "$1"
    expect_status 2 "race build $1"
    expect_error "^race: RACE-E$2: " "race build $1"
    expect_no_file "$work/$1.rcrate" "race build $1"
}
built() {
    build "$1"
    expect_status 0 "race build $1"
}

refused assembly_layout 0603
expect_error "$(line assembly_layout global_asm!)" "the place of the assembly"
expect_error 'offset: \.quad' "the text that differs"
refused assembly_inline 0603
expect_error "$(line assembly_inline asm!)" "the place of the assembly in a function"
refused no_endbr 0610
expect_error 'race_five .*does not begin with endbr64' "a function in assembly"
refused statics_wrong 0610
for name in EACH AFTER_INIT TABLE RACE_NAMED race_exported; do
    expect_error "static .*$name: its layout depends" "statics: $name"
done
refused sections_wrong 0610
expect_error 'the section \.data\.\.percpu is none' "a section of each processor"
expect_error 'TABLE: the section \.table\.of\.mine is none' "a section of nobody's"
refused foreign_wrong 0611
for what in 'int_pow( .*3 parameters here, 2 in C)' 'root(.*parameter 1 is .*32 bits here)' \
    'msleep(.*result is .* here, nothing in C)' 'msleep_interruptible(.*parameter 1 is a pointer here)' \
    'kstrtobool(.*result is an unsigned)' 'jiffies(.*32 bits here.*64 bits in C)' 'loops_per_jiffy(.*in C)'; do
    name=${what%%(*}
    place=$(line foreign_wrong "fn $name(")
    [ "$place" != 'foreign_wrong\.rs:' ] || place=$(line foreign_wrong "static $name:")
    pattern=${what#*(}
    expect_error "$place: .*${pattern%)}" "declared wrongly: $name"
done
expect_error 'ktime_get_mono_fast_ns itself, and .*1 parameters here, 0 in C' "declared by a macro"
refused macros_wrong 0610
expect_error "$(line macros_wrong NR_CPUS_BITS): bindings::NR_CPUS_BITS is computed" "a generated header"
expect_error "$(line macros_wrong pt_regs_bx): bindings::pt_regs_bx is computed" "an offset in assembly's header"
expect_error "$(line macros_wrong PLATFORM_NAME_SIZE): .* is 24 here and 20 in 6\.12" "another kernel's header"

# An enumerator is not compiled in without a contract.
built assembly_enumerator
run "$race" inspect "$work/assembly_enumerator.rcrate"
expect_output 'CPUHP_AP_ONLINE_DYN' "the contract of an enumerator in assembly"

# The configuration.
built macros_right
run "$race" inspect "$work/macros_right.rcrate"
for option in HZ=250 NR_CPUS=8192 NODES_SHIFT=10 LOG_BUF_SHIFT=17 PAGE_SHIFT=12; do
    expect_output "CONFIG_${option%=*}.*${option#*=}" "the contract of ${option%=*}"
done
expect_output 'macro .*IRQF_SHARED = 128 \(as in 6\.12.*7\.3' "the list of macros' numbers"
kernel=$(stock_kernel 7.2 amd64) || { fail "no stock kernel 7.2"; exit 1; }
mkdir "$work/hz1000"
for file in "$kernel"/*; do
    case $(basename "$file") in
    config*) sed 's/^CONFIG_HZ=.*/CONFIG_HZ=1000/' "$file" >"$work/hz1000/$(basename "$file")" ;;
    *) ln -s "$file" "$work/hz1000/" ;;
    esac
done
run "$race" check "$work/macros_right.rcrate" --target "$work/hz1000"
expect_status 1 "a kernel with another HZ"
expect_output 'RACE-E0415: .*CONFIG_HZ=250' "a kernel with another HZ"

# uapi has the bindings' layouts.
built uapi_right
for which in '7.2 amd64' '7.2 rt-amd64'; do
    # shellcheck disable=SC2086 # two words are meant
    run "$race" check "$work/uapi_right.rcrate" --target "$(stock_kernel $which)"
    expect_status 0 "uapi_right on $which"
done

# What is right, is right everywhere.
for name in foreign_right assembly_right sections_right; do built "$name"; done
build foreign_right
expect_error 'foreign_right\.rs:[0-9]+: .*gcd itself, and the base .* do not have it' "a note of what nobody checks"
expect_error 'foreign_right\.rs:[0-9]+: .*jiffies itself, a variable' "a note of a variable"
expect_said foreign_right 'power 81;root 9;on true;ticks true;gcd 6;own 5;' '7.2 amd64' '7.2 rt-amd64'
expect_said assembly_right 'offset true;size true;sum 38;' '7.2 amd64' '7.2 rt-amd64'
expect_said sections_right 'after 3;sizes true 8;' '7.2 amd64' '7.2 rt-amd64'
expect_said uapi_right 'same true;version true;' '7.2 amd64' '7.2 rt-amd64'
