#compdef race race-modprobe
# SPDX-License-Identifier: GPL-2.0-only
#
# Completion for zsh: bash's, by its own emulation.
autoload -U +X bashcompinit && bashcompinit
for file in ${0:A:h:h:h}/bash-completion/completions/race \
    /usr/share/bash-completion/completions/race /usr/local/share/bash-completion/completions/race; do
    [[ -r $file ]] && { source $file; break; }
done
