# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC1091
#
# Reads what the test driver `printing` has written, in the kernel's log and in a
# seq_file.
. /race/lib.sh

check "plain" dmesg_has 'printing: plain$'
check "numbers" dmesg_has 'printing: number -17 0xbeef 00000101  right\|$'
check "text" dmesg_has 'printing: text "a C string" (ß|\\xc3\\x9f) true$'
check "derived Debug" dmesg_has 'printing: debug Point Box \{ width: 3, height: Some\(-1\) \}$'
check "a Display in pieces" dmesg_has 'printing: pieces 0 1 4 9 16$'
check "a percent sign is only that" dmesg_has 'printing: 100% of 7 is %s%n%pA$'
for level in 0 1 2 3 4 5; do
    check "level $level" sh -c "dmesg -r | grep -q '^<$level>.*printing: level $level\$'"
done
check "a line continued" dmesg_has 'printing: begun 1, continued 0 1 4, ended$'
check "a long line is cut by the log alone" dmesg_has 'printing: long x{900,1500}(end)?$'
check "the next one is whole" dmesg_has 'printing: after$'

exec 3</dev/race-printing
check "dev_info" dmesg_has 'misc race-printing: opened 0 1 4 9 by someone$'
check "dev_crit" sh -c "dmesg -r | grep -q '^<2>.*misc race-printing: critical 100%\$'"
check "dev_err" sh -c "dmesg -r | grep -q '^<3>.*misc race-printing: error EINVAL\$'"
check "dev_warn, over lines" dmesg_has 'misc race-printing: warning Some\($'

cat "/proc/$$/fdinfo/3" >/tmp/info
squares=$(awk 'BEGIN { for (i = 0; i < 600; i++) printf "%s%d", i ? " " : "", i * i }')
wide=$(awk 'BEGIN { for (i = 0; i < 5000; i++) printf "y" }')
check "seq_print" grep -qx 'value: 42' /tmp/info
check "its percent sign" grep -qx 'percent: 100% %s' /tmp/info
check "5000 characters at once" grep -qx "wide: $wide\." /tmp/info
check "many pieces" grep -qx "squares: $squares" /tmp/info
check "300 lines" test "$(grep -cE '^line ([0-9]{4}): Some\([0-9]+\)$' /tmp/info)" -eq 300
check "the last one" grep -qx 'line 0299: Some(299)' /tmp/info
check "and the end" grep -qx 'end' /tmp/info
dd if="/proc/$$/fdinfo/3" of=/tmp/small bs=100 2>/dev/null
check "the same in small reads" cmp /tmp/info /tmp/small
exec 3<&-

check "unload it" rmmod printing
check "the kernel is content" dmesg_clean
finish
