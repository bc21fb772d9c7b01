#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What a driver's folder may be made of beside one Rust source: several modules, trace
# events in C; and other C, which is refused.
. "$(dirname "$0")/lib.sh"

race=${RACE:-$top/build/race}
samples=$("$top/scripts/kernel-source" | head -n 1)/samples/rust

# Two modules: one is to be named.
mkdir "$work/two"
cp "$samples/rust_minimal.rs" "$samples/rust_driver_faux.rs" "$work/two/"
echo 'obj-m := rust_minimal.o rust_driver_faux.o' >"$work/two/Kbuild"
run "$race" build -o "$work/made" "$work/two"
expect_status 2 "two modules"
expect_error 'RACE-E0601: .*2 modules in obj-m \(rust_minimal, rust_driver_faux\).*--module' "it names them"
run "$race" build --module rust_other -o "$work/made" "$work/two"
expect_status 2 "a module that is not there"
expect_error 'RACE-E0601: .*no module rust_other in obj-m \(rust_minimal, rust_driver_faux\)' "it names those that are"
run "$race" build --module rust_driver_faux -o "$work/made" "$work/two"
expect_status 0 "one of two"
expect_file "$work/made/rust_driver_faux.rcrate" "the one that was named"
expect_equal "$(ls -A "$work/made")" rust_driver_faux.rcrate "and no other"

: >"$work/file"
run "$race" build --module rust_driver_faux -o "$work/file" "$work/two"
expect_status 2 "a file where the folder is to be"
expect_error "RACE-E01[0-9][0-9]: $work/file" "it names it"

# Trace events in C: left out, and said so.  (The sample runs in the matrix.)
mkdir "$work/print"
cp "$samples"/rust_print_* "$work/print/"
printf 'obj-m := rust_print.o\nrust_print-y := rust_print_main.o rust_print_events.o\n' >"$work/print/Kbuild"
run "$race" build -o "$work/print-out" "$work/print"
expect_status 0 "a driver with trace events"
expect_error '^race: note: the trace events of rust_print_events\.c are left out: rust_sample_loaded$' "the note"
run nm -u "$work/print-out/rust_print.rcrate"
expect_no_output 'tracepoint|rust_do_trace' "nothing refers to them"
run objdump -h "$work/print-out/rust_print.rcrate"
expect_output '\.return_sites' "objtool has seen the object of a module of several"

# Other C is not left out: the Rust source may need it.
echo 'int rust_print_helper(void); int rust_print_helper(void) { return 1; }' >>"$work/print/rust_print_events.c"
run "$race" build -o "$work/print-c" "$work/print"
expect_status 2 "a driver with other C"
expect_error 'RACE-E0601: rust_print_events\.c: it defines rust_print_helper in C' "it names what is in C"
echo 'static int hidden __attribute__((used));' >"$work/print/rust_print_events.c"
run "$race" build -o "$work/print-c" "$work/print"
expect_status 2 "C that nobody else can see"
expect_error 'RACE-E0601: rust_print_events\.c: C that no other object can see' "it names the source"
expect_equal "$(ls -A "$work/print-c")" '' "what race build leaves when it refuses"
