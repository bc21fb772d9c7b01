#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Documentation and tree agree: each error code is explained and each explained one
# exists, links lead somewhere, files say their licence.
. "$(dirname "$0")/lib.sh"
cd "$top" || exit 1

# The files of the project: what git has, or without git all but what is made.
files() {
    git ls-files --cached --others --exclude-standard 2>/dev/null ||
        find . -type f ! -path './build/*' | sed 's|^\./||'
}
files >"$work/files"
[ "$(wc -l <"$work/files")" -gt 50 ] || fail "only $(wc -l <"$work/files") files found"

# enum class Code, and the rows of the tables.
sed -n 's/^  k[A-Za-z0-9]* = \([0-9]\{3,4\}\),.*/\1/p' userspace/support/result.h |
    xargs printf 'RACE-E%04d\n' | sort >"$work/codes"
sed -n 's/^| \(RACE-E[0-9]\{4\}\) |.*/\1/p' Documentation/diagnostics.md | sort >"$work/explained"
[ "$(wc -l <"$work/codes")" -gt 30 ] || fail "only $(wc -l <"$work/codes") codes found"
for code in $(comm -23 "$work/codes" "$work/explained"); do
    fail "$code is not explained in Documentation/diagnostics.md"
done
for code in $(comm -13 "$work/codes" "$work/explained"); do
    fail "$code is explained, but no such code exists"
done
for code in $(uniq -d "$work/explained"); do fail "$code is explained twice"; done
while IFS=: read -r file code; do
    grep -qx "$code" "$work/codes" || fail "$file speaks of $code, which does not exist"
done < <(grep '\.md$' "$work/files" | xargs grep -oE 'RACE-E[0-9]{4}' /dev/null | sort -u)

# A heading's anchor, as web pages make it.
anchors() {
    sed -n 's/^##* //p' "$1" | tr '[:upper:]' '[:lower:]' | sed -E 's/[^a-z0-9 _-]//g; s/ /-/g'
}
links=0
while IFS=: read -r file link; do
    case $link in *://* | mailto:*) continue ;; esac
    links=$((links + 1))
    path=${link%%#*}
    target=$(dirname "$file")/$path
    [ -n "$path" ] || target=$file
    [ -e "$target" ] || { fail "$file: the link $link leads nowhere"; continue; }
    case $link in
    *#*) grep -qxF -- "${link#*#}" < <(anchors "$target") || fail "$file: no heading for $link" ;;
    esac
done < <(grep '\.md$' "$work/files" | xargs grep -oE '\]\([^) ]+\)' /dev/null | sed -E 's/\]\((.*)\)$/\1/')
[ $links -gt 20 ] || fail "only $links links found"

# Every page is in the index.
for page in Documentation/*.md; do
    [ "$page" = Documentation/README.md ] || grep -qF "](${page##*/})" Documentation/README.md ||
        fail "$page is not in Documentation/README.md"
done

# The licence stands in the first lines, which nothing but #! may precede.  Left
# out: the licence text itself, and files that have no comments.
while IFS= read -r file; do
    case $file in COPYING | .gitignore | *.json) continue ;; esac
    [ -s "$file" ] || continue
    head -n 2 "$file" | grep -q 'SPDX-License-Identifier: GPL-2.0' || fail "$file: no SPDX line"
done <"$work/files"
