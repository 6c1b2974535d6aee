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
    mv -- "$1" "$2"
}

messages=$(mktemp)
trap 'rm -f -- "$messages"' EXIT
status=0
for file in "$inbox"/*.csv; do
    [ -f "$file" ] || continue
    if what=$(python3 "$here/importer.py" "$book" "$file" 2>"$messages"); then
        verdict=ok folder=done
        what=$(printf '%s\n' "$what" | tail -n 1)
    else
        verdict=failed folder=failed status=1
        what=$(tail -n 1 "$messages")
    fi
    name=$(printf '%s' "${file##*/}" | tr '\n' '?')
    printf '%s %s: %s\n' "$verdict" "$name" "$what" >>"$log"
    keep "$file" "$inbox/$folder"
done
exit "$status"
