#!/bin/sh
usage() {
    echo "usage: prune.sh [-n] [-d DAYS] [-w WEEKS] [-m MONTHS] DIR" >&2
    exit 2
}

dry=0
days=7
weeks=4
months=12
while getopts nd:w:m: opt; do
    case $opt in
        n) dry=1 ;;
        d) days=$OPTARG ;;
        w) weeks=$OPTARG ;;
        m) months=$OPTARG ;;
        *) usage ;;
    esac
done
shift $((OPTIND - 1))
[ $# -eq 1 ] && [ -d "$1" ] || usage
for n in "$days" "$weeks" "$months"; do
    expr "x$n" : 'x[0-9][0-9]*$' > /dev/null || usage
done
cd -- "$1" || exit 2

tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
find . -maxdepth 1 -type f -name '[!.]*.tar.gz' | sed 's|^\./||' |
    grep -E '^.+_[0-9]{4}-[0-9]{2}-[0-9]{2}_[0-9]{4}\.tar\.gz$' > "$tmp/all"
sed -E 's/_[0-9]{4}-[0-9]{2}-[0-9]{2}_[0-9]{4}\.tar\.gz$//' "$tmp/all" | sort -u > "$tmp/series"

: > "$tmp/keep"
while IFS= read -r series; do
    awk -v s="$series" 'substr($0, 1, length(s)) == s && length($0) == length(s) + 23' "$tmp/all" | sort -r > "$tmp/one"
    head -n 1 "$tmp/one" >> "$tmp/keep"
    for rule in "%Y-%m-%d $days" "%G-%V $weeks" "%Y-%m $months"; do
        format=${rule% *}
        limit=${rule#* }
        while IFS= read -r name; do
            stamp=${name#"$series"_}
            printf '%s\t%s\n' "$(date -d "${stamp%%_*}" +"$format")" "$name"
        done < "$tmp/one" | awk -F '\t' -v limit="$limit" '!seen[$1]++ && ++n <= limit { print $2 }' >> "$tmp/keep"
    done
done < "$tmp/series"

sort "$tmp/all" | while IFS= read -r name; do
    grep -Fxq -- "$name" "$tmp/keep" && continue
    [ -e "$name.hold" ] && continue
    echo "$name"
    if [ "$dry" = 0 ]; then
        rm -f -- "$name" "$name.sha256"
    fi
done
