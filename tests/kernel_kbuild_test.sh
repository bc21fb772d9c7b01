#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# race.ko builds the kernel's own way, without a word from the compiler at W=1 or from
# sparse.
. "$(dirname "$0")/lib.sh"

sparse=$("$top/scripts/sparse-wrapper") || { fail "no sparse"; exit 1; }
tree=$(readlink -f "$cache/sdk/default/tree")
[ -f "$tree/.config" ] || { fail "no prepared kernel tree (make sdk)"; exit 1; }

# In a copy: Kbuild writes beside the sources.
cp -r "$top/Kbuild" "$top/kernel" "$top/include" "$work/"

# A prepared tree has no Module.symvers: what modpost misses there says nothing.
kbuild() {
    run make -s -C "$tree" "M=$work" LLVM=-22 W=1 C=2 "CHECK=$sparse" KBUILD_MODPOST_WARN=1 modules
    cat "$work/out" "$work/err" | grep -E '(^|/)(kernel|include/race)/[^:]*:[0-9]+' >"$work/said"
}

kbuild
expect_status 0 "make M="
expect_file "$work/kernel/race.ko" "race.ko"
[ ! -s "$work/said" ] || { fail "the compiler or sparse has something to say"; cat "$work/said"; }
expect_equal "$(modinfo -F license "$work/kernel/race.ko")" GPL "its licence"

# That they were asked at all: one mistake for each of them.
cat >>"$work/kernel/describe.c" <<'END'
int *race_for_sparse = 0;
static int race_for_the_compiler(void) { return 0; }
END
kbuild
grep -q 'Using plain integer as NULL pointer' "$work/said" || fail "sparse did not look"
grep -q 'race_for_the_compiler' "$work/said" || fail "the compiler was not asked for warnings"
