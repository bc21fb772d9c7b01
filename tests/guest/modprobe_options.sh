# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC1091,SC3043
#
# The same command lines to kmod's modprobe and to race-modprobe, each from the same
# state: the exit status, what is loaded afterwards and what was printed are compared.
# Then drivers.
. /race/lib.sh

ln -s /opt/race/bin/kmod /opt/race/bin/modprobe
theirs=/opt/race/bin/modprobe
ours=/opt/race/bin/race-modprobe
loaded() { [ -d "/sys/module/$1" ]; }
names() { cut -d ' ' -f 1 /proc/modules | sort; }

unload_all() {
    local name
    while [ -n "$(names)" ]; do
        for name in $(names); do rmmod "$name" 2>/dev/null; done
    done
}

# one PROGRAM RESULT ARGUMENT...: status, what is loaded, output, messages.
one() {
    local program=$1 result=$2
    shift 2
    unload_all
    for name in $before; do "$theirs" -i "$name"; done
    : >/tmp/ran
    "$program" "$@" >"$result" 2>"$result.err"
    echo "status $?" >>"$result"
    echo "loaded $(names | tr '\n' ' ')" >>"$result"
    cat /tmp/ran >>"$result"
    # Which program speaks is no difference, nor where in libkmod.
    sed -E 's|^/opt/race/bin/||; s/^race-modprobe:/modprobe:/; s/libkmod[^ ]* [a-z_]+\(\) //' "$result.err" >>"$result"
}

# Modules that are loaded before each of the following.
before=
same() {
    one "$theirs" /tmp/theirs "$@"
    one "$ours" /tmp/ours "$@"
    check "the same: $*" cmp -s /tmp/theirs /tmp/ours
    cmp -s /tmp/theirs /tmp/ours || { sed 's/^/# theirs: /' /tmp/theirs; sed 's/^/# ours: /' /tmp/ours; }
}

mkdir -p /etc/modprobe.d
cat >/etc/modprobe.d/test.conf <<'END'
alias imaginary dummy
alias listed_alias loop
blacklist loop
options dummy numdummies=2
install stp echo not stp $CMDLINE_OPTS >>/tmp/ran
softdep mrp pre: dummy
remove mrp /bin/false
END

# Nothing else has modules loaded.
umount /sys/kernel/config 2>/dev/null

# Loading.
same dummy
same dummy numdummies=3
same -v imaginary numdummies=1
same --first-time dummy
same no_such_module
same -q no_such_module
same -a dummy no_such_module loop
same listed_alias
same -b loop
same loop max_loop=4
same 8021q
same -iv 8021q
same -v mrp
same -i mrp
same dummy no_such_parameter=1
same dummy numdummies='a b'
same -n dummy
same -nv 8021q
same --dry-run --verbose --ignore-install stp
same --force-vermagic dummy
same -- dummy
same dummy -v
MODPROBE_OPTIONS='-v --first-time' same dummy

# Queries.
same -D 8021q
same --show-depends imaginary 'numdummies=1 2'
same -aD dummy loop
same -R imaginary
same -R no_such_module
same -c
same --showconfig
same
same --no-such-option dummy
same -C
same -z
same -w

# Removing, and what is loaded already.
sed -i '/^install/d' /etc/modprobe.d/test.conf
before='dummy 8021q'
same dummy
same --first-time dummy
same -r dummy
same -rv 8021q
same -r llc
same -r --remove-holders llc
same -w 200 -r dummy
refuse "-w, and it stays in use" "$ours" -w 20 -r llc
same -rn 8021q
same -r -a dummy no_such_module 8021q
same -r no_such_module
same -r loop
same -r --first-time loop
same -r mrp
same -r -i mrp
unload_all

# Drivers.
conf() { cat >/etc/modprobe.d/test.conf; }
said() { dmesg | grep -c "rust_minimal: $1"; }
fresh() { unload_all; dmesg -c >/dev/null; }
conf </dev/null
stored=/lib/modules/$(uname -r)/updates/race

check "nothing is printed of a dry run" [ -z "$("$ours" -n rust_minimal)" ]
check "-D names what would be loaded" [ "$("$ours" -D rust-minimal test_parameter=3 | tr '\n' ';')" = \
    "insmod /usr/lib/race/race.rcrate ;insmod /usr/local/lib/race/rust-minimal.rcrate test_parameter=5 test_parameter=3;" ]
check "nothing is loaded" fails loaded rust_minimal
check "-R a driver" [ "$("$ours" -R rust_minimal)" = rust_minimal ]
check "load it by its name" "$ours" rust_minimal
check "with the parameter of the kernel's command line" [ "$(said 'test_parameter: 5')" = 1 ]
check "it is loaded already" "$ours" rust_minimal
refuse "which --first-time does not like" "$ours" --first-time rust_minimal
check "it was kept" test -s "$stored/rust_minimal.ko"
check "and race" test -s "$stored/race.ko"
check "remove it, and race with it" "$ours" -rv rust-minimal
check "both are gone" [ -z "$(names)" ]
check "load what was kept" "$ours" -v rust_minimal
check "it is loaded" loaded rust_minimal
fresh
printf x >>"$stored/rust_minimal.ko"
check "what was kept is damaged: it is made again" "$ours" rust_minimal
check "it is loaded" loaded rust_minimal
fresh

conf <<'END'
alias small rust_minimal
options small test_parameter=6
END
check "the parameters in libkmod's order" [ "$("$ours" -nv small test_parameter=8 | tail -n 1)" = \
    "insmod $stored/rust_minimal.ko test_parameter=6 test_parameter=5 test_parameter=8" ]
conf <<'END'
alias small rust_minimal
softdep rust_minimal pre: dummy
END
refuse "a parameter that is given twice" "$ours" rust_minimal test_parameter=8
fresh
check "by an alias" "$ours" small
check "its softdep is there" loaded dummy
check "remove it with its softdep" "$ours" -rv rust_minimal
check "nothing is left" [ -z "$(names)" ]
fresh

conf <<'END'
alias small rust_minimal
blacklist rust_minimal
install rust_minimal echo "for $MODPROBE_MODULE: $CMDLINE_OPTS" >/tmp/said
END
check "the blacklist and an alias" "$ours" small
check "the blacklist and -b" "$ours" -b rust_minimal
check "nothing was run" fails test -e /tmp/said
check "the command of modprobe.d" "$ours" rust_minimal a=b
check "was run" grep -qx 'for rust_minimal: test_parameter=5 a=b' /tmp/said
check "not with -i, and by its path" "$ours" -i /usr/local/lib/race/rust-minimal.rcrate
check "which loads it" loaded rust_minimal
fresh
conf </dev/null

refuse "a parameter that the driver does not take" "$ours" rust_minimal 'test_parameter=a b'
check "is quoted" grep -q 'a b' <<END
$(dmesg)
END
fresh
cp /usr/local/lib/race/rust-minimal.rcrate /usr/local/lib/race/misnamed.rcrate
refuse "a file of another name" "$ours" misnamed
mv /usr/lib/race/race.rcrate /tmp/
refuse "without race.ko" "$ours" rust_minimal
RACE_VALIDATOR=/tmp/race.rcrate refuse "an environment chooses none" "$ours" rust_minimal
MODPROBE_OPTIONS='--validator /tmp/race.rcrate' refuse "nor by modprobe's options" "$ours" rust_minimal
check "with its file named" "$ours" --validator /tmp/race.rcrate rust_minimal
mv /tmp/race.rcrate /usr/lib/race/

# What the kernel does not allow: there is no way back.
fresh
mount -t securityfs none /sys/kernel/security 2>/dev/null
echo integrity >/sys/kernel/security/lockdown
refuse "lockdown" "$ours" rust_minimal 2>/tmp/said
check "it is named" grep -q 'locked down (integrity)' /tmp/said
echo 1 >/proc/sys/kernel/modules_disabled
refuse "modules_disabled" "$ours" dummy 2>/tmp/said
check "it is named" grep -q 'kernel.modules_disabled is 1' /tmp/said
complains() { dmesg | grep -E -- "$DMESG_BAD"; }
refuse "the kernel complains" complains
finish
