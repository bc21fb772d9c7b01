#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What commands write is the old file or the new one: killed at any system call that changes
# files, with a full disk, onto devices and links, with any umask.  What a killed run left
# beside is swept by the next.
. "$(dirname "$0")/lib.sh"

race=${RACE:-$top/build/race}
rcrate=$top/build/race.rcrate
kernel=$(stock_kernel 7.2 amd64) || { fail "no stock kernel 7.2"; exit 1; }
out=$work/to
mkdir "$out"
umask 022

resolve=("$race" resolve "$rcrate" --validator --target "$kernel" -o)
dump=("$race" steg dump --binary "$rcrate" -o)
build=("$race" build --portable "$kernel" "$work/tiny" -o)

entries() { find "$1" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | tr '\n' ' '; }
fresh() { # there is the old file, and nothing else
    find "$out" -mindepth 1 -delete
    cp "$work/old" "$out/m.ko"
}
same() { cmp -s "$1" "$2" || fail "$3: $1 is not $2"; } # same FILE FILE "WHAT"

echo 'the old file' >"$work/old"
run "${resolve[@]}" "$work/new"
expect_status 0 "race resolve"
run "${dump[@]}" "$work/new-dump"
expect_status 0 "race steg dump"

# points COMMAND...: "NAME N" of each system call that changes files, from where the folder is
# opened: it is the N-th of its name.
CHANGES=openat,write,pwrite64,flock,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat
CHANGES=$CHANGES,link,linkat,mkdir,mkdirat,fchmod,fchown,ftruncate
points() {
    fresh
    run strace -f --seccomp-bpf -o "$work/trace" -e "trace=$CHANGES" "$@" "$out/m.ko"
    expect_status 0 "strace $2"
    awk -v folder="\"$out\"" '{ sub(/^[0-9]+ +/, ""); name = $0; sub(/[(].*/, "", name); n[name]++ }
        index($0, folder) { on = 1 }
        on && /^[a-z0-9]+[(]/ { print name, n[name] }' "$work/trace" >"$work/points"
    for call in 'openat [0-9]+' 'write [0-9]+' 'fsync 1' 'renameat 1' 'fsync 2'; do
        grep -Exq "$call" "$work/points" || fail "strace $2: no '$call' where the file is written"
    done
}
at() { # at CALL N FAULT COMMAND...  (Signals are not delivered under --seccomp-bpf.)
    run strace -f -o "$work/trace" -e "trace=$1" -e "inject=$1:$3:when=$2" "${@:4}" "$out/m.ko"
}

# Killed before each of them.  Any command that writes there sweeps.
points "${resolve[@]}"
seen_old=0 seen_new=0 seen_beside=0
while read -r call number <&3; do
    what="killed at $call $number"
    fresh
    at "$call" "$number" signal=KILL "${resolve[@]}"
    expect_status 137 "$what"
    if cmp -s "$out/m.ko" "$work/old"; then
        seen_old=1
    else
        seen_new=1
        same "$out/m.ko" "$work/new" "$what"
    fi
    case $(entries "$out") in
    'm.ko ') ;;
    '.race-tmp-'*' m.ko ') seen_beside=1 ;;
    *) fail "$what: there is $(entries "$out")" ;;
    esac
    run "${dump[@]}" "$out/other"
    expect_status 0 "$what: the next run"
    expect_equal "$(entries "$out")" 'm.ko other ' "$what: after the next run"
done 3<"$work/points"
expect_equal "$seen_old$seen_new$seen_beside" 111 "kills that left the old file, the new one, one beside"

# Each of them fails: an error and the old file, or the new one, and nothing beside.
points "${dump[@]}"
seen_old=0 seen_new=0
while read -r call number <&3; do
    what="$call $number fails"
    fresh
    at "$call" "$number" error=ENOSPC "${dump[@]}"
    expected=$work/old
    # The second is the folder's, where the file has its name.
    case $status:$call:$number in 0:* | *:fsync:2) expected=$work/new-dump ;; esac
    if [ "$status" -eq 0 ]; then
        seen_new=1
    else
        seen_old=1
        expect_status 2 "$what"
        expect_error "^race: RACE-E0103: $out/m.ko: No space left on device\$" "$what"
    fi
    same "$out/m.ko" "$expected" "$what"
    expect_equal "$(entries "$out")" 'm.ko ' "$what: what is there"
done 3<"$work/points"
expect_equal "$seen_old$seen_new" 11 "failures that leave the old file, and those that matter to nobody"

# A full disk.  A limit for files stops in the middle, as a disk does; and a file system that
# is too small, where one may be mounted.
expect_old() { # expect_old FOLDER REASON "WHAT"
    expect_status 2 "$3"
    expect_error "^race: RACE-E0103: .*: $2\$" "$3"
    expect_equal "$(entries "$1")" 'm.ko ' "$3: what is there"
    same "$1/m.ko" "$work/old" "$3"
}
at_most_1k() { (trap '' XFSZ; ulimit -f 1; "$@"); }
fresh
run at_most_1k "${resolve[@]}" "$out/m.ko"
expect_old "$out" 'File too large' "resolve with too little room"
fresh
run at_most_1k "${dump[@]}" "$out/m.ko"
expect_old "$out" 'File too large' "steg dump with too little room"

mkdir "$work/disk" "$work/copy"
[ "$(id -u)" -eq 0 ] && apart=(unshare -m) || apart=(unshare -rm)
small_disk() {
    # shellcheck disable=SC2016 # for the other shell
    "${apart[@]}" bash -c 'cd "$0" && mount -t tmpfs -o size=16k none disk && cp old disk/m.ko || exit 99
        "$@"; status=$?; cp -a disk/. copy/; exit $status' "$work" "$@"
}
if small_disk true 2>/dev/null; then
    run small_disk "${resolve[@]}" "$work/disk/m.ko"
    expect_old "$work/copy" 'No space left on device' "resolve onto a full disk"
else
    echo "note: no file system may be mounted here; the limit for files stands for a full disk"
fi

# Standard output is written, too.
for words in "steg dump $rcrate" "inspect $rcrate" "inspect --disassemble $rcrate"; do
    : >"$work/out"
    # shellcheck disable=SC2086 # words are meant
    "$race" $words >/dev/full 2>"$work/err"
    status=$?
    expect_status 2 "race $words, to a full device"
    expect_error 'RACE-E0103: standard output' "race $words, to a full device"
done

# Devices and pipes are written to.  Who is not root may not make a device, nor spoil one.
fresh
device=$out/null
{ mknod "$device" c 1 3 && : >"$device"; } 2>/dev/null || device=/dev/null
run "${resolve[@]}" "$device"
expect_status 0 "resolve onto a device"
expect_equal "$(stat -c '%F %t:%T' "$device")" 'character special file 1:3' "resolve onto a device: it"
run "${resolve[@]}" /dev/full
expect_status 2 "resolve onto a full device"
expect_error '^race: RACE-E0103: /dev/full: No space left on device$' "resolve onto a full device"
mkfifo "$out/pipe"
cat "$out/pipe" >"$work/piped" &
run "${resolve[@]}" "$out/pipe"
wait $!
expect_status 0 "resolve onto a pipe"
same "$work/piped" "$work/new" "resolve onto a pipe"
[ -p "$out/pipe" ] || fail "resolve onto a pipe: it is none any more"
run "${resolve[@]}" /dev/stdout
expect_status 0 "resolve onto standard output"
same "$work/out" "$work/new" "resolve onto standard output"

# A link is replaced, and not what it leads to; one to a device says nothing good.
fresh
ln -s "$work/old" "$out/link"
run "${resolve[@]}" "$out/link"
expect_status 0 "resolve onto a symbolic link"
{ [ -f "$out/link" ] && [ ! -L "$out/link" ]; } || fail "resolve onto a symbolic link: it is no file"
same "$out/link" "$work/new" "resolve onto a symbolic link"
same "$out/m.ko" "$work/old" "resolve onto a symbolic link: the file that it led to"
ln -s /dev/null "$out/device"
run "${resolve[@]}" "$out/device"
expect_status 2 "resolve onto a link to a device"
expect_error '^race: RACE-E0103: .*/device: a symbolic link to what is no file' "resolve onto a link to a device"

# The umask counts, whatever mode the old file had; the group is the one of the folder.
chmod 4755 "$out/m.ko"
for mask in 077 022 002; do
    (umask $mask; "${dump[@]}" "$out/m.ko") || fail "steg dump with umask $mask"
    expect_equal "$(stat -c %#a "$out/m.ko")" "$(printf '%#o' $((0666 & ~mask)))" "the mode with umask $mask"
done

# race build writes like others.  Its work folder goes with it, or a day after it was killed.
mkdir "$work/tiny"
echo 'obj-m := tiny.o' >"$work/tiny/Kbuild"
cat >"$work/tiny/tiny.c" <<'END'
#ifdef RACE_PORTABLE
int init_module(void) { return 0; }
static void *const addressable[] __attribute__((used, section(".init.data"))) = { init_module };
static const char license[] __attribute__((used, section(".modinfo"))) = "license=GPL";
#else
#include <linux/module.h>
static int start(void) { return 0; }
module_init(start);
MODULE_DESCRIPTION("nothing");
MODULE_LICENSE("GPL");
#endif
END
find "$out" -mindepth 1 -delete
cp "$work/old" "$out/tiny.rcrate"
setsid "${build[@]}" "$out" >"$work/killed.log" 2>&1 &
builder=$!
while left=$(find "$out" -maxdepth 1 -name '.race-build-*'); [ -z "$left" ] && kill -0 $builder; do sleep 0.02; done
kill -KILL -- -$builder
wait $builder 2>/dev/null
expect_equal "$?" 137 "race build, killed"
same "$out/tiny.rcrate" "$work/old" "race build, killed"
expect_equal "$(entries "$out")" "${left##*/} tiny.rcrate " "race build, killed: what is there"
touch -d '2 days ago' "$left"
(umask 077; "${build[@]}" "$out") >"$work/out" 2>"$work/err"
status=$?
expect_status 0 "race build"
expect_equal "$(entries "$out")" 'tiny.rcrate ' "race build: what is there"
expect_equal "$(stat -c %#a "$out/tiny.rcrate")" 0600 "race build: the mode with umask 077"
run "$race" inspect "$out/tiny.rcrate"
expect_status 0 "race build: what it wrote"
