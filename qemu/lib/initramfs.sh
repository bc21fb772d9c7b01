# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
#
# Making the initramfs.  Sourced by qemu/run; uses $here (the qemu folder).

# stage_base STAGE NONCE: busybox, init, the script library.
stage_base() {
    local stage=$1 busybox
    busybox=$(command -v busybox) || die "no busybox (package busybox-static)"
    ! is_dynamic "$busybox" || die "$busybox is linked dynamically; install busybox-static"
    mkdir -p "$stage"/{bin,race/bin,race/modules,lib/modules}
    cp "$busybox" "$stage/bin/busybox"
    cp "$here/guest/init" "$stage/init"
    cp "$here/guest/lib.sh" "$stage/race/lib.sh"
    chmod 755 "$stage/init"
    # `:` is what is run when no module is to be loaded.
    echo : >"$stage/race/load"
    echo "export RACE_NONCE=$2" >"$stage/race/env"
}

# A program that asks for an interpreter (PT_INTERP) will not start in the guest.
is_dynamic() { grep -q '^ *INTERP' < <(LC_ALL=C readelf -lW "$1" 2>/dev/null); }

# A module as insmod takes it, uncompressed.
copy_module() { # copy_module FILE DESTINATION
    case $1 in
    *.xz) xz -dc "$1" >"$2" ;;
    *.zst) zstd -qdc "$1" >"$2" ;;
    *.gz) gzip -dc "$1" >"$2" ;;
    *) cp "$1" "$2" ;;
    esac
}

# The kernel's name of a module file: what lsmod and rmmod say.
module_name() {
    local name=${1##*/}
    name=${name%%.ko*}
    echo "${name//-/_}"
}

# A name that is a word to every shell, and no path.
is_module_name() {
    case $1 in '' | [!A-Za-z0-9_]* | *[!A-Za-z0-9_.+-]*) return 1 ;; esac
}

# stage_file STAGE SOURCE DESTINATION
stage_file() {
    local dest=$1/${3#/}
    case /$3/ in */../*) die "--file $2:$3: '..' leads out of the guest" ;; esac
    [ -e "$2" ] || die "no such file: $2"
    if [ -f "$2" ] && is_dynamic "$2"; then
        die "$2 is linked dynamically and the guest has no libraries; link it with -static"
    fi
    case $3 in */) dest=$dest${2##*/} ;; esac
    mkdir -p "$(dirname "$dest")"
    cp -aL "$2" "$dest"
}

# stage_dependencies STAGE FOLDER MODULE.ko: what the module depends on, of the
# folder's modules and in loading order, below /race/depends; each is loaded once,
# and not at all when it is there already.
stage_dependencies() {
    local name file ko pattern names
    # What the module says may be anything.
    IFS=, read -r -a names < <(modinfo -F depends "$3")
    for name in "${names[@]}"; do
        is_module_name "$name" || die "$3 depends on '$name', which is no module's name"
        name=${name//-/_}
        ko=$1/race/depends/$name.ko
        [ ! -e "$ko" ] || continue
        # A dependency that the caller gives with --ko comes in its place in the order.
        [ ! -e "$1/race/modules/$name.ko" ] || continue
        [ "$name" != race ] || { stage_validator "$1"; continue; }
        # A vmlinuz alone has no modules; a script may bring what is needed itself.
        [ -d "$2/kernel" ] || continue
        pattern=${name//_/[-_]}
        file=$(find -L "$2/updates" "$2/extra" "$2/kernel" -type f -name "$pattern.ko*" 2>/dev/null |
            head -n 1)
        [ -n "$file" ] ||
            die "$3 depends on $name, which $2 does not have (scripts/stock-kernel --modules)"
        mkdir -p "$1/race/depends"
        copy_module "$file" "$ko" || die "cannot copy $file"
        stage_dependencies "$1" "$2" "$ko"
        # shellcheck disable=SC2154 # set by qemu/run
        [ "$load" -eq 0 ] ||
            echo "[ -d /sys/module/$name ] || insmod /race/depends/$name.ko || return 1" \
                >>"$1/race/load"
    done
}

# stage_validator STAGE: race.ko for this kernel, which is loaded before anything else,
# also when the script loads the modules: it is no part of what is tested, but what
# lets them start.
stage_validator() {
    local ko=$1/race/depends/race.ko
    [ -f "$validator" ] || die "no $validator, of which race.ko is made (make validator)"
    mkdir -p "$1/race/depends"
    "$race" resolve --validator "$validator" --target "$kernel" -o "$ko" ||
        { note "$validator does not resolve for $kernel"; exit 121; }
    sed -i '1i [ -d /sys/module/race ] || insmod /race/depends/race.ko || return 1' "$1/race/load"
}

# stage_kernel_modules STAGE FOLDER: the kernel's own modules, all of them.
stage_kernel_modules() {
    local release
    [ -d "$2/kernel" ] || die "$2 has no modules (scripts/stock-kernel --modules fetches them)"
    release=$(basename "$(readlink -f "$2")")
    mkdir -p "$1/lib/modules/$release"
    cp -aL "$2/kernel" "$2"/modules.* "$1/lib/modules/$release/"
}

# stage_own_modules STAGE FOLDER SCRATCH NAME...: some of the kernel's own modules and
# what they depend on, uncompressed.  What the kernel has built in needs no file; what
# it does not have at all is said, and is for the script to find missing.
stage_own_modules() {
    local stage=$1 folder=$2 scratch=$3 release name kind path file
    shift 3
    [ -d "$folder/kernel" ] || die "$folder has no modules (scripts/stock-kernel --modules fetches them)"
    release=$(basename "$(readlink -f "$folder")")
    mkdir -p "$scratch/lib/modules" "$stage/lib/modules/$release"
    ln -sfn "$(readlink -f "$folder")" "$scratch/lib/modules/$release"
    for name in "$@"; do
        modprobe -d "$scratch" -S "$release" -C /dev/null --show-depends "$name" 2>/dev/null \
            >"$scratch/depends" || { note "the kernel has no module $name"; continue; }
        while read -r kind path _; do
            [ "$kind" = insmod ] || continue
            file=${path##*"/lib/modules/$release/"}
            file=$stage/lib/modules/$release/${file%.ko*}.ko
            mkdir -p "$(dirname "$file")"
            copy_module "$path" "$file" || die "cannot copy $path"
        done <"$scratch/depends"
    done
    cp -L "$folder"/modules.builtin* "$folder"/modules.order "$stage/lib/modules/$release/" 2>/dev/null
    depmod -b "$stage" "$release" || die "depmod failed"
}

# pack STAGE FILE: all as root's, whoever runs this.
pack() {
    (cd "$1" && find . -mindepth 1 | LC_ALL=C sort | cpio -o -H newc -R 0:0 --quiet) >"$2"
}
