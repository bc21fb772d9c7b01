#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The oracle (scripts/oracle): its rules are rustc's, it notices a wrong layout, and a driver
# of random own types has the language's layouts on each kernel.  `make oracle` tries more.
. "$(dirname "$0")/lib.sh"

race=${RACE:-$top/build/race}
kernels=()
for which in '7.2 amd64' '7.2 rt-amd64' '6.18 amd64' '7.3 amd64'; do
    # shellcheck disable=SC2086 # two words are meant
    kernel=$(stock_kernel $which) || { fail "no stock kernel $which"; exit 1; }
    kernels+=(--kernel "$kernel")
done
some='[1-9][0-9]*'

# What is right: the same programs, compiled by rustc for one kernel.
run "$top/scripts/oracle" --against-rustc --seed 3 --types 40 "${kernels[@]:2:2}"
expect_status 0 "the oracle's rules and rustc"
expect_output "^oracle: 40 layouts on 1 kernels, $some numbers compared, 0 differ\$" "rustc: the count"
run "$top/scripts/oracle" --against-rustc --seed 3 --types 20 --holding mutex --lie mutex=8 "${kernels[@]:2:2}"
expect_status 1 "a mutex that is 8 bytes larger"
expect_output '^  DIFFERENCE on .*-rt-amd64, size' "a mutex that is 8 bytes larger"
expect_output ", $some differ\$" "a mutex that is 8 bytes larger: the count"

# RACE: one driver, built once.  Where nothing is compared, or too little, that is no success.
run "$top/scripts/oracle" --seed 1 --types 16 "${kernels[@]}"
expect_status 0 "the oracle"
expect_output "^oracle: [2-6][0-9] layouts on 4 kernels, [1-9][0-9]{2,3} numbers compared, 0 differ\$" \
    "the oracle: the count"
sed -n 's/^oracle: \(.* layouts on .*\)/\1/p' "$work/out"

# A race that resolves for another kernel than it was asked for.
cat >"$work/lying-race" <<'END'
#!/bin/bash
words=("$@")
for i in "${!words[@]}"; do
    [ "${words[i]}" != --target ] || words[i + 1]=$LIE
done
exec "$HONEST_RACE" "${words[@]}"
END
chmod +x "$work/lying-race"
run env RACE="$work/lying-race" HONEST_RACE="$race" LIE="${kernels[1]}" \
    "$top/scripts/oracle" --seed 1 --types 12 --holding mutex "${kernels[@]:2:2}"
expect_status 1 "a module for another kernel"
expect_output ", $some differ\$" "a module for another kernel"
run "$top/scripts/oracle" --kernel "$work/no-such-kernel"
expect_status 2 "a kernel that is not there"
