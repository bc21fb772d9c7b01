# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
#
# Which accelerator works here, and whether QEMU can lock itself in.  Sourced by qemu/run;
# uses $qemu, $cache.

# What QEMU never needs here: to start programs, to become another user, calls that nobody
# should use any more.  A guest that breaks out of it has not got them either.  $sandbox is
# empty where this QEMU was built without.
find_sandbox() {
    sandbox=(-sandbox "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny")
    "$qemu" "${sandbox[@]}" -machine help >/dev/null 2>&1 || sandbox=()
}

# kvm_works KERNEL INITRAMFS NONCE: whether a guest really runs under KVM.  That
# /dev/kvm exists and can be opened does not say so: nested or paravirtual hosts
# may have it and still fail at the first instruction they cannot emulate.  So
# boot the kernel in question up to its first program.  A guest that hangs is
# given 30 seconds; the answer is kept until the next boot of the host.
kvm_works() {
    local kernel=$1 initramfs=$2 nonce=$3 record key answer=no output errors
    [ -r /dev/kvm ] && [ -w /dev/kvm ] || return 1
    record=$cache/qemu/kvm-probe
    key="$(cat /proc/sys/kernel/random/boot_id) $("$qemu" --version | head -n 1)"
    if [ -f "$record" ] && [ "$(head -n 1 "$record")" = "$key" ]; then
        [ "$(sed -n 2p "$record")" = yes ]
        return
    fi
    output=$work/probe.out errors=$work/probe.err
    "$qemu" "${sandbox[@]}" -accel kvm -cpu host -m 512 -nodefaults -display none -no-reboot -no-user-config \
        -kernel "$kernel" -initrd "$initramfs" -append "console=ttyS0 panic=-1 race.probe" \
        -serial null -serial "file:$output" </dev/null >/dev/null 2>"$errors" &
    pid=$! # the global one, so that cleanup ends it
    for _ in $(seq 300); do
        kill -0 $pid 2>/dev/null || break
        # QEMU stops the guest and stays: no need to wait for the limit.
        grep -Eq 'KVM internal error|emulation failure|failed to' "$errors" && break
        sleep 0.1
    done
    kill -KILL $pid 2>/dev/null
    wait $pid 2>/dev/null
    pid=''
    grep -q "^race-exit $nonce 0" "$output" 2>/dev/null && answer=yes
    mkdir -p "$cache/qemu"
    printf '%s\n%s\n' "$key" "$answer" >"$record.tmp.$$" && mv -f "$record.tmp.$$" "$record"
    [ $answer = yes ]
}
