#!/bin/sh
LC_ALL=C
export LC_ALL

usage() {
    echo "usage: $0 [-t N] [-x NAME]... [--] DIR" >&2
    exit 2
}

top=0
excludes=$(mktemp)
trap 'rm -f "$excludes"' EXIT
while getopts t:x: opt; do
    case $opt in
        t)
            top=$OPTARG
            expr "x$top" : 'x[1-9][0-9]*$' > /dev/null || usage
            ;;
        x) printf '%s\n' "$OPTARG" >> "$excludes" ;;
        *) usage ;;
    esac
done
shift $((OPTIND - 1))
[ $# -eq 1 ] && [ -d "$1" ] || usage
cd -- "$1" || exit 2

find . -type f | while IFS= read -r path; do
    skip=
    while IFS= read -r name; do
        case "$path/" in
            *"/$name/"*) skip=1 ;;
        esac
    done < "$excludes"
    [ -n "$skip" ] && continue
    name=${path##*/}
    kind=-
    case $name in
        ?*.*)
            ext=${name##*.}
            case $ext in
                '' | *[!A-Za-z0-9]* | ?????????*) ;;
                *) kind=$(echo "$ext" | tr A-Z a-z) ;;
            esac
            ;;
    esac
    printf '%s\t%s\n' "$kind" "$(stat -c %s -- "$path")"
done | awk -F '\t' '
    { n[$1]++; s[$1] += $2 }
    END { for (k in n) printf "%s\t%d\t%d\n", k, n[k], s[k] }
' | sort -t "$(printf '\t')" -k3,3nr -k1,1 | awk -F '\t' -v top="$top" '
    { n += $2; s += $3 }
    top && NR > top { on += $2; os += $3; next }
    { print }
    END {
        if (top && NR > top) printf "others\t%d\t%d\n", on, os
        printf "total\t%d\t%d\n", n, s
    }
'
