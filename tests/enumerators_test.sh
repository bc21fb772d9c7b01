#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Enumerators that have other values in other kernels: one build has each kernel's own.
# And a table that assembly writes, whose entries some kernels read otherwise.
. "$(dirname "$0")/lib.sh"

race=${RACE:-$top/build/race}
cp -r "$top/tests/drivers/enumerated" "$top/tests/drivers/warned" "$work/"
build_rcrate "$work/enumerated"
expect_status 0 "race build enumerated"
expect_equal "$(grep -c 'must have the base' "$work/err")" 0 "no enumerator keeps its value"
run "$race" inspect "$work/enumerated.rcrate"
for line in '  enumerator CPUHP_AP_ONLINE_DYN of enum cpuhp_state +192 \[[0-9]+, [0-9]+\]' \
    '  race:enum:SYSTEM_RUNNING += enum\(SYSTEM_RUNNING\)' \
    '  race:expr:[0-9]+ += mask\(___GFP_LAST_BIT\) \+ 4' \
    '  race:expr:[0-9]+ += enum\(FAULT_FLAG_WRITE\) \+ enum\(FAULT_FLAG_RETRY_NOWAIT\)'; do
    expect_output "^$line" "what is a symbol"
done

# value KERNEL ENUMERATOR: by the kernel's own types.
value() { "$race" steg dump "$1" | sed -nE "s/^\t(-?[0-9]+)\t$2\$/\1/p" | sort -u; }

firsts='' flags=''
for which in '6.18 amd64' '7.2 amd64' '7.3 amd64'; do
    # shellcheck disable=SC2086 # two words are meant
    kernel=$(stock_kernel $which) || { fail "no stock kernel $which"; continue; }
    first=$(value "$kernel" CPUHP_AP_ONLINE_DYN) last=$(value "$kernel" CPUHP_AP_ONLINE_DYN_END)
    flag=$(printf '%#x' $((4 + (1 << $(value "$kernel" ___GFP_LAST_BIT)))))
    fault=$(printf '%#x' $(($(value "$kernel" FAULT_FLAG_WRITE) + $(value "$kernel" FAULT_FLAG_RETRY_NOWAIT))))
    firsts="$firsts$first " flags="$flags$flag "
    run_saying enumerated "$kernel"
    expect_status 0 "enumerated on $which"
    # A state that the kernel gives out of the right range, and numbers that an XArray gives
    # out, which it only does when its flag is the right bit.
    expect_equal "$(sed -n 's/^enumerated: //p' "$work/out" | tr '\n' ';')" \
        "stage=running;numbers=0 1;dynamic=true;first=$first;last=$last;alloc=$flag;fault=$fault;" "enumerated on $which"
done
expect_equal "$(echo "$firsts" | tr ' ' '\n' | sort -u | grep -c .)" 3 "kernels with other values ($firsts)"
expect_equal "$(echo "$flags" | tr ' ' '\n' | sort -u | grep -c .)" 2 "kernels with other flags ($flags)"

# What is decided while compiling is for the value that it was decided from: 192 in the base.
# No value that the driver is compiled with is 191; some are less than 192.
for question in '== 191' '>= 192'; do
    rm -rf "$work/decided"
    cp -r "$top/tests/drivers/decided" "$work/"
    sed -i "s/FIRST == 191/FIRST $question/" "$work/decided/decided.rs"
    grep -q "FIRST $question" "$work/decided/decided.rs" || fail "the driver does not ask for $question"
    build_rcrate "$work/decided"
    expect_status 0 "race build decided, $question"
    expect_equal "$(grep -c "note: C's enumerators must have the base kernel's values: " "$work/err")" 1 \
        "a driver that decides on one, $question"
    for which in '7.2 amd64' '7.3 amd64'; do
        # shellcheck disable=SC2086 # two words are meant
        kernel=$(stock_kernel $which) || { fail "no stock kernel $which"; continue; }
        run "$race" check "$work/decided.rcrate" --target "$kernel"
        if [ "$(value "$kernel" CPUHP_AP_ONLINE_DYN)" = 192 ]; then
            expect_status 0 "decided, $question, on $which, which has the value"
        else
            expect_status 1 "decided, $question, on $which, which has another value"
            expect_output 'RACE-E04.*enumerator CPUHP_AP_ONLINE_DYN' "what differs is named"
        fi
    done
done

build_rcrate "$work/warned"
expect_status 0 "race build warned"
run "$race" inspect "$work/warned.rcrate"
expect_output '^  exact layout of struct bug_entry ' "the table is a contract"
kernel=$(stock_kernel 7.2 amd64) || { fail "no stock kernel 7.2"; exit 1; }
run "$top/qemu/run" --kernel "$kernel" --rcrate "$work/warned.rcrate" --test "$top/tests/guest/warned.sh" \
    --log "$top/build/test-logs/warned-$(basename "$kernel").log"
expect_status 0 "warned on 7.2 amd64"
kernel=$(stock_kernel 6.18 amd64) || { fail "no stock kernel 6.18"; exit 1; }
run "$race" check "$work/warned.rcrate" --target "$kernel"
expect_status 1 "warned on 6.18 amd64, whose entries are smaller"
expect_output 'RACE-E0409.*exact layout of struct bug_entry' "what differs is named"
