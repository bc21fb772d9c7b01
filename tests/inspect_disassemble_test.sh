#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# race inspect --disassemble names layout constants at the operand that they are in.
. "$(dirname "$0")/lib.sh"

race=$top/build/race
sample rust_misc_device
build_rcrate "$work/rust_misc_device"
expect_status 0 "race build rust_misc_device"
rcrate=$work/rust_misc_device.rcrate

r='r[a-z0-9]+'
run "$race" inspect --disassemble "$rcrate"
expect_status 0 "a driver's code"
expect_output "^Section \.text$" "the section"
expect_output "^[0-9a-f]+ <kernel::miscdevice::MiscdeviceVTable<rust_misc_device::RustMiscDevice>>::write_iter:$" \
    "a function by its demangled name"
expect_output "  mov $r, \[$r \+ off\(file\.private_data\)\]$" "a field"
expect_output "  mov(zx)? .*\[$r \+ size\(mutex\) \+ [0-9]+\]" "a field of the driver's own struct"
expect_output "  call mutex_lock$" "a call"
expect_output "  jmp __x86_return_thunk$" "a return"
expect_output "offset race_shape_[0-9]+$" "the address of a static"
expect_no_output "race:|race_operand" "every symbol is spelled"

# What no compiler would write, among the same layouts: both fields of one
# instruction, in either order of size, and addends.
assemble() { # assemble FILE.s FILE.rcrate
    clang-22 -c -target x86_64-linux-gnu -o "$work/code.o" "$1" &&
        llvm-objcopy-22 --dump-section .race="$work/race" --dump-section .race.steg="$work/steg" \
            "$rcrate" "$work/unused" &&
        llvm-objcopy-22 --add-section .race="$work/race" --add-section .race.steg="$work/steg" \
            "$work/code.o" "$2" || fail "assembling $1"
}
compound=$("$race" inspect "$rcrate" | sed -nE 's/^ *(race:expr:[0-9]+) += (.*\+ [0-9]+)$/\1=\2/p' | head -n 1)
cat >"$work/probe.s" <<END
	.code64
	.intel_syntax noprefix
	.section .text.probe, "ax", @progbits
	.type probe, @function
probe:
	.reloc .+3, R_X86_64_32S, "race:off:kiocb.ki_pos"
	.reloc .+7, R_X86_64_32S, "race:off:iov_iter.count"
	mov qword ptr [rdi + 0x10000000], 0x10000000
	.reloc .+3, R_X86_64_32S, "race:off:kiocb.ki_pos"
	mov qword ptr [rdi + 0x10000000], 5
	.reloc .+3, R_X86_64_32S, "race:off:kiocb.ki_pos"
	mov rax, 0
	.reloc .+4, R_X86_64_32S, "race:off:kiocb.ki_pos"
	mov qword ptr [rsp], 0
	.reloc .+2, R_X86_64_64, "race:off:kiocb.ki_pos" + 4
	movabs rax, 0x1000000000000
	.reloc .+3, R_X86_64_32S, "${compound%%=*}"
	lea rax, [rdi + 0x10000000]
	.reloc .+3, R_X86_64_32S, "race:off:file.private_data"
	mov rax, [rdi + 0x10000000]
	.reloc .+4, R_X86_64_32S, "race:off:file.private_data"
	movzx eax, byte ptr [rdi + rcx*8 + 0x10000000]
	cmp eax, 1
	jne 1f
	call other + 4
1:	ret
	.size probe, .-probe
END
assemble "$work/probe.s" "$work/probe.rcrate"
run "$race" inspect --disassemble "$work/probe.rcrate"
expect_status 0 "assembled code"
cat >"$work/expected" <<END
Section .text.probe
probe:
mov qword ptr [rdi + off(kiocb.ki_pos)], off(iov_iter.count)
mov qword ptr [rdi + off(kiocb.ki_pos)], 0x5
mov rax, off(kiocb.ki_pos)
mov qword ptr [rsp], off(kiocb.ki_pos)
movabs rax, off(kiocb.ki_pos) + 4
lea rax, [rdi + ${compound#*=}]
mov rax, [rdi + off(file.private_data)]
movzx eax, byte ptr [rdi + 8*rcx + off(file.private_data)]
cmp eax, 0x1
jne L1
call other + 4
L1:
ret
END
sed -E 's/^ *[0-9a-f]+ +//; /^$/d' "$work/out" >"$work/actual"
diff -u "$work/expected" "$work/actual" || fail "assembled code: other lines"

# A relocation that is no operand is not shown as one.
sed 's/^probe:/&\n\t.reloc .+1, R_X86_64_32S, "race:off:kiocb.ki_pos"/' "$work/probe.s" >"$work/bad.s"
assemble "$work/bad.s" "$work/bad.rcrate"
run "$race" inspect --disassemble "$work/bad.rcrate"
expect_status 2 "a relocation over an opcode"
expect_error 'RACE-E0211: .*bad\.rcrate: \.text\.probe\+0x0 \(probe\): a relocation' \
    "a relocation over an opcode"

sed 's/race:off:file.private_data/race:off:file.unknown/' "$work/probe.s" >"$work/unknown.s"
assemble "$work/unknown.s" "$work/unknown.rcrate"
run "$race" inspect --disassemble "$work/unknown.rcrate"
expect_status 2 "a layout symbol without a definition"
expect_error 'RACE-E0501: .*race:off:file\.unknown' "a layout symbol without a definition"
