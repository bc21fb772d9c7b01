#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The set-up scripts: what is in the cache needs no network, an interrupted run
# leaves nothing that is taken for whole, two runs at once give one result.
. "$(dirname "$0")/lib.sh"

scripts=$top/scripts

run "$scripts/setup" --check
expect_status 0 "all packages are installed"
run "$scripts/setup" --no-such-option
expect_status 2 "setup refuses an unknown option"

# A debfetch that cannot reach anything, beside copies of the scripts.
offline=$work/scripts
mkdir "$offline"
cp "$scripts/stock-kernel" "$scripts/kernel-source" "$scripts/bindgen-wrapper" "$offline/"
printf '#!/bin/sh\necho "debfetch: offline" >&2\nexit 1\n' >"$offline/debfetch"
chmod +x "$offline/debfetch"

kernel=$(stock_kernel 6.18 amd64) || fail "stock-kernel 6.18 amd64"
expect_file "$kernel/vmlinuz" "stock-kernel's folder"
run "$offline/stock-kernel" 6.18 amd64
expect_status 0 "stock-kernel without a network"
expect_equal "$(cat "$work/out")" "$kernel" "it gives the same folder"
run env RACE_KERNEL_MAX_AGE_MIN=0 "$offline/stock-kernel" 6.18 amd64
expect_status 0 "stock-kernel without a network, when its choice is old"
expect_equal "$(cat "$work/out")" "$kernel" "it keeps the choice"
run "$offline/stock-kernel" "$(basename "$kernel")"
expect_status 0 "an exact release without a network"

run env RACE_CACHE="$work/empty" "$offline/stock-kernel" 6.18 amd64
expect_status 1 "stock-kernel with neither network nor cache"
expect_equal "$(cat "$work/out")" "" "it prints no folder"
run "$scripts/stock-kernel" ../../etc
expect_status 1 "a release with a slash"
run "$scripts/stock-kernel"
expect_status 2 "stock-kernel without arguments"

# debfetch with an apt that knows one package: it fetches to where its own user may write,
# and nothing is left of what fails.
mkdir "$work/bin" "$work/package" "$work/package/DEBIAN" "$work/tmp"
chmod 755 "$work" "$work/tmp"
printf '%s\n' 'Package: one' 'Version: 1:2' 'Architecture: amd64' 'Maintainer: nobody' \
    'Description: a test' >"$work/package/DEBIAN/control"
echo content >"$work/package/file"
dpkg-deb -b "$work/package" "$work/one.deb" >"$work/dpkg.log" || fail "dpkg-deb: $(cat "$work/dpkg.log")"
cat >"$work/bin/apt-get" <<END
#!/bin/bash
as_apt() { [ "\$(id -u)" -ne 0 ] || set -- setpriv --reuid _apt --regid nogroup --clear-groups "\$@"; "\$@"; }
case \$* in *Sandbox*) echo "the sandbox's user is changed" >&2; exit 1 ;; esac
for word; do
    case \$word in
    indextargets) echo 'http://mirror.invalid/debian Debian'; exit 0 ;;
    Dir::State::Lists=*) lists=\${word#*=} ;;
    update) as_apt test -x "\$lists" && echo new >"\$lists/x_Packages"; exit ;;
    download)
        as_apt touch one.deb || exit
        [ ! -e "$work/fails" ] || exit 100
        cp -f "$work/one.deb" . ; exit ;;
    esac
done
exit 100
END
printf '#!/bin/sh\necho " one | 1:2 | made up"\n' >"$work/bin/apt-cache"
chmod +x "$work/bin/apt-get" "$work/bin/apt-cache"
# The cache is where nobody else may go.
debfetch() {
    run env PATH="$work/bin:$PATH" TMPDIR="$work/tmp" RACE_CACHE="$work/closed/cache" "$scripts/debfetch" "$@"
}
left() { find "$work/closed/cache/pkg" "$work/tmp" -mindepth 1 -maxdepth 1 -printf '%f '; }
mkdir -m 700 "$work/closed"
: >"$work/fails"
debfetch unpack one
expect_status 1 "debfetch, of what cannot be fetched"
expect_error '^debfetch: cannot download one=1:2$' "debfetch, of what cannot be fetched"
expect_equal "$(wc -l <"$work/err")" 3 "debfetch, of what cannot be fetched: lines of errors"
expect_equal "$(left)" '' "what is left of it"
expect_equal "$(cat "$work/closed/cache/apt/state/lists/x_Packages")" new "the lists are in the cache"
rm "$work/fails"
debfetch unpack one
expect_status 0 "debfetch"
expect_equal "$(cat "$work/out")" "$work/closed/cache/pkg/one_1%3a2" "debfetch says where it is"
expect_equal "$(cat "$work/closed/cache/pkg/one_1%3a2/file")" content "what it unpacked"
expect_equal "$(left)" 'one_1%3a2 ' "nothing else is left"

# Up to 6.18 the image is in linux-image-*, later in linux-binary-*; a flavour is
# the whole flavour.
run "$scripts/stock-kernel" --list 7.0 amd64
expect_output '^7\.0\.[0-9]+\+deb[0-9]+-amd64 ' "--list has releases"
expect_no_output 'cloud|rt-' "--list has only the flavour asked for"

# Two at once, from nothing: the same folder, and one package unpacked.
two=$work/two
mkdir -p "$two/pkg"
cp -al "$cache/pkg/linux-image-$(basename "$kernel")"_* "$two/pkg/" 2>/dev/null ||
    cp -a "$cache/pkg/linux-image-$(basename "$kernel")"_* "$two/pkg/"
for i in 1 2 3 4; do
    RACE_CACHE=$two "$offline/stock-kernel" "$(basename "$kernel")" >"$work/out.$i" &
done
wait
expect_equal "$(sort -u "$work"/out.[1-4])" "$two/kernel/$(basename "$kernel")" "four at once agree"
expect_equal "$(find "$two/kernel" -name '.tmp.*' | wc -l)" 0 "nothing half made is left"
cmp -s "$two/kernel/$(basename "$kernel")/vmlinuz" "$kernel/vmlinuz" || fail "the image differs"

run "$scripts/kernel-source"
expect_status 0 "kernel-source"
expect_equal "$(wc -l <"$work/out")" 2 "it prints two lines"
tree=$(sed -n 1p "$work/out") config=$(sed -n 2p "$work/out")
expect_file "$tree/samples/rust/rust_misc_device.rs" "the tree"
grep -q '^CONFIG_RUST=y$' "$config" || fail "the config has no CONFIG_RUST=y"
cp "$work/out" "$work/online"
run "$offline/kernel-source"
expect_status 0 "kernel-source without a network"
cmp -s "$work/out" "$work/online" || fail "kernel-source says something else without a network"
run env RACE_CACHE="$work/empty" "$offline/kernel-source"
expect_status 1 "kernel-source with neither network nor cache"
run "$scripts/kernel-source" --series 1.0
expect_status 1 "kernel-source of a series that nobody has"
expect_error 'no linux-source-1\.0 with its config' "kernel-source of a series that nobody has"
for options in '--series' '--series seven' '7.2.12-1' '--nonsense 7.2'; do
    # shellcheck disable=SC2086 # words are meant
    run "$scripts/kernel-source" $options
    expect_status 2 "kernel-source $options"
done
run "$scripts/default-sdk" --nonsense
expect_status 2 "default-sdk with an unknown option"

run "$scripts/bindgen-wrapper"
expect_status 0 "bindgen-wrapper"
bindgen=$(cat "$work/out")
echo 'enum e { A = 3 }; struct s { int x; long y; };' >"$work/probe.h"
run "$bindgen" "$work/probe.h"
expect_status 0 "bindgen runs"
expect_output 'pub struct s' "bindgen parses"
run "$offline/bindgen-wrapper"
expect_status 0 "bindgen-wrapper without a network"
run env RACE_CACHE="$work/empty" "$offline/bindgen-wrapper"
expect_status 1 "bindgen-wrapper with neither network nor cache"
expect_no_file "$work/empty/tools/bindgen" "no wrapper is left"
