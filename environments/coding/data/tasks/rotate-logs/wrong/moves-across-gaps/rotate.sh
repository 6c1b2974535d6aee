#!/bin/sh
# Rotates log files; see the usage below.

usage() {
    echo "usage: rotate.sh [-k KEEP] [-s SIZE] [-z] [--] FILE ..." >&2
    exit 2
}

is_number() {
    case $1 in
        '' | *[!0-9]*) return 1 ;;
    esac
}

# archive FILE NUMBER: set $archive to the archive with this number, or fail
archive() {
    for archive in "$1.$2" "$1.$2.gz"; do
        if [ -f "$archive" ]; then
            return 0
        fi
    done
    return 1
}

# archives FILE COMMAND: call COMMAND with path, number and suffix of each archive
archives() {
    for path in "$1".*; do
        suffix=
        number=${path#"$1".}
        case $number in
            *.gz) suffix=.gz number=${number%.gz} ;;
        esac
        case $number in
            '' | 0* | *[!0-9]*) continue ;;
        esac
        [ -f "$path" ] && "$2" "$path" "$number" "$suffix"
    done
}

drop_old() {
    if [ ${#2} -gt 9 ] || [ "$2" -gt "$keep" ]; then
        rm -f -- "$1"
    fi
}

compress() {
    if [ -z "$3" ] && [ "$2" -ge 2 ]; then
        gzip -c <"$1" >"$1.gz" && chmod --reference="$1" -- "$1.gz" && rm -f -- "$1"
    fi
}

rotate() {
    last=0
    highest() {
        if [ "$2" -gt "$last" ]; then last=$2; fi
    }
    archives "$1" highest
    while [ "$last" -ge 1 ]; do
        archive "$1" "$last" &&
        mv -f -- "$archive" "$1.$((last + 1))${archive#"$1.$last"}"
        last=$((last - 1))
    done
    mv -f -- "$1" "$1.1"
    : >"$1"
    chmod --reference="$1.1" -- "$1"
    archives "$1" drop_old
    if [ "$zip" ]; then
        archives "$1" compress
    fi
}

keep=5 size=1 zip=
while getopts :k:s:z option; do
    case $option in
        k) keep=$OPTARG ;;
        s) size=$OPTARG ;;
        z) zip=yes ;;
        *) usage ;;
    esac
done
shift $((OPTIND - 1))
is_number "$keep" && is_number "$size" && [ "$keep" -ge 1 ] && [ $# -ge 1 ] || usage

status=0
for file; do
    case $file in
        -*) file=./$file ;;
    esac
    if [ ! -f "$file" ] || [ -L "$file" ]; then
        printf '%s: not a regular file\n' "$file" >&2
        status=1
    elif [ "$(wc -c <"$file")" -ge "$size" ]; then
        rotate "$file"
    fi
done
exit "$status"
