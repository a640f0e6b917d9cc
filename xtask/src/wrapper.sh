# Runs a command so that it ends when the reader of standard input sees its end: however the process ends that holds
# the other side of that pipe, the kernel closes it.
#
#   sh -c "$(cat wrapper.sh)" NAME SIGNAL COMMAND…
#
# Standard error is the command's output. Standard output is only held open: it is the pipe of a process that has to
# outlive this one. This shell leads a process group of its own, so a Ctrl-C at the terminal does not reach it, and
# whatever the command starts can be ended with it.
signal=$1
shift
exec 3<&0 </dev/null
# signals to the group are for the command; this shell waits for it
trap : INT TERM
"$@" >&2 3<&- &
command=$!

{
    trap '' INT TERM
    read -r _ <&3
    kill -s "$signal" -- "-$$"
    tries=0
    while kill -0 "$command"; do
        tries=$((tries + 1))
        if [ "$tries" -gt 150 ]; then
            kill -s KILL -- "-$$"
        fi
        sleep 0.1
    done
} 2>/dev/null &
guard=$!

wait "$command"
code=$?
# a signal interrupts `wait`
while kill -0 "$command" 2>/dev/null; do
    wait "$command"
    code=$?
done
trap '' TERM
kill -s TERM -- "-$$"
kill -s KILL "$guard"
exit "$code"
