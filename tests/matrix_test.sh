#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A slice of the support matrix: what works there goes on working, a driver that crashes
# or fails is told from the others, and a refusal that another reader of the kernel
# contradicts is found out.
. "$(dirname "$0")/lib.sh"

export RACE_MATRIX_GUESTS=1

# matrix KERNELS OPTION...: results in $work/results.json, the page in $work/matrix.md, and
# "SERIES:FLAVOUR DRIVER STATE CODE" of each cell in $work/cells.
matrix() {
    rm -f "$work/results.json"
    run "$top/scripts/matrix" "$@" --json "$work/results.json" --output "$work/matrix.md" \
        --logs "$top/build/test-logs/matrix"
    [ -f "$work/results.json" ] || return
    python3 -c '
import json, re, sys
for release, row in json.load(open(sys.argv[1])).items():
    kernel = re.sub(r"^(\d+\.\d+)[^-]*-", r"\1:", release)
    for driver, cell in row.items():
        state = cell["state"].replace(" ", "-") + (":wrong" if cell["wrong"] else "")
        print(kernel, driver, state, cell["code"] or "-")
' "$work/results.json" >"$work/cells"
}
expect_cell() { # expect_cell LINE "WHAT"
    grep -qx -- "$1" "$work/cells" || { fail "$2: there is no '$1'"; sed 's/^/    /' "$work/cells"; }
}

# What works is pinned.  What is refused or not built is not: it may come to work.
matrix '7.2 amd64,6.18 amd64'
expect_status 0 "scripts/matrix"
[ -f "$work/cells" ] || exit 1
while read -r kernel driver state; do
    expect_cell "$kernel $driver $state -" "$driver on $kernel"
done <<'END'
7.2:amd64 rust_minimal works
7.2:amd64 rust_misc_device works
7.2:amd64 rust_debugfs works
7.2:amd64 rust_debugfs_scoped works
7.2:amd64 rust_driver_pci works
7.2:amd64 rust_configfs works
7.2:amd64 rust_dma works
7.2:amd64 rust_driver_platform works
7.2:amd64 rust_driver_i2c works
7.2:amd64 rust_i2c_client works
7.2:amd64 rust_driver_faux works
7.2:amd64 rust_driver_auxiliary works
7.2:amd64 rust_print works
7.2:amd64 rnull_mod works
7.2:amd64 nova_core loads
7.2:amd64 qt2025 loads
7.2:amd64 ax88796b_rust loads
6.18:amd64 rust_minimal works
6.18:amd64 rust_misc_device works
6.18:amd64 rust_configfs works
6.18:amd64 rust_debugfs_scoped works
6.18:amd64 rust_driver_faux works
6.18:amd64 rust_print works
6.18:amd64 qt2025 loads
6.18:amd64 ax88796b_rust loads
END
bad=$(grep -E ' (crashed|failed) ' "$work/cells") && fail "none may crash or fail: $bad"
wrong=$(grep ':wrong ' "$work/cells") && fail "refused wrongly: $wrong"
expect_equal "$(grep -c . "$work/cells")" 38 "19 drivers on 2 kernels"
expect_equal "$(grep -c '^| rust_driver_pci | ' "$work/matrix.md")" 1 "the page has a row for each driver"
expect_equal "$(head -n 1 "$work/matrix.md")" '<!-- SPDX-License-Identifier: GPL-2.0-only -->' \
    "the page says its licence"
! grep -nE '/(root|home|tmp|work)/' "$work/matrix.md" || fail "the page has folders of this machine"

# Again: all is known, nothing is booted.
cp "$work/results.json" "$work/first.json"
matrix '7.2 amd64,6.18 amd64'
expect_output '7\.2.*nothing to run' "the second run boots nothing"
expect_no_output 'booting' "the second run boots nothing"
cmp -s "$work/first.json" "$work/results.json" || fail "the second run has other results"

# Each of these stops what is run in its guest, and none is blamed for another: with
# --again, so that those that work are run behind them, and not known from above.
cat >"$work/drivers" <<'END'
samples/rust/rust_driver_faux.rs   crash.sh          - panic
samples/rust/rust_minimal.rs       minimal.sh        - test_parameter=4711
drivers/net/phy/qt2025.rs          crash.sh          - fail
samples/rust/rust_driver_pci.rs    crash.sh          - warning
samples/rust/rust_driver_auxiliary.rs crash.sh       - oops
samples/rust/rust_debugfs_scoped.rs debugfs_scoped.sh - -
END
matrix '7.2 amd64' --drivers "$work/drivers" --again
expect_status 1 "crashes fail the command"
expect_output 'booting it with 6 drivers' "none is known from before"
expect_cell '7.2:amd64 rust_driver_faux crashed -' "a panic"
expect_cell '7.2:amd64 rust_minimal works -' "the next one"
expect_cell '7.2:amd64 qt2025 failed -' "a check that fails"
expect_cell '7.2:amd64 rust_driver_pci failed -' "a warning in the kernel's log"
expect_cell '7.2:amd64 rust_driver_auxiliary crashed -' "an oops that its script does not see"
expect_cell '7.2:amd64 rust_debugfs_scoped works -' "the last one"
expect_output 'rust_driver_faux crashed: panic: .*sysrq triggered crash' "it says which panic"
expect_output 'qt2025 failed: not ok 2 - what does not hold' "it says which check"

matrix '5.4 amd64'
expect_status 2 "a kernel that the archive does not have"
matrix 'nonsense'
expect_status 2 "no kernel"

# Refusals made up for kernels that have what they miss: each is contradicted.
kernel=$(stock_kernel --modules 7.2 amd64) || exit 1
tree=$("$top/scripts/kernel-source" | head -n 1)
cat >"$work/confirm.py" <<'END'
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1] + "/scripts")
from pathlib import Path
from support_matrix.confirm import Confirmer
from support_matrix.reader import Reader

reader = Reader(Path(sys.argv[2]), Path(sys.argv[3]))
confirmer = Confirmer(reader, reader, ["config_item_put"])
judged = 0


def expect(verdict, code, contract, message=""):
    global judged
    judged += 1
    got = confirmer.check({"code": f"RACE-E{code}", "contract": contract, "message": message})
    if got[0] != verdict:
        print(f"{code} {contract}: {got}, not {verdict}")
        sys.exit(1)


missing = "expected the target to export it to modules; it does not"
expect("contradicted", "0411", "function _printk", missing)
expect("contradicted", "0411", "function config_item_put", missing)
expect("confirmed", "0411", "function acpi_of_match_device", missing)
expect("confirmed", "0411", "function no_such_function", missing)
expect("contradicted", "0401", "size of struct file")
expect("contradicted", "0401", "field cg_item of struct config_group")
expect("confirmed", "0401", "size of struct no_such_type")
expect("contradicted", "0403", "field private_data of struct file")
expect("contradicted", "0403", "field p_cb.post_unbind_rust of struct device_driver")
expect("confirmed", "0403", "field no_such_field of struct file")
expect("not checked", "0403", "field a of struct no_such_type")
size = reader.types.find("struct mutex")[0]["size"]
span = "expected a value from {} to {}, the range that the driver was compiled with; the target's is {}".format
expect("confirmed", "0407", "size of struct mutex", span(size + 1, size + 9, size))
expect("contradicted", "0407", "size of struct mutex", span(size - 1, size + 9, size))
expect("contradicted", "0407", "size of struct mutex", span(size + 2, size + 9, size + 1))
told = "expected type {}; the target's is {} (expected ...)".format
have = "int (struct platform_driver *, struct module *, const char *)"
expect("confirmed", "0412", "function __platform_driver_register", told("int (void)", have))
expect("contradicted", "0412", "function __platform_driver_register", told(have, "int (void)"))
expect("confirmed", "0412", "function __platform_driver_register as it was before", told("int (void)", have))
expect("confirmed", "0404", "field private_data of struct file", told("int", "void *"))
expect("contradicted", "0404", "field private_data of struct file", told("void *", "int"))
expect("contradicted", "0409", "exact layout of struct pci_device_id")
expect("contradicted", "0410", "enumerator ___GFP_IO_BIT")
expect("confirmed", "0410", "enumerator NO_SUCH_ENUMERATOR")
print(f"{judged} refusals judged")
END
run /usr/bin/python3 "$work/confirm.py" "$top" "$kernel" "$tree"
expect_status 0 "made-up refusals"
expect_output '^2[0-9] refusals judged$' "made-up refusals"
