#!/bin/sh
export LC_ALL=C

dry=0
while getopts n opt; do
    case $opt in
        n) dry=1 ;;
        *) echo "usage: $0 [-n] DIR" >&2; exit 2 ;;
    esac
done
shift $((OPTIND - 1))
if [ $# -ne 1 ] || [ ! -d "$1" ]; then
    echo "usage: $0 [-n] DIR" >&2
    exit 2
fi
cd -- "$1" || exit 2

tidy() {
    case $1 in
        .*) dot=. ;;
        *) dot= ;;
    esac
    t=$(printf '%s\n' "$1" | sed -e 's/^\.*//' -e 'y/ABCDEFGHIJKLMNOPQRSTUVWXYZ/abcdefghijklmnopqrstuvwxyz/' \
        -e 's/[^a-z0-9._-][^a-z0-9._-]*/_/g' -e 's/\.\.*/./g' -e 's/__*/_/g' -e 's/--*/-/g' \
        -e 's/^[._-]*//' -e 's/[._-]*$//')
    printf '%s' "$dot${t:-x}"
}

esc() {
    printf '%s' "$1" | awk '{ gsub(/\\/, "\\\\"); printf "%s%s", sep, $0; sep = "\\n" }'
}

find . -mindepth 1 -depth -print | sort -r | while IFS= read -r path; do
    dir=${path%/*}
    name=${path##*/}
    new=$(tidy "$name")
    [ "$new" = "$name" ] && continue
    stem=$new
    ext=
    if [ ! -d "$path" ]; then
        case $new in
            ?*.*) stem=${new%.*}; ext=.${new##*.} ;;
        esac
    fi
    n=2
    while [ -e "$dir/$new" ] || [ -L "$dir/$new" ]; do
        new=$stem-$n$ext
        n=$((n + 1))
    done
    echo "$(esc "${path#./}") -> $(esc "${dir#.}/$new" | sed 's|^/||')"
    [ $dry = 1 ] || mv -- "$path" "$dir/$new"
done
