#!/bin/sh
# Hands each payment file in a folder to importer.py; see README.md.
LC_ALL=C
export LC_ALL

if [ $# -ne 3 ] || [ ! -d "$1" ]; then
    echo 'usage: nightly.sh INBOX BOOK LOG (INBOX being a folder)' >&2
    exit 2
fi
inbox=$1 book=$2 log=$3
here=$(cd "$(dirname -- "$0")" && pwd -P)

# keep FILE FOLDER: move the file into the folder, under a name that is free
keep() {
    mkdir -p -- "$2"
    target=$2/${1##*/} number=2
    while [ -e "$target" ] || [ -L "$target" ]; do
        target=$2/${1##*/}.$number
        number=$((number + 1))
    done
    mv -T -- "$1" "$target"
}

messages=$(mktemp)
trap 'rm -f -- "$messages"' EXIT
status=0
for file in "$inbox"/*.csv; do
    [ -f "$file" ] || continue
    python3 "$here/importer.py" "$book" "$file" >"$messages" 2>&1 | cat
    code=$?
    what=$(tail -n 1 "$messages")
    if [ "$code" -eq 0 ]; then
        verdict=ok folder=done
    else
        verdict=failed folder=failed status=1
    fi
    name=$(printf '%s' "${file##*/}" | tr '\n' '?')
    printf '%s %s: %s\n' "$verdict" "$name" "$what" >>"$log"
    keep "$file" "$inbox/$folder"
done
exit "$status"
