#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# `make install` into a folder: each file is there and no other; the programs run from
# there; the manual says what --help says; a kernel that comes and goes takes its modules
# with it.
. "$(dirname "$0")/lib.sh"

root=$work/root
run make -s -C "$top" install DESTDIR="$root" PREFIX=/usr
expect_status 0 "make install"
commands='build cache check inspect resolve sdk status steg zero-cost'
{
    printf './etc/kernel/%s\n' postinst.d/00-race postrm.d/00-race
    printf './usr/bin/%s\n' race race-build
    printf './usr/lib/%s\n' kernel/install.d/40-race.install race/hooks/postinst race/hooks/postrm race/race.rcrate
    echo ./usr/sbin/race-modprobe
    printf './usr/share/%s\n' bash-completion/completions/race bash-completion/completions/race-modprobe \
        doc/race/examples/modprobe.d/race.conf man/man1/race.1 man/man8/race-modprobe.8 zsh/site-functions/_race
    # shellcheck disable=SC2086 # words are meant
    printf './usr/share/man/man1/race-%s.1\n' $commands
} | sort >"$work/expected"
(cd "$root" && find . ! -type d | sort) >"$work/installed"
diff "$work/expected" "$work/installed" || fail "other files are installed"

export PATH=$root/usr/bin:$root/usr/sbin:$PATH
run race --version
expect_output '^race [0-9]+\.[0-9]+\.[0-9]+$' "race --version"
run race-modprobe --version
expect_output '^race-modprobe version [0-9.]+$' "race-modprobe --version"
run race build --help
expect_status 0 "race finds race-build"
! readelf -S "$root/usr/bin/race" | grep -q debug_info || fail "race is not stripped"

# Each option that --help has is in the page.
options() { grep -oE -- '--?[a-zA-Z][a-z-]+' | sort -u; }
for page in race-check.1 race-resolve.1; do
    command=${page%.1}
    race "${command#race-}" --help | options >"$work/help"
    sed 's/\\-/-/g' "$root/usr/share/man/man1/$page" | options >"$work/page"
    expect_equal "$(comm -23 "$work/help" "$work/page")" "" "options that are not in $page"
done
race-modprobe --help | options >"$work/help"
sed 's/\\-/-/g' "$root/usr/share/man/man8/race-modprobe.8" | options >"$work/page"
expect_equal "$(comm -23 "$work/help" "$work/page")" "" "options that are not in race-modprobe.8"
grep -q "cache sync" "$root/usr/share/man/man1/race-cache.1" || fail "race-cache.1 has no sync"
run mandoc -T lint -W warning "$root"/usr/share/man/man?/*
expect_status 0 "mandoc -T lint"
! grep -rqF "$top" "$root/usr/share" "$root/etc" || fail "the folder of the build is in what is installed"

# Completion.
complete_words() { # complete_words WORD...: what the last of them may become
    bash --norc -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
        if [ "$1" = race ]; then _race; else _race_modprobe; fi
        printf "%s\n" "${COMPREPLY[@]}"' - "$root/usr/share/bash-completion/completions/race" "$@" | sort | tr '\n' ' '
}
expect_equal "$(complete_words race st)" "status steg " "a command"
expect_equal "$(complete_words race cache s)" "sync " "a command below a command"
expect_equal "$(complete_words race check --re)" "--reasons " "an option"
expect_equal "$(complete_words race-modprobe --show-d)" "--show-depends " "an option of race-modprobe"

# The hooks, on a kernel that comes and goes.
kernel=$(stock_kernel --modules 7.2 amd64) || { fail "no stock kernel 7.2 amd64"; exit 1; }
release=$(basename "$kernel")
named=${release//+/[+]} # in a pattern
folder=$root/lib/modules/$release
mkdir -p "$folder/kernel"
ln -s "$kernel/vmlinuz" "$folder/"
cp "$kernel"/modules.builtin* "$kernel/modules.order" "$folder/"
for hook in "$root/etc/kernel/postinst.d/00-race" "$root/usr/lib/kernel/install.d/40-race.install"; do
    case $hook in *.install) words=(add "$release") ;; *) words=("$release" "$folder/vmlinuz") ;; esac
    rm -rf "$folder/updates"
    run "$hook" "${words[@]}"
    expect_status 0 "$hook"
    expect_output "$named: race: made" "$hook"
    expect_file "$folder/updates/race/race.ko" "$hook"
done
echo nonsense >"$root/usr/lib/race/broken.rcrate"
run "$root/etc/kernel/postinst.d/00-race" "$release"
expect_status 0 "a driver that does not fit keeps no kernel back"
expect_output 'RACE-E0201: .*broken.rcrate' "it is reported"
run race status --root "$root"
expect_status 1 "race status"
expect_output 'broken: refused: RACE-E0201' "race status"
run "$root/etc/kernel/postinst.d/00-race" no-such-kernel
expect_status 0 "a kernel that is not there"
rm -r "$folder/kernel" "$folder/vmlinuz" "$folder"/modules.*
run "$root/etc/kernel/postrm.d/00-race" "$release"
expect_status 0 "postrm"
expect_no_file "$folder" "what was made for a kernel that is removed"
