#!/bin/sh
usage() {
    echo "usage: once.sh [-w SECONDS] [-e CODE] [--] LOCK COMMAND [ARGUMENT ...]" >&2
    exit 64
}

once_wait=0
once_code=75
while getopts :w:e: once_opt; do
    case $once_opt in
        w) once_wait=$OPTARG ;;
        e) once_code=$OPTARG ;;
        *) usage ;;
    esac
done
shift $((OPTIND - 1))
[ $# -ge 2 ] || usage
case $once_wait in '' | *[!0-9]*) usage ;; esac
case $once_code in '' | *[!0-9]*) usage ;; esac
[ "$once_code" -le 255 ] || usage
case $1 in
    /*) once_lock=$1 ;;
    *) once_lock=./$1 ;;
esac
shift

once_child=
once_signal=
on_signal() {
    once_signal=$1
    if [ -n "$once_child" ]; then
        kill "$once_child" 2>/dev/null
    else
        exit $((128 + once_signal))
    fi
}
trap 'on_signal 15' TERM
trap 'on_signal 2' INT
trap 'on_signal 1' HUP

once_empty=0
once_end=$(($(date +%s) + once_wait))
until mkdir -- "$once_lock" 2>/dev/null; do
    if [ ! -e "$once_lock" ] && [ ! -d "${once_lock%/*}" ]; then
        echo "$once_lock: cannot be made" >&2
        exit 73
    fi
    once_pid=$(cat -- "$once_lock/pid" 2>/dev/null)
    if [ -z "$once_pid" ]; then
        # perhaps the holder has not written it yet
        once_empty=$((once_empty + 1))
        if [ "$once_empty" -gt 40 ]; then
            echo "$once_lock: not a lock" >&2
            exit 73
        fi
        sleep 0.1
        continue
    fi
    if ! kill -0 "$once_pid" 2>/dev/null; then
        rm -rf -- "$once_lock"
        continue
    fi
    if [ "$once_wait" = 0 ] || [ "$(date +%s)" -gt "$once_end" ]; then
        echo "$once_lock is held by $once_pid" >&2
        exit "$once_code"
    fi
    sleep 0.1
done
echo $$ > "$once_lock/pid"

exec 3<&0
(exec "$@") <&3 3<&- &
once_child=$!
wait "$once_child"
once_status=$?
while kill -0 "$once_child" 2>/dev/null; do
    wait "$once_child"
    once_status=$?
done
rm -rf -- "$once_lock"
[ -n "$once_signal" ] && once_status=$((128 + once_signal))
exit "$once_status"
