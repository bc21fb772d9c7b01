#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The .rcrate of the kernel's own rust_misc_device, damaged in every way that its
# format knows, and targets that it cannot be resolved for: exit status, code, and
# nothing left behind.
. "$(dirname "$0")/lib.sh"

race=${RACE:-$top/build/race}
source_tree=$("$top/scripts/kernel-source" | head -n 1)
kernel=$(stock_kernel 7.2 amd64) || { fail "no stock kernel 7.2"; exit 1; }

mkdir "$work/o"
sample rust_misc_device
build_rcrate "$work/rust_misc_device"
expect_status 0 "race build rust_misc_device"
good=$work/rust_misc_device.rcrate
bad=$work/bad.rcrate

# refused STATUS CODES FILE TARGET "WHAT"
refused() {
    run "$race" resolve "$3" --target "$4" -o "$work/o/x.ko"
    expect_status "$1" "$5"
    expect_error "^race: RACE-E($2): " "$5"
    expect_equal "$(ls -A "$work/o")" '' "$5: what is left in the output's folder"
    rm -rf "$work/o" && mkdir "$work/o"
}

run "$race" resolve "$good" --target "$kernel" -o "$work/good.ko"
expect_status 0 "the .rcrate that is not damaged"

# What is no .rcrate.
: >"$work/empty"
refused 2 0201 "$work/empty" "$kernel" "an empty file"
refused 2 0201 "$work/rust_misc_device/rust_misc_device.rs" "$kernel" "a source file"
refused 2 0202 "$(readlink -f "$race")" "$kernel" "a program"
refused 2 0202 "$work/good.ko" "$kernel" "a module"
refused 2 0101 "$work/none" "$kernel" "a file that is not there"

# Name, offset and size (hexadecimal) of each section that has bytes in the file.
readelf -SW "$good" | sed -n 's/^ *\[ *[1-9][0-9]*\] *//p' |
    awk '$2 != "NOBITS" { print $1, $4, $5 }' >"$work/sections"
section() { # section NAME: where it starts and its size
    local offset length
    read -r _ offset length < <(grep "^$1 " "$work/sections")
    echo $((16#$offset)) $((16#$length))
}
read -r start size < <(section '\.race')
read -r steg _ < <(section '\.race\.steg')
expect_equal "$(dd if="$good" bs=1 skip="$start" count=6 2>/dev/null)" RCRATE "where the section .race is"

# Cut at every section boundary.
mapfile -t cuts < <(while read -r _ offset length; do
    echo $((16#$offset))
    echo $((16#$offset + 16#$length))
done <"$work/sections" | sort -nu)
[ ${#cuts[@]} -gt 20 ] || fail "only ${#cuts[@]} section boundaries found"
for cut in "${cuts[@]}"; do
    head -c "$cut" "$good" >"$bad"
    refused 2 '02[0-9][0-9]' "$bad" "$kernel" "the file cut at $cut"
done

# write OFFSET BYTES: into the damaged copy, bytes as printf has them.
write() {
    # shellcheck disable=SC2059 # escapes are meant
    printf "$2" | dd of="$bad" bs=1 seek="$1" conv=notrunc 2>/dev/null
}
# The checksum of the damaged section made right, so that the field itself tells.
right_checksum() {
    write $((start + 20)) '\0\0\0\0'
    tail -c "+$((start + 1))" "$bad" | head -c "$size" | gzip -1 | tail -c 8 | head -c 4 |
        dd of="$bad" bs=1 seek=$((start + 20)) conv=notrunc 2>/dev/null
}
cp "$good" "$bad"
right_checksum
cmp "$good" "$bad" || fail "the test's checksum is not the format's"
field() { # field CODES OFFSET BYTES NAME
    cp "$good" "$bad"
    write $((start + $2)) "$3"
    right_checksum
    refused 2 "$1" "$bad" "$kernel" "the header's $4"
}
field 0203 0 'X' magic
field 0204 8 '\377' version
field 0205 10 '\267' machine
field 0206 12 '\10' hdr_len
field 0206 15 '\377' 'hdr_len, too large'
field 0206 16 '\1' flags
table=24
for name in strings manifest contracts exprs terms symbols rooms shapes pieces; do
    field '0208|0209|0210' $((table + 3)) '\377' "offset of $name"
    field '0208|0209|0210' $((table + 7)) '\177' "count of $name"
    table=$((table + 8))
done
cp "$good" "$bad"
write $((start + 20)) '\1\2\3\4'
refused 2 0207 "$bad" "$kernel" "the header's crc32"
cp "$good" "$bad"
write $((start + size - 2)) '\377'
refused 2 0207 "$bad" "$kernel" "a byte of the section's end"
cp "$good" "$bad"
write $((steg + 60)) '\377'
refused 2 0207 "$bad" "$kernel" "a byte of the STEG"
cp "$good" "$bad"
write 18 '\267'
refused 2 0205 "$bad" "$kernel" "the ELF header's machine"
cp "$good" "$bad"
write 40 '\377\377\377\377'
refused 2 '02(11|02)' "$bad" "$kernel" "the ELF header's place of the section headers"

# Targets.
"$source_tree/scripts/extract-vmlinux" "$kernel/vmlinuz" >"$work/vmlinux" 2>/dev/null
run "$race" resolve "$good" --target "$work/vmlinux" -o "$work/same.ko"
expect_status 0 "the decompressed image"
cmp "$work/good.ko" "$work/same.ko" || fail "the decompressed image makes another module"
llvm-objcopy-22 --remove-section .BTF "$work/vmlinux" "$work/no-btf"
refused 2 0303 "$good" "$work/no-btf" "a kernel without BTF"
rm "$work/no-btf"
head -c 20000000 "$work/vmlinux" >"$work/half"
refused 2 '02[0-9][0-9]|03[0-9][0-9]' "$good" "$work/half" "half a kernel image"
rm "$work/half"
printf '\267' | dd of="$work/vmlinux" bs=1 seek=18 conv=notrunc 2>/dev/null
refused 2 0205 "$good" "$work/vmlinux" "a kernel of another architecture"
refused 2 0301 "$good" "$work/none" "a kernel that is not there"
refused 2 0301 "$good" "$work/rust_misc_device" "a folder without a kernel"
refused 2 0302 "$good" "$work/rust_misc_device/Kbuild" "a text file as kernel"

# A kernel that was built without Rust: what the driver calls is not there.
if old=$(stock_kernel 6.12 amd64); then
    refused 1 '0307|04[0-9][0-9]' "$good" "$old" "a kernel without Rust"
    expect_error 'RACE-E0411: .*\.rs:[0-9]+: function rust_helper_' "it names the source line"
    run "$race" check --json "$good" --target "$old"
    expect_status 1 "race check of it"
    [ "$(grep -c '"code": *"RACE-E' "$work/out")" -gt 3 ] || { fail "race check lists all problems"; shown; }
else
    fail "no stock kernel 6.12"
fi

# The driver's folder: what is none.
mkdir "$work/folder"
run "$race" build -o "$work/o" "$work/folder"
expect_status 2 "race build of an empty folder"
expect_error '^race: RACE-E0601: ' "race build of an empty folder"
echo 'obj-m := x.o' >"$work/folder/Kbuild"
echo 'this is no Rust' >"$work/folder/x.rs"
run "$race" build -o "$work/o" "$work/folder"
expect_status 2 "race build of what does not compile"
expect_error '^race: RACE-E0602: ' "race build of what does not compile"
expect_error 'x\.rs:1' "it says where"
for i in $(seq 60); do echo "fn f$i() { none$i(); }"; done >"$work/folder/x.rs"
run "$race" build -o "$work/o" "$work/folder"
expect_status 2 "race build of what has many errors"
expect_error 'cannot find function `none1`' "the first of many errors is shown"
run "$race" build --sdk "$work/folder" -o "$work/o" "$work/rust_misc_device"
expect_status 2 "race build with what is no SDK"
expect_error '^race: RACE-E0704: ' "race build with what is no SDK"
expect_equal "$(ls -A "$work/o")" '' "what race build leaves when it refuses"
