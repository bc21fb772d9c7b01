#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# qemu/run gives back what the guest's script said, and tells a script's failure
# from a hang, a panic and a module that is not loaded.
. "$(dirname "$0")/lib.sh"

kernel=$(stock_kernel --modules 7.2 amd64) || exit 1
dummy=$(find "$kernel/kernel" -name 'dummy.ko*' | head -n 1)
[ -n "$dummy" ] || fail "the stock kernel has no dummy.ko"

guest() { run "$top/qemu/run" --kernel "$kernel" --test "$work/script" "$@"; }
script() { cat >"$work/script"; }

script <<'END'
. /race/lib.sh
uname -r
echo "parameters: $RACE_PARAMS, module: $RACE_MODULE, greeting: $GREETING"
check "the module is loaded" test -d "/sys/module/$RACE_MODULE"
check "with its parameter" test -d /sys/class/net/dummy2
check "the file is there" grep -q 'from the host' /data/note
check "debugfs is mounted" test -d /sys/kernel/debug/tracing
check "the kernel is content" dmesg_clean
finish
END
echo 'from the host' >"$work/note"
guest --ko "$dummy" --param numdummies=3 --file "$work/note:/data/note" \
    --env GREETING="it's me" --log "$work/log"
expect_status 0 "a script that passes"
expect_output "^$(basename "$kernel" | sed 's/[+]/[+]/')\$" "the kernel is the one asked for"
expect_output "^parameters: numdummies=3, module: dummy, greeting: it's me\$" "the environment"
expect_output '^1\.\.5$' "all checks were made"
expect_error '(tcg|kvm), 1024 MB' "it says which accelerator"
grep -q 'Linux version' "$work/log" || fail "the console log is not kept"
grep -q '^ok 1' <(tr -d '\r' <"$work/log") || fail "the script's output is not in the log"

script <<'END'
echo "before"
exit 3
END
guest
expect_status 3 "a script that fails"
expect_output '^before$' "its output is passed on"

# QEMU that does not start the guest's processors, the first time: what a hang in
# early boot looks like.
cat >"$work/qemu" <<END
#!/bin/sh
case \$* in *race.probe* | --version | *'-machine help') ;; *) [ -e "$work/hung" ] || { : >"$work/hung"; set -- "\$@" -S; } ;; esac
exec qemu-system-x86_64 "\$@"
END
chmod +x "$work/qemu"
script <<'END'
exit 0
END
run env QEMU="$work/qemu" "$top/qemu/run" --kernel "$kernel" --test "$work/script" \
    --accel tcg --timeout 60
expect_status 0 "a guest that hangs before /init"
expect_error 'hung under emulation before /init; booting it again' "it is booted again"

# What a terminal would obey is not shown, neither of the script nor of the console.
script <<'END'
printf 'one\033[31m two\033]0;title\007 three\033c four\177 \303\274 \302\2335m five\tsix\n'
printf 'kmsg \033]52;c;AAAA\007\033[2Jis clean\n' >/dev/kmsg
printf 'raw \033[2J\033[Hconsole\n' >/dev/console
exit 4
END
guest --log "$work/log"
expect_status 4 "a script that says escape sequences"
expect_output "^$(printf 'one two three four \303\274 5m five\tsix')\$" "the text is passed on"
expect_error '^  [|] .*raw console$' "the excerpt of the log"
grep -q 'raw console$' "$work/log" || fail "the log does not have the console's text"
for file in "$work/out" "$work/err" "$work/log"; do
    [ "$(LC_ALL=C tr -d '\011\012\040-\176\200-\377' <"$file" | wc -c)" -eq 0 ] ||
        fail "$file has control characters"
done

script <<'END'
exit 124
END
guest
expect_status 119 "a script's own 124 is not taken for a hang"

script <<'END'
echo "hanging"
sleep 1000
END
guest --timeout 25
expect_status 124 "a script that hangs"
expect_output '^hanging$' "what it said before is passed on"

script <<'END'
echo c >/proc/sysrq-trigger
sleep 60
END
guest
expect_status 125 "a script that panics the kernel"
expect_error 'the guest panicked' "it says so"
expect_error 'sysrq triggered crash' "the end of the log is shown"

script <<'END'
. /race/lib.sh
reboot -f
sleep 60
END
guest
expect_status 125 "a script that resets the machine"

script <<'END'
echo "must not run"
END
head -c 4096 /dev/urandom >"$work/junk.ko"
guest --ko "$work/junk.ko"
expect_status 121 "a module that the kernel refuses"
expect_no_output 'must not run' "the script is not run without its module"

# A .rcrate is resolved here, for this kernel; a stand-in does it, which is called as
# race would be.
xz -dc "$dummy" >"$work/dummy.ko"
cat >"$work/race" <<END
#!/bin/sh
[ "\$1 \$2 \$3 \$4 \$5" = "resolve $work/dummy.rcrate --target $kernel -o" ] || exit 2
exec cp "$work/dummy.ko" "\$6"
END
chmod +x "$work/race"
: >"$work/dummy.rcrate"
script <<'END'
. /race/lib.sh
check "it is loaded" test -d "/sys/module/$RACE_MODULE"
check "with its parameter" test -d /sys/class/net/dummy1
check "unload it" rmmod "$RACE_MODULE"
check "the kernel's own, by its name" modprobe dummy numdummies=3
check "is loaded, too" test -d /sys/class/net/dummy2
check "configfs is mounted" grep -q configfs /proc/mounts
check "the kernel is content" dmesg_clean
finish
END
guest --race "$work/race" --rcrate "$work/dummy.rcrate" --param numdummies=2 --modules
expect_status 0 "a .rcrate, and the kernel's own modules"
expect_output '^1\.\.7$' "all its checks were made"
guest --race false --rcrate "$work/dummy.rcrate"
expect_status 121 "a .rcrate that does not resolve"
expect_error 'does not resolve' "it says so"

# What dmesg_clean is for: it has to find these, and not what came before them.
script <<'END'
. /race/lib.sh
for message in 'WARNING: CPU: 0 PID: 1 at made-up.c:1' 'BUG: unable to handle page fault' \
    'Oops: 0000 [#1] SMP' 'Call Trace:'; do
    check "clean before" dmesg_clean
    echo "$message" >/dev/kmsg
    refuse "not clean after: $message" dmesg_clean
    dmesg -c >/dev/null
    refuse "a log without its mark is not clean" dmesg_clean
    echo "race: test begins $RACE_NONCE" >/dev/kmsg
done
finish
END
guest
expect_status 0 "dmesg_clean"
expect_output '^1\.\.12$' "all its checks were made"

# What would become another option of QEMU's, a path out of the guest's files, or a command
# of the guest's shell.
refused() { # refused REASON OPTION...
    guest "${@:2}"
    expect_status 120 "${*:2}"
    expect_error "$1" "${*:2}"
}
cp "$work/note" "$work/a,b"
refused 'QEMU takes no comma' --log "$work/a,id=b"
refused 'QEMU takes no comma' --acpi-table "$work/a,b"
refused "'[.][.]' leads out of the guest" --file "$work/note:../../note"
refused "'[.][.]' leads out of the guest" --file "$work/note:/data/.."
refused "no module's name" --own-module '../dummy'
refused '--env takes NAME=VALUE' --env 'A;reboot=1'
cp "$work/junk.ko" "$work/a;reboot.ko"
refused 'no module has such a name' --ko "$work/a;reboot.ko"
run env TMPDIR="$work/a,b" "$top/qemu/run" --kernel "$kernel" --test "$work/script"
expect_status 120 "a comma in TMPDIR"
expect_error 'TMPDIR: QEMU takes no comma' "a comma in TMPDIR"

# It must not be possible to mistake a mistake for a result.
run "$top/qemu/run" --kernel "$work/nothing" --test "$work/script"
expect_status 120 "no kernel"
run "$top/qemu/run" --kernel "$work/note" --test "$work/script" --timeout 30
[ "$status" -eq 120 ] || [ "$status" -eq 125 ] || fail "a kernel that is none: status $status"
guest --param a=b
expect_status 120 "a parameter without a module"
guest --file "$(command -v bash):/bin/bash"
expect_status 120 "a dynamically linked program"
expect_error 'linked dynamically' "it says why"
