# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Completion for bash: the options and subcommands are those that --help prints.

# _race_words COMMAND...: the options and subcommands of its help, one a line.
_race_words() {
    "$@" --help 2>/dev/null | awk '
        /^[A-Za-z].*:$/ { subcommands = /^Subcommands:/ }
        subcommands && /^  [a-z]/ { print $1 }
        !subcommands && /^ +-/ {
            line = $0
            while (match(line, /(^|[ ,])--?[a-zA-Z][a-z-]*/)) {
                word = substr(line, RSTART, RLENGTH)
                sub(/^[ ,]/, "", word)
                print word
                line = substr(line, RSTART + RLENGTH)
                if (line !~ /^(,|=)/) break
            }
        }'
}

# Kernels, as --kernel takes them.
_race_kernels() {
    local folder
    for folder in /lib/modules/*/; do [ ! -d "$folder" ] || basename "$folder"; done
}

_race() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local command=("${COMP_WORDS[0]}") word
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case $word in -*) break ;; esac
        _race_words "${command[@]}" | grep -qxF -- "$word" || break
        command+=("$word")
    done
    COMPREPLY=()
    case $previous in
    --kernel) mapfile -t COMPREPLY < <(compgen -W "$(_race_kernels)" -- "$current") ;;
    --target) mapfile -t COMPREPLY < <(compgen -W running -- "$current"; compgen -f -- "$current") ;;
    *)
        mapfile -t COMPREPLY < <(compgen -W "$(_race_words "${command[@]}")" -- "$current")
        [ ${#COMPREPLY[@]} -gt 0 ] || mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    esac
}

# Installed drivers, and the modules of the kernel that runs.
_race_modules() {
    local file
    for file in /usr/local/lib/race/*.rcrate /usr/lib/race/*.rcrate; do
        [ ! -e "$file" ] || basename "$file" .rcrate
    done
    sed -nE 's|.*/([^/]+)\.ko[^:]*:.*|\1|p' "/lib/modules/$(uname -r)/modules.dep" 2>/dev/null
}

_race_modprobe() {
    local current=${COMP_WORDS[COMP_CWORD]}
    case $current in
    -*) mapfile -t COMPREPLY < <(compgen -W "$(_race_words "${COMP_WORDS[0]}")" -- "$current") ;;
    */* | *.rcrate) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$(_race_modules)" -- "$current") ;;
    esac
}

complete -o filenames -F _race race
complete -F _race_modprobe race-modprobe
