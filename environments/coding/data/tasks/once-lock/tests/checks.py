"""Hidden checks: the command and its exit code, contention, waiting, dead holders, signals, trouble.

Times are asked for with wide margins. Where processes compete, the tools that they call are made slow, so that what can
go wrong between two of them does go wrong.
"""

DRIVER = """
import os, shutil, signal, subprocess, time

TOOLS = {name: shutil.which(name) for name in ("sh", "mkdir", "rmdir", "sleep", "printenv")}
SH, SLEEP = TOOLS["sh"], TOOLS["sleep"]
HOME_PATH = os.environ["PATH"]

def slow_path():
    os.makedirs("slow", exist_ok=True)
    for name in ("ln", "mkdir", "rmdir", "rm", "mv", "cat", "cp", "touch", "head", "sed", "readlink", "date", "stat", "mktemp", "awk", "test"):
        real = shutil.which(name, path=HOME_PATH)
        if real and not os.path.exists(f"slow/{name}"):
            with open(f"slow/{name}", "w") as file:
                file.write(f'#!{SH}\\n{SLEEP} 0.0$(($$ % 10))\\n{real} "$@"\\ncode=$?\\n{SLEEP} 0.0$(($$ / 10 % 10))\\nexit $code\\n')
            os.chmod(f"slow/{name}", 0o755)
    return f"{os.path.abspath('slow')}:{HOME_PATH}"

def start(*arguments, slow=False, cwd="d", stdin="", **env):
    os.makedirs(cwd, exist_ok=True)
    environment = {**os.environ, **env}
    if slow:
        environment["PATH"] = slow_path()
    process = subprocess.Popen(
        [SH, os.path.abspath("once.sh"), *arguments], cwd=cwd, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )
    process.stdin.write(stdin.encode())
    process.stdin.close()
    return process

def end(process, limit=40):
    out, err = process.stdout.read(), process.stderr.read()
    code = process.wait(limit)
    return code, out.decode(), err.decode()

def run(*arguments, **more):
    return end(start(*arguments, **more))

def until(condition, limit=20):
    begin = time.monotonic()
    while not condition():
        if time.monotonic() - begin > limit:
            return False
        time.sleep(0.01)
    return True

def holder(lock, seconds="30"):
    # A holder whose command has begun; its command's process id is in the file `up`.
    if os.path.exists("d/up"):
        os.remove("d/up")
    process = subprocess.Popen(
        [SH, os.path.abspath("once.sh"), "--", lock, SH, "-c", f"echo $$ >up.part; mv up.part up; exec {SLEEP} {seconds}"],
        cwd="d", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    until(lambda: os.path.exists("d/up"))
    return process, int(open("d/up").read())

def kill_holder(lock):
    process, command = holder(lock)
    process.kill()
    os.kill(command, signal.SIGKILL)
    process.wait()
    until(lambda: not os.path.exists(f"/proc/{command}") or open(f"/proc/{command}/stat").read().rsplit(")", 1)[1].split()[0] == "Z")
    return process.pid

SECTION = (
    f"{TOOLS['mkdir']} section 2>/dev/null || echo clash >>clashes; {SLEEP} 0.1; {TOOLS['rmdir']} section 2>/dev/null; echo done >>log"
)

def contest(lock, number, slow):
    # Codes of many that compete, the number of commands that ran, and that of clashes.
    for name in ("clashes", "log"):
        if os.path.exists(f"d/{name}"):
            os.remove(f"d/{name}")
    processes = [start("-w", "60", "--", lock, SH, "-c", SECTION, slow=slow) for _ in range(number)]
    codes = [end(process)[0] for process in processes]
    count = lambda name: len(open(f"d/{name}").readlines()) if os.path.exists(f"d/{name}") else 0
    return codes, count("log"), count("clashes")

os.makedirs("d", exist_ok=True)
"""


def drive(candidate, body):
    return candidate.evaluate(DRIVER + body, timeout=100)


def test_the_command(candidate):
    results = drive(
        candidate,
        r"""
show = 'printf "%s|" "$@"; cat; printf "%s" "$lock$code$pid$child$status$timeout" >&2; test -e "./a lock" && exit 7'
odd = ["a b", "", "*", "back\\slash", "'\"$x`", "-n", "line\nfeed"]
(
    run("a lock", SH, "-c", show, "x", *odd, stdin="in\nput", lock="L", code="C", pid="P", child="H", status="S", timeout="T"),
    run("l", "no-such-command-here")[0], run("--", "-l", "false")[0], run("l", SH, "-c", "kill -9 $$")[0], run("l", "true")[:2], run("l\nl", "echo", "-w", "--", "x")[:2],
    run("-w", "0", "l", "cat", stdin="x" * 100000)[1] == "x" * 100000, run("l", "usage")[0], run("l", "./fail")[0], sorted(os.listdir("d")),
)
""",
    )
    shown = "a b||*|back\\slash|'\"$x`|-n|line\nfeed|in\nput"
    expected = ((7, shown, "LCPHST"), 127, 1, 137, (0, ""), (0, "-w -- x\n"), True, 127, 127, [])
    assert results == expected, f"expected {expected}, got {results}"


def test_a_held_lock(candidate):
    results = drive(
        candidate,
        r"""
process, command = holder("my lock")
begin = time.monotonic()
first = run("my lock", "touch", "ran")
told = str(process.pid) in first[2].replace("/", " ").split() or f"{process.pid}" in first[2]
short = time.monotonic() - begin
second = run("-e", "3", "my lock", "touch", "ran")[0], run("-e0", "my lock", "touch", "ran")[0]
begin = time.monotonic()
third = run("-w", "1", "my lock", "touch", "ran")[0]
waited = time.monotonic() - begin
other = run("other lock", "true")[0]
held = os.path.exists("d/my lock")
os.kill(command, signal.SIGTERM)
(first[:2], told, short < 8, second, third, 0.9 <= waited < 15, other, held, process.wait(), sorted(os.listdir("d")))
""",
    )
    expected = ((75, ""), True, True, (3, 0), 75, True, 0, True, 143, ["up"])
    assert results == expected, f"expected {expected}, got {results}"


def test_waiting(candidate):
    results = drive(
        candidate,
        r"""
process, command = holder("l", "2")
waiting = [start("-w", "50", "l", SH, "-c", "test -e l && echo $0", str(number)) for number in range(3)]
time.sleep(0.3)
early = [one.poll() for one in waiting]
codes = [end(one)[:2] for one in waiting]
(early, process.wait(), codes, sorted(os.listdir("d")))
""",
    )
    expected = ([None] * 3, 0, [(0, f"{number}\n") for number in range(3)], ["up"])
    assert results == expected, f"expected {expected}, got {results}"


def test_many_at_once(candidate):
    results = drive(candidate, 'contest("l", 12, False), contest("-l", 6, True), sorted(os.listdir("d"))\n')
    expected = (([0] * 12, 12, 0), ([0] * 6, 6, 0), ["log"])
    assert results == expected, f"expected (exit codes, commands run, clashes) {expected}, got {results}"


def test_dead_holders(candidate):
    results = drive(
        candidate,
        r"""
kill_holder("l")
left = os.path.exists("d/l")
once = run("l", "echo", "mine")[:2]
gone = sorted(os.listdir("d"))
kill_holder("two words")
begin = time.monotonic()
waited = run("-w", "30", "two words", "true")[0]
(left, once, gone, waited, time.monotonic() - begin < 15, os.path.exists("d/two words"))
""",
    )
    expected = (True, (0, "mine\n"), ["up"], 0, True, False)
    assert results == expected, f"expected {expected}, got {results}"


def test_many_take_over(candidate):
    results = drive(
        candidate,
        r"""
rounds = []
for number in range(4):
    kill_holder("l")
    rounds.append(contest("l", 5, True))
(rounds, os.path.exists("d/l"))
""",
    )
    expected = ([([0] * 5, 5, 0)] * 4, False)
    assert results == expected, f"expected rounds of (exit codes, commands run, clashes) {expected}, got {results}"


def test_the_command_outlives_a_dead_holder(candidate):
    results = drive(
        candidate,
        r"""
process, command = holder("l")
process.kill()
process.wait()
taken = run("l", "echo", "mine")[:2]
os.kill(command, signal.SIGKILL)
taken
""",
    )
    assert results == (0, "mine\n"), f"only the process of once.sh matters, expected (0, 'mine\\n'), got {results}"


def test_signals(candidate):
    results = drive(
        candidate,
        r"""
seen = []
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    script = f'trap "echo bye >>log; {SLEEP} 0.3; echo gone >>log; exit 3" TERM; echo up >>log; i=0; while [ $i -lt 100 ]; do i=$((i + 1)); {SLEEP} 0.05; done'
    process = start("l", SH, "-c", script)
    until(lambda: os.path.exists("d/log"))
    process.send_signal(number)
    code = end(process)[0]
    seen.append((code, open("d/log").read(), sorted(os.listdir("d"))))
    os.remove("d/log")
process, command = holder("l")
waiting = start("-w", "50", "l", "touch", "ran")
time.sleep(0.7)
waiting.terminate()
begin = time.monotonic()
code = end(waiting)[0]
quick = time.monotonic() - begin < 8
held = os.path.exists("d/l")
process.terminate()
(seen, code, quick, held, process.wait(), sorted(os.listdir("d")))
""",
    )
    log = "up\nbye\ngone\n"
    expected = ([(128 + number, log, ["log"]) for number in (15, 2, 1)], 143, True, True, 143, ["up"])
    assert results == expected, f"expected {expected}, got {results}"


def test_trouble(candidate):
    results = drive(
        candidate,
        r"""
os.makedirs("d/folder/inside")
for name, text in (("file", "data"), ("lines", "1\n2\n"), ("pid", f"{os.getpid()}\n"), ("old", "999999999\n")):
    with open(f"d/{name}", "w") as file:
        file.write(text)
os.symlink("file", "d/link")
tried = [run("-w", "0", lock, "touch", "ran") for lock in ("none/l", "folder", "file", "lines", "pid", "old", "link", "file/x")]
wrong = [(), ("l",), ("-w",), ("-w", "x", "l", "true"), ("-w", "-1", "l", "true"), ("-e", "256", "l", "true"), ("-e", "", "l", "true"), ("-q", "l", "true"), ("--", "l"), ("-w", "1.5", "l", "true")]
usage = [run(*arguments) for arguments in wrong]
[(code, out, bool(err.strip())) for code, out, err in tried], [(code, out, bool(err.strip())) for code, out, err in usage], sorted(os.listdir("d")), open("d/file").read(), os.listdir("d/folder"), os.readlink("d/link"), open("d/old").read()
""",
    )
    expected = (
        [(73, "", True)] * 8, [(64, "", True)] * 10, ["file", "folder", "lines", "link", "old", "pid"], "data", ["inside"], "file", "999999999\n",
    )  # fmt: skip
    assert results == expected, f"expected {expected}, got {results}"
