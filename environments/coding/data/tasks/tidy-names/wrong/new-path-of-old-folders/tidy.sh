#!/bin/sh
# Renames everything below a folder to tidy names.
LC_ALL=C
export LC_ALL
unset CDPATH

fail() {
    printf '%s\n' "$1" >&2
    exit 2
}

# tidy NAME: print the tidy name
tidy() {
    dot=
    case $1 in
        .*) dot=. ;;
    esac
    rest=$(printf '%s' "$1" | tr A-Z a-z | tr -c 'a-z0-9._-' _ | tr -s '._-' | sed -e 's/^[._-]*//' -e 's/[._-]*$//')
    printf '%s' "$dot${rest:-x}"
}

# shown PATH: print the path with backslashes and line feeds escaped
shown() {
    printf '%s' "$1" | sed -z -e 's/\\/\\\\/g' -e 's/\n/\\n/g'
}

exists() {
    [ -e "$1" ] || [ -L "$1" ]
}

is_folder() {
    [ -d "$1" ] && [ ! -L "$1" ]
}

# free NAME WANTED: set $new to the first name for the entry NAME that is not taken
free() {
    new=$2 stem=$2 suffix='' number=2
    if ! is_folder "./$1"; then
        case $2 in
            ?*.*) stem=${2%.*} suffix=.${2##*.} ;;
        esac
    fi
    while case $taken in *"/$new/"*) true ;; *) false ;; esac; do
        new=$stem-$number$suffix
        number=$((number + 1))
    done
}

# walk OLD NEW: rename what the current folder holds; OLD and NEW are its paths, empty or with a slash at the end.
# It runs in a subshell of its own for each folder, so that its variables are its own, too.
walk() (
    taken=/
    for name in .?* *; do
        if exists "./$name" && [ "$name" = "$(tidy "$name")" ]; then
            taken=$taken$name/
        fi
    done
    for name in .?* *; do
        if [ "$name" = .. ] || ! exists "./$name"; then
            continue
        fi
        new=$(tidy "$name")
        if [ "$new" != "$name" ]; then
            free "$name" "$new"
            taken=$taken$new/
        fi
        if is_folder "./$name"; then
            (cd "./$name" && walk "$2$name/" "$2$name/")
        fi
        if [ "$new" != "$name" ]; then
            if [ -z "$dry" ]; then
                mv -T -- "./$name" "./$new"
            fi
            printf '%s -> %s\n' "$(shown "$1$name")" "$(shown "$2$new")"
        fi
    done
)

usage='usage: tidy.sh [-n] [--] DIR'
dry=
while getopts :n option; do
    case $option in
        n) dry=yes ;;
        *) fail "$usage" ;;
    esac
done
shift $((OPTIND - 1))
[ $# -eq 1 ] || fail "$usage"
case $1 in
    /*) top=$1 ;;
    *) top=./$1 ;;
esac
[ -d "$top" ] || fail 'the argument is not a folder'
cd "$top" || fail 'the folder cannot be entered'
walk '' ''
