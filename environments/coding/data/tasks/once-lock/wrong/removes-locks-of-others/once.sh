#!/bin/sh
# Runs a command while holding a lock.
#
# The lock is a hard link to a file that this process has written before: it appears in one step, with its contents.
# The contents name the process and a token that is never used again. A dead holder's lock is removed only by who
# has made a folder named after that very token, so that nobody can remove the lock of a successor.
# All variables are called once_…, as others may belong to the environment of the command.

once_fail() {
    once_status=$1
    shift
    printf '%s\n' "$*" >&2
    exit "$once_status"
}

once_usage() {
    once_fail 64 'usage: once.sh [-w SECONDS] [-e CODE] [--] LOCK COMMAND [ARGUMENT ...]'
}

once_is_number() {
    case $1 in
        '' | *[!0-9]* | ?????????*) return 1 ;;
    esac
}

once_clean_up() {
    rm -f -- "$once_lock" "$once_own"
}

once_on_signal() {
    once_caught=$1
    if [ "$once_child" ]; then
        kill -s TERM "$once_child" 2>/dev/null
    elif [ -z "$once_starting" ]; then
        once_clean_up
        exit $((128 + once_caught))
    fi
}

# Set $once_line to the first line of the lock, or to nothing.
once_read() {
    once_line=
    if [ -f "$once_lock" ]; then
        { IFS= read -r once_line <"$once_lock"; } 2>/dev/null
    fi
}

# 0 if the lock is ours now; 1 if $once_holder has it; 2 if it should be tried again; 3 if something else is there.
once_take() {
    ln -T -- "$once_own" "$once_lock" 2>/dev/null && return 0
    once_read
    case $once_line in
        'once.sh '*) ;;
        *)
            once_read
            case $once_line in
                'once.sh '*) return 2 ;;
            esac
            once_misses=$((once_misses + 1))
            if [ -e "$once_lock" ] || [ -L "$once_lock" ] || [ "$once_misses" -gt 1000 ]; then
                return 3
            fi
            return 2
            ;;
    esac
    once_other=${once_line#once.sh }
    once_holder=${once_other%%-*}
    if kill -0 "$once_holder" 2>/dev/null || [ -d "/proc/$once_holder" ]; then
        return 1
    fi
    if mkdir -- "$once_lock.once-$once_other.taken" 2>/dev/null; then
        once_read
        if [ "$once_line" = "once.sh $once_other" ]; then
            rm -f -- "$once_lock" "$once_lock.once-$once_other"
        fi
        rmdir -- "$once_lock.once-$once_other.taken"
    fi
    return 2
}

once_patience=0 once_busy=75
while getopts :w:e: once_option; do
    case $once_option in
        w) once_patience=$OPTARG ;;
        e) once_busy=$OPTARG ;;
        *) once_usage ;;
    esac
done
shift $((OPTIND - 1))
once_is_number "$once_patience" && once_is_number "$once_busy" && [ "$once_busy" -le 255 ] && [ $# -ge 2 ] || once_usage
case $1 in
    '') once_usage ;;
    /*) once_lock=$1 ;;
    *) once_lock=./$1 ;;
esac
shift

once_token=$$-$(date +%s%N)
once_own=$once_lock.once-$once_token
once_child='' once_caught='' once_starting='' once_misses=0
trap 'once_on_signal 15' TERM
trap 'once_on_signal 2' INT
trap 'once_on_signal 1' HUP

(printf 'once.sh %s\n' "$once_token" >"$once_own") 2>/dev/null || once_fail 73 "$once_lock cannot be made"
once_until=$(($(date +%s%N) + once_patience * 1000000000))
while :; do
    once_take
    case $? in
        0) break ;;
        1)
            if [ "$(date +%s%N)" -ge "$once_until" ]; then
                once_clean_up
                once_fail "$once_busy" "$once_lock is held by process $once_holder"
            fi
            sleep 0.1
            ;;
        2) sleep 0.02 ;;
        3)
            once_clean_up
            once_fail 73 "$once_lock cannot be made, or is no lock"
            ;;
    esac
done

exec 3<&0
once_starting=yes
(exec "$@") <&3 3<&- &
once_child=$!
[ -z "$once_caught" ] || kill -s TERM "$once_child" 2>/dev/null
wait "$once_child"
once_status=$?
while kill -0 "$once_child" 2>/dev/null; do
    wait "$once_child"
    once_status=$?
done
once_clean_up
[ -z "$once_caught" ] || once_status=$((128 + once_caught))
exit "$once_status"
