#!/bin/sh
keep=5
size=1
gz=0

usage() {
    echo "usage: $0 [-k KEEP] [-s SIZE] [-z] FILE..." >&2
    exit 2
}

while getopts k:s:z opt; do
    case $opt in
        k) keep=$OPTARG ;;
        s) size=$OPTARG ;;
        z) gz=1 ;;
        *) usage ;;
    esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || usage
echo "$keep" | grep -Eq '^[1-9][0-9]*$' || usage
echo "$size" | grep -Eq '^[0-9]+$' || usage

status=0
for f in "$@"; do
    if [ -L "$f" ] || [ ! -f "$f" ]; then
        echo "$f: not a regular file" >&2
        status=1
        continue
    fi
    [ "$(stat -c %s -- "$f")" -ge "$size" ] || continue
    dir=$(dirname -- "$f")
    base=$(basename -- "$f")

    top=0
    while [ -e "$f.$((top + 1))" ] || [ -e "$f.$((top + 1)).gz" ]; do
        top=$((top + 1))
    done
    while [ "$top" -gt 0 ]; do
        next=$((top + 1))
        [ -e "$f.$top" ] && mv -- "$f.$top" "$f.$next"
        [ -e "$f.$top.gz" ] && mv -- "$f.$top.gz" "$f.$next.gz"
        top=$((top - 1))
    done
    cp -p -- "$f" "$f.1"
    : > "$f"

    find "$dir" -maxdepth 1 -type f -name "$base.[0-9]*" | while read -r old; do
        n=${old#"$dir/$base."}
        n=${n%.gz}
        case $n in
            *[!0-9]* | 0*) continue ;;
        esac
        if [ "$n" -gt "$keep" ]; then
            rm -- "$old"
        elif [ "$gz" = 1 ] && [ "$n" -gt 1 ]; then
            case $old in
                *.gz) ;;
                *) gzip -- "$old" ;;
            esac
        fi
    done
done
exit $status
