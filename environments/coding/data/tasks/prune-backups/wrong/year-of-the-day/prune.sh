#!/bin/sh
# Deletes backups that are needed no longer.
LC_ALL=C
export LC_ALL

fail() {
    printf '%s\n' "$1" >&2
    exit 2
}

usage() {
    fail 'usage: prune.sh [-n] [-d DAYS] [-w WEEKS] [-m MONTHS] DIR'
}

newline='
'

# backups: a line "STAMP WEEK HOLD NAME" for each backup in the current folder
backups() {
    for name in ./*_????-??-??_????.tar.gz; do
        name=${name#./}
        case $name in
            ?*_[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]_[0-9][0-9][0-9][0-9].tar.gz) ;;
            *) continue ;;
        esac
        case $name in
            *"$newline"*) continue ;;
        esac
        if [ ! -f "$name" ] || [ -L "$name" ]; then
            continue
        fi
        stamp=${name%.tar.gz}
        series=${stamp%_????-??-??_????}
        stamp=${stamp#"$series"_}
        clock=${stamp#*_}
        week=$(date -u -d "${stamp%_*} ${clock%??}:${clock#??}" +%Y-%V 2>/dev/null) || continue
        hold=-
        if [ -e "$name.hold" ]; then
            hold=+
        fi
        printf '%s %s %s %s\n' "$stamp" "$week" "$hold" "$name"
    done
}

# superfluous: names of the backups to delete, from the lines of `backups`, newest first
superfluous() {
    awk -v days="$days" -v weeks="$weeks" -v months="$months" '
        function wanted(kind, period, most) {
            if ((series, kind, period) in seen) return 0
            seen[series, kind, period] = 1
            return ++count[series, kind] <= most
        }
        {
            hold = substr($0, 25, 1)
            name = substr($0, 27)
            series = substr(name, 1, length(name) - 23)
            day = wanted("day", substr($0, 1, 10), days)
            week = wanted("week", substr($0, 17, 7), weeks)
            month = wanted("month", substr($0, 1, 7), months)
            newest = !(series in known)
            known[series] = 1
            if (!(day || week || month || newest || hold == "+")) print name
        }'
}

dry='' days=7 weeks=4 months=12
while getopts :nd:w:m: option; do
    case $option in
        n) dry=yes ;;
        d) days=$OPTARG ;;
        w) weeks=$OPTARG ;;
        m) months=$OPTARG ;;
        *) usage ;;
    esac
done
shift $((OPTIND - 1))
[ $# -eq 1 ] || usage
for number in "$days" "$weeks" "$months"; do
    case $number in
        '' | *[!0-9]*) usage ;;
    esac
done
case $1 in
    /*) folder=$1 ;;
    *) folder=./$1 ;;
esac
[ -d "$folder" ] || fail "$1: not a folder"
cd "$folder" || fail "$1: cannot be entered"

backups | sort -r | superfluous | sort | while IFS= read -r name; do
    printf '%s\n' "$name"
    if [ -z "$dry" ]; then
        rm -f -- "$name" "$name.sha256"
    fi
done
