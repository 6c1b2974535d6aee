#!/bin/sh
# Reports how much space files of each kind take.
LC_ALL=C.UTF-8
export LC_ALL

usage() {
    echo 'usage: space.sh [-t N] [-x NAME]... [--] DIR' >&2
    exit 2
}

# The names to leave out, with slashes around each: no name can hold one.
names=/
top=
while getopts :t:x: option; do
    case $option in
        t) top=$OPTARG ;;
        x)
            case $OPTARG in
                '' | */*) ;;
                *) names=$names$OPTARG/ ;;
            esac
            ;;
        *) usage ;;
    esac
    case $option$top in
        t | t*[!0-9]*) usage ;;
    esac
done
shift $((OPTIND - 1))
[ $# -eq 1 ] || usage
[ -z "$top" ] || [ "$top" -ge 1 ] || usage
case $1 in
    /*) folder=$1 ;;
    *) folder=./$1 ;;
esac
if [ ! -d "$folder" ]; then
    printf '%s: not a folder\n' "$1" >&2
    exit 2
fi

# Each file is a line "SIZE PATH", in which line feeds have become another control character.
find "$folder/" -type f -printf '%s %P\0' 2>/dev/null |
    tr '\n\0' '\1\n' |
    NAMES=$(printf '%s' "$names" | tr '\n' '\1') awk '
        {
            size = $1
            path = substr($0, length($1) + 2)
            number = split(path, parts, "/")
            for (place = 1; place <= number; place++)
                if (index(ENVIRON["NAMES"], "/" parts[place] "/")) next
            name = parts[number]
            kind = "-"
            if (match(name, /.\.[A-Za-z0-9]+$/) && RLENGTH <= 10) kind = tolower(substr(name, RSTART + 2))
            files[kind]++
            bytes[kind] += size
        }
        END {
            for (kind in files) printf "%s\t%d\t%.0f\n", kind, files[kind], bytes[kind]
        }' |
    sort -s -t '	' -k3,3nr |
    awk -F '\t' -v top="$top" '
        {
            files += $2
            bytes += $3
            if (top == "" || NR <= top) {
                print
            } else {
                other_files += $2
                other_bytes += $3
            }
        }
        END {
            if (top != "" && NR > top) printf "others\t%d\t%.0f\n", other_files, other_bytes
            printf "total\t%d\t%.0f\n", files, bytes
        }'
