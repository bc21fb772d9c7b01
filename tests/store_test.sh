#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The store of resolved modules, in a mock root with a stock kernel's image and some of its
# modules: made, found by modprobe, kept, noticed when stale or damaged, by two at once,
# and killed at each system call that writes.
. "$(dirname "$0")/lib.sh"

race=$top/build/race
kernel=$(stock_kernel --modules 7.2 amd64) || { fail "no stock kernel 7.2 amd64"; exit 1; }
release=$(basename "$kernel")
root=$work/root
named=${release//+/[+]} # in a pattern
folder=$root/lib/modules/$release
store=$folder/updates/race
drivers=$root/usr/lib/race

mkdir -p "$folder/kernel/fs" "$drivers" "$root/usr/local/lib/race"
ln -s "$kernel/vmlinuz" "$kernel/config" "$folder/"
cp "$kernel"/modules.builtin* "$kernel/modules.order" "$folder/"
cp -r "$kernel/kernel/fs/configfs" "$folder/kernel/fs/"
depmod -b "$root" "$release"
for name in rust_minimal rust_configfs; do
    sample $name
    build_rcrate "$work/$name"
    expect_status 0 "race build $name"
    cp "$work/$name.rcrate" "$drivers/"
done
cp "$top/build/race.rcrate" "$drivers/"
cp "$work/rust_minimal.rcrate" "$work/first.rcrate"

sync() { run "$race" cache sync --root "$root" --kernel "$release"; }
verify() { run "$race" cache verify --root "$root" "$@"; }
is_good() { # is_good "WHEN"
    verify
    expect_status 0 "verify $1"
    expect_equal "$(cut -d : -f 2- <"$work/out" | tr -d ' ' | tr '\n' ' ')" \
        "race:current rust_configfs:current rust_minimal:current " "verify $1"
}
change_driver() { # what lies behind an ELF file's tables is no part of it
    { cat "$work/first.rcrate"; echo "$1"; } >"$drivers/rust_minimal.rcrate"
}

run "$race" status --root "$root"
expect_status 1 "status before"
expect_output "$named: rust_minimal: missing" "status before"
sync
expect_status 0 "the first sync"
expect_output "$named: rust_configfs: made" "the first sync"
is_good "after the first sync"
run "$race" status --root "$root"
expect_status 0 "status"
run modprobe -d "$root" -S "$release" -C /dev/null -D rust_configfs
expect_equal "$(sed "s|$folder/||" "$work/out" | tr '\n' ';')" \
    "insmod kernel/fs/configfs/configfs.ko.xz ;insmod updates/race/race.ko ;insmod updates/race/rust_configfs.ko ;" \
    "modprobe finds it, and what it needs"
run "$top/build/race-modprobe" -d "$root" -S "$release" -C /dev/null -D rust_minimal a=b
expect_equal "$(sed "s|$folder/||" "$work/out" | tr '\n' ';')" \
    "insmod updates/race/race.ko ;insmod updates/race/rust_minimal.ko a=b;" "race-modprobe takes it"
"$race" resolve "$work/rust_minimal.rcrate" --target "$folder" -o "$work/resolved.ko"
run cmp "$work/resolved.ko" "$store/rust_minimal.ko"
expect_status 0 "it is what race resolve makes"

# What is current is left alone.
touch -d 2001-01-01 "$folder/modules.dep" "$store"/*.ko "$store/index.json"
sync
expect_status 0 "a second sync"
expect_equal "$(grep -vc ': current$' "$work/out")" 0 "a second sync makes nothing"
expect_equal "$(find "$folder" -newermt 2002-01-01 -name 'modules.dep' -o -newermt 2002-01-01 -path '*updates*' -type f ! -name .lock)" \
    "" "a second sync writes nothing"

# JSON, for machines.
verify --json
cp "$work/out" "$work/json"
run python3 -c 'import json,sys
for kernel in json.load(sys.stdin):
    print(kernel["kernel"], kernel["indexed"], [d["name"] + " " + d["state"] for d in kernel["drivers"]])' <"$work/json"
expect_output "^$named True \['race current', 'rust_configfs current', 'rust_minimal current'\]\$" "verify --json"

# Damaged and stale ones are noticed, and made again.
echo x >>"$store/rust_minimal.ko"
verify
expect_status 1 "a damaged module"
expect_output 'rust_minimal: damaged: .*its bytes are not' "a damaged module"
run "$top/build/race-modprobe" -d "$root" -S "$release" -C /dev/null -D rust_minimal
expect_output 'usr/lib/race/rust_minimal.rcrate' "race-modprobe does not take a damaged one"
sync
expect_output 'rust_minimal: made' "after damage"
is_good "after damage"
change_driver two
verify
expect_status 1 "another .rcrate"
expect_output 'rust_minimal: stale: made from another .rcrate' "another .rcrate"
sync
is_good "after another .rcrate"
sed -i 's/"race": "[^"]*"/"race": "0.0.1"/' "$store/index.json"
verify
expect_output 'rust_minimal: stale: made by race 0.0.1' "another race"
sync
is_good "after another race"
echo '{' >"$store/index.json"
run "$race" cache list --root "$root"
expect_status 2 "a damaged index"
expect_error 'RACE-E0102: .*index.json: no index' "a damaged index"
sync
is_good "after a damaged index"
sed -i 's/"rust_minimal"/"..\/..\/evil"/' "$store/index.json"
run "$race" cache list --root "$root"
expect_status 2 "an index with a name that leads elsewhere"
sync
is_good "after such an index"

# Refused, installed no more, strayed.
head -c 5000 "$work/first.rcrate" >"$drivers/rust_minimal.rcrate"
sync
expect_status 1 "a driver that is cut short"
expect_error 'RACE-E02' "a driver that is cut short"
expect_no_file "$store/rust_minimal.ko" "a module of what is refused"
run "$race" cache list --root "$root" --json
expect_output '"state": "refused"' "list of what is refused"
rm "$drivers/rust_minimal.rcrate"
cp "$store/race.ko" "$store/stray.ko"
run "$race" cache gc --root "$root"
expect_status 0 "gc"
expect_output "stray: removed" "gc"
cp "$work/first.rcrate" "$drivers/rust_minimal.rcrate"
rm "$drivers/rust_configfs.rcrate"
sync
expect_output 'rust_configfs: removed' "what is installed no more"
expect_no_file "$store/rust_configfs.ko" "what is installed no more"
cp "$work/rust_configfs.rcrate" "$drivers/"

# The administrator's wins over the packages'.
cp "$work/first.rcrate" "$root/usr/local/lib/race/rust-minimal.rcrate"
sync
run "$race" cache list --root "$root" --json
expect_output '"rcrate": ".*/usr/local/lib/race/rust-minimal.rcrate"' "the administrator's"
rm "$root/usr/local/lib/race/rust-minimal.rcrate"

# Two at once.
rm -r "$store"
"$race" cache sync --root "$root" --kernel "$release" >"$work/one" 2>&1 & one=$!
sync
expect_status 0 "one of two at once"
wait $one || fail "the other of two at once: $(cat "$work/one")"
expect_equal "$(cat "$work/one" "$work/out" | grep -c ': made$')" 3 "two at once make each once"
is_good "after two at once"

# No place to write to.
mv "$folder/updates" "$work/updates"
: >"$folder/updates"
sync
expect_status 2 "no folder can be made"
expect_error 'RACE-E0103: .*/updates/race: ' "no folder can be made"
rm "$folder/updates" && mv "$work/updates" "$folder/updates"
run unshare -m sh -c "mount --bind '$folder' '$folder' && mount -o remount,ro,bind '$folder' &&
    exec '$race' cache sync --root '$root' --kernel '$release'"
expect_status 2 "a read-only folder"
expect_error 'RACE-E0103: .*Read-only file system' "a read-only folder"
run "$race" cache sync --root "$root" --kernel no-such-kernel
expect_status 2 "no such kernel"
expect_error 'RACE-E0301: .*no-such-kernel' "no such kernel"

# Killed at each system call that writes: each file is the old one or the new one, and the
# next sync brings all in order.
command -v strace >/dev/null || fail "no strace"
change_driver old
sync
cp -r "$store" "$work/old"
change_driver new
sync
cp -r "$store" "$work/new"
kills=0
for call in mkdir write fchmod fsync rename unlink; do
    # The Nth of this call, until there are not so many.
    for ((nth = 1; nth < 30; nth++)); do
        rm -r "$store" && cp -r "$work/old" "$store"
        strace -qqq -o /dev/null -e "trace=$call" -e "inject=$call:signal=KILL:when=$nth" \
            "$race" cache sync --root "$root" --kernel "$release" >"$work/out" 2>&1
        code=$?
        [ $code -ne 0 ] || break
        expect_equal $code 137 "$call $nth"
        kills=$((kills + 1))
        cmp -s "$store/rust_minimal.ko" "$work/old/rust_minimal.ko" ||
            cmp -s "$store/rust_minimal.ko" "$work/new/rust_minimal.ko" ||
            fail "killed at $call $nth: neither the old module nor the new"
        run "$race" cache list --root "$root"
        expect_status 0 "the index after a kill at $call $nth"
        sync
        expect_status 0 "sync after a kill at $call $nth"
        is_good "after a kill at $call $nth"
        cmp -s "$store/rust_minimal.ko" "$work/new/rust_minimal.ko" ||
            fail "killed at $call $nth: the next sync leaves the old module"
    done
    expect_equal $code 0 "$call: a run that is not killed"
done 2>/dev/null
echo "killed $kills times"
[ $kills -gt 8 ] || fail "killed $kills times only"

# A kernel that is gone.
rm -r "$folder/kernel" "$folder/vmlinuz" "$folder/config"
run "$race" cache gc --root "$root"
expect_status 0 "gc of a kernel that is gone"
expect_no_file "$store" "gc of a kernel that is gone"
