#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/build-rcrate gives what `race build` gave of the same, and builds whatever is not
# the same: with a made-up `race` that counts what it is asked.
. "$(dirname "$0")/lib.sh"

export RACE_CACHE=$work/cache RACE=$work/bin/race COUNT=$work/count
unset RACE_REALLY
mkdir -p "$work/bin" "$RACE_CACHE/sdk/one" "$RACE_CACHE/sdk/two" "$work/sdk" "$work/driver"
ln -s one "$RACE_CACHE/sdk/default"
# It does what the driver's source says.
cat >"$RACE" <<'END'
#!/bin/bash
[ "$1" = build ] || exit 9
echo "$*" >>"$COUNT"
shift
while [ $# -gt 1 ]; do
    case $1 in -o) output=$2 ;; --module) module=$2 ;; esac
    shift
done
mkdir -p "$output"
. "$1/x.rs"
END
chmod +x "$RACE"
echo one >"$work/bin/race-build"
echo 'obj-m := x.o' >"$work/driver/Kbuild"
source() { cat >"$work/driver/x.rs"; }
works='name=${module:-x}; cat "$1/x.rs" >"$output/$name.rcrate"; echo "$output/$name.rcrate"; echo "race: note: a note" >&2'
source <<<"$works"

# built N "WHAT": so many times until now.
built() { expect_equal "$(grep -c . "$COUNT" 2>/dev/null)" "$1" "$2: times that it was built"; }
build() { rm -rf "$work/out-folder"; run "$top/scripts/build-rcrate" "$@" -o "$work/out-folder" "$work/driver"; }
expect_built() { # expect_built "WHAT"
    expect_status 0 "$1"
    expect_equal "$(cat "$work/out")" "$work/out-folder/${name:-x}.rcrate" "$1: stdout"
    expect_equal "$(cat "$work/err")" 'race: note: a note' "$1: stderr"
    cmp -s "$work/driver/x.rs" "$work/out-folder/${name:-x}.rcrate" || fail "$1: the .rcrate"
    expect_equal "$(ls -A "$work/out-folder")" "${name:-x}.rcrate" "$1: what is in the folder"
}

build
expect_built "the first time"
built 1 "the first time"
build
expect_built "the second time"
built 1 "the second time"
mv "$work/driver" "$work/moved" && cp -r "$work/moved" "$work/driver"
build
expect_built "the same in another folder"
built 1 "the same in another folder"

# What is not the same.
echo '# more' >>"$work/driver/x.rs"
build
expect_built "another source"
built 2 "another source"
echo '# a file beside it' >"$work/driver/y.rs"
build
built 3 "one more file"
echo two >"$work/bin/race-build"
build
built 4 "another race-build"
build --sdk "$RACE_CACHE/sdk/two"
expect_built "another SDK"
built 5 "another SDK"
build --sdk "$RACE_CACHE/sdk/one"
built 5 "the default SDK by its name"
name=z build --module z
name=z expect_built "another module"
built 6 "another module"
expect_equal "$(sed -n 1p "$COUNT" | grep -o '[^ ]*$')" "$(tail -n 2 "$COUNT" | head -n 1 | grep -o '[^ ]*$')" \
    "a driver is built at one place"

# What is always built.
build --really
expect_built "--really"
RACE_REALLY=1 build
expect_built "RACE_REALLY"
build --sdk "$work/sdk"
expect_built "an SDK that lies elsewhere"
build --keep
expect_built "another option"
built 10 "what is always built"

# A refusal is kept, what says nothing of the driver is not.
source <<<'echo "race: RACE-E0602: x.rs:1: no" >&2; exit 2'
for _ in 1 2; do
    build
    expect_status 2 "a refusal"
    expect_error '^race: RACE-E0602: x.rs:1: no$' "a refusal"
    expect_no_file "$work/out-folder/x.rcrate" "a refusal"
done
built 11 "a refusal"
find "$RACE_CACHE/rcrate/x" -name status -exec touch -d '2 days ago' {} +
build
expect_status 2 "a refusal of the day before yesterday"
built 12 "a refusal of the day before yesterday"
source <<<'echo "race: RACE-E0602: No space left on device" >&2; exit 2'
for _ in 1 2; do build; done
expect_status 2 "no room"
built 14 "no room"
source <<<'kill -KILL $$'
for _ in 1 2; do build; done
expect_status 137 "killed"
built 16 "killed"

# Interrupted while it builds, which leaves nothing that is taken for whole.
source <<END
if [ ! -e '$work/begun' ]; then
    echo half >"\$output/x.rcrate"
    echo \$\$ >'$work/begun'
    exec sleep 60
fi
$works
END
"$top/scripts/build-rcrate" -o "$work/out-folder" "$work/driver" >"$work/log" 2>&1 &
for _ in $(seq 100); do [ -s "$work/begun" ] || sleep 0.1; done
kill -KILL $!
wait $! 2>/dev/null
kill -KILL "$(cat "$work/begun")"
build
expect_built "after one that was interrupted"
built 18 "after one that was interrupted"

# Two at once.
rm -f "$COUNT"
source <<<"sleep 1; $works"
for i in 1 2 3; do "$top/scripts/build-rcrate" -o "$work/out-$i" "$work/driver" >"$work/log-$i" 2>&1 & done
wait
for i in 1 2 3; do cmp -s "$work/driver/x.rs" "$work/out-$i/x.rcrate" || fail "three at once: the .rcrate of $i"; done
built 1 "three at once"

# What is old goes.
for i in $(seq 12); do
    source <<<"$works # $i"
    build
done
expect_equal "$(find "$RACE_CACHE/rcrate/x" -name status | wc -l)" 8 "builds that are kept"
rm -f "$COUNT"
build
[ ! -e "$COUNT" ] || fail "the last one is not kept"
mkdir -p "$RACE_CACHE/rcrate/old/0123456789abcdef"
touch -d '9 days ago' "$RACE_CACHE/rcrate/old/0123456789abcdef"
source <<<"$works # once more"
build
expect_no_file "$RACE_CACHE/rcrate/old" "what nobody asked for in a week"
