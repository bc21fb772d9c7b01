#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A driver asks what the kernel has that it is linked for: what it needs only on one side
# of the answer is no contract where the other side runs.
. "$(dirname "$0")/lib.sh"

race=${RACE:-$top/build/race}
old=$(stock_kernel 6.18 amd64) || { fail "no stock kernel 6.18"; exit 1; }
new=$(stock_kernel 7.2 amd64) || { fail "no stock kernel 7.2"; exit 1; }

build() { # build NAME
    build_rcrate "$work/$1"
    expect_status 0 "race build $1"
}
mkdir "$work/exists"
cp "$top"/tests/drivers/exists/* "$work/exists/"
build exists
expect_error 'exists.rs:[0-9]+: existence of function race_no_such_function: .* \(is the name right\?\)' \
    "the author is told of a name that the bindings do not have"
expect_equal "$(grep -c 'pci_rebar\|imported_namespaces: the base' "$work/err")" 0 \
    "and of no name that they have"

run "$race" inspect "$work/exists.rcrate"
for contract in \
    'function pci_rebar_bytes_to_size, if existence of function pci_rebar_bytes_to_size' \
    'function pci_rebar_size_to_bytes, if existence of function pci_rebar_bytes_to_size' \
    'function int_pow, unless existence of function pci_rebar_bytes_to_size' \
    'field imported_namespaces of struct module, if existence of field imported_namespaces of struct module' \
    'enumerator BPF_COMMON_ATTRS of enum bpf_cmd, if existence of enumerator BPF_COMMON_ATTRS of enum bpf_cmd'; do
    expect_output "^  $contract  " "what counts on one side only"
done
expect_output '^  function _printk  ' "what both sides need counts everywhere"
expect_output '^  race:exists:device.driver_override.name += exists\(device.driver_override.name\)$' \
    "a question's symbol"
run "$race" inspect --disassemble "$work/exists.rcrate"
grep -A 2 'exists(pci_rebar_bytes_to_size())' "$work/out" | sed -E 's/^ *[0-9a-f]* *//' | tr '\n' ';' >"$work/code"
expect_equal "$(cat "$work/code")" 'mov eax, exists(pci_rebar_bytes_to_size());test al, 0x1;je L1;' \
    "the code that asks"

for kernel in "$old" "$new"; do
    run "$race" check "$work/exists.rcrate" --target "$kernel"
    expect_status 0 "race check on $(basename "$kernel")"
done
run "$race" steg diff "$old" "$new" --for "$work/exists.rcrate"
expect_status 1 "race steg diff --for exists"
expect_output 'function int_pow: .* -> not needed' "what the other side needs"

# Both sides run, each where it must; what the dead side would call stops the machine.
says() { # says KERNEL LINE...: in this order, when it is loaded there
    local kernel=$1 expected
    shift
    expected=$(printf 'exists: %s\n' "$@")
    run_saying exists "$kernel"
    expect_status 0 "exists on $(basename "$kernel")"
    expect_equal "$(grep '^exists: ' "$work/out")" "$expected" "exists on $(basename "$kernel")"
}
says "$old" 'order=own 3' right=1 namespaces=unknown attributes=0 type=0 union=1 typedef=0 nested=0 \
    enumerator=1 unnamed=0 variable=1 nothing=0
says "$new" 'order=kernel 3 8' right=1 namespaces=RACE_TEST attributes=65536 type=1 union=1 typedef=1 nested=1 \
    enumerator=1 unnamed=1 variable=1 nothing=0

# imports KERNEL: of the module that is made for it.
imports() {
    "$race" resolve "$work/exists.rcrate" --target "$1" -o "$work/exists.ko" &&
        nm --undefined-only "$work/exists.ko" | awk '$2 ~ /pci_rebar|int_pow/ { print $2 }' | tr '\n' ' '
}
expect_equal "$(imports "$old")" 'int_pow ' "imports for the older kernel"
expect_equal "$(imports "$new")" 'pci_rebar_bytes_to_size pci_rebar_size_to_bytes ' "for the newer"

# changed NAME SED: the driver with another source.
changed() {
    mkdir "$work/$1"
    echo "obj-m := $1.o" >"$work/$1/Kbuild"
    sed -E -e "s/name: \"exists\"/name: \"$1\"/" -e "$2" \
        "$top/tests/drivers/exists/exists.rs" >"$work/$1/$1.rs"
    ! cmp -s "$work/$1/$1.rs" "$top/tests/drivers/exists/exists.rs" || fail "$1: not changed"
}

# What is also used without asking is needed everywhere.
changed unasked 's/^( *)namespaces\(module\);/\1namespaces(module);\n\1resizable(MIB);\n\1let _ = unsafe { core::ptr::read_volatile(\&raw const (*module.as_ptr()).imported_namespaces) };\n\1pr_info!("{}", bindings::bpf_cmd_BPF_COMMON_ATTRS);/'
build unasked
run "$race" check "$work/unasked.rcrate" --target "$old"
expect_status 1 "race check of what is used without asking, where it is not"
for refusal in 'RACE-E0411: .*function pci_rebar_bytes_to_size:' 'RACE-E0411: .*function pci_rebar_size_to_bytes:' \
    'RACE-E0403: .*field imported_namespaces of struct module:' \
    'RACE-E0410: .*enumerator BPF_COMMON_ATTRS of enum bpf_cmd:'; do
    expect_output "$refusal" "it is refused"
done
run "$race" check "$work/unasked.rcrate" --target "$new"
expect_status 0 "race check of what is used without asking, where it is"

# Behind several questions each counts for what it asks for, through a `let` and `&&` as well.
changed several 's/^( *)namespaces\(module\);/\1let has = exists!(struct module.imported_namespaces);\n\1if exists!(struct module) \&\& has \&\& exists!(fn pci_rebar_bytes_to_size) {\n\1    let names = unsafe { (*module.as_ptr()).imported_namespaces };\n\1    pr_info!("{} {}", names.is_null(), resizable(MIB).0);\n\1}/'
build several
run "$race" inspect "$work/several.rcrate"
expect_output 'field imported_namespaces of struct module, if existence of field imported_namespaces of' \
    "the field behind three questions"
expect_output 'function pci_rebar_size_to_bytes, if existence of function pci_rebar_bytes_to_size' \
    "the function behind three questions"

# What nobody can ask.
changed wrong 's/exists!\(fn race_no_such_function\)/exists!(fn "race")/'
build_rcrate "$work/wrong"
expect_status 2 "race build of a question that is none"
expect_error 'RACE-E0602' "it does not compile"
expect_no_file "$work/wrong.rcrate" "a question that is none"
# shellcheck disable=SC2016 # nothing is to be expanded
changed handmade 's/u8::from\(exists!\(fn race_no_such_function\)\)/{ extern "C" { #[link_name = "race:exists:field:a"] fn ask() -> bool; } u8::from(unsafe { ask() }) }/'
build_rcrate "$work/handmade"
expect_status 2 "race build of a question by hand"
expect_error 'RACE-E0610: .*handmade.rs:[0-9]+: race:exists:field:a: ' "it names the place"
expect_no_file "$work/handmade.rcrate" "a question by hand"

# Without RACE it is an ordinary driver for a kernel that has all of it.
sdk=$cache/sdk/default
value() { sed -n "s/^$1=//p" "$sdk/sdk"; }
run make -C "$sdk/tree" "LLVM=$(value llvm_suffix)" "RUSTC=$(value rustc)" "HOSTRUSTC=$(value rustc)" \
    "BINDGEN=$(value bindgen)" "RUST_LIB_SRC=$(value rust_library)" KBUILD_MODPOST_WARN=1 \
    M="$work/exists" MO="$work/plain" modules
expect_status 0 "Kbuild of the driver without RACE"
expect_equal "$(nm "$work/plain/exists.o" | grep -c 'race:')" 0 "questions that are left in it"
