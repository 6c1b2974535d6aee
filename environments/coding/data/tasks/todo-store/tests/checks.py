"""Hidden checks: sessions of commands, with the file looked at after each; random sessions against a model."""

import random

SESSION = """
import os, shutil, subprocess, sys

def text(data):
    return data.decode("utf-8", "backslashreplace")

def session(number, files, commands):
    folder = f"session-{number}"
    os.makedirs(folder)
    for name, content in files.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8", newline="") as file:
            file.write(content)
    seen = []
    for arguments, env in commands:
        done = subprocess.run(
            ["python3", "../todo.py", *arguments], cwd=folder, capture_output=True, stdin=subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C.UTF-8", **env}, timeout=30,
        )
        left = {name: text(open(os.path.join(folder, name), "rb").read()) for name in sorted(os.listdir(folder))}
        seen.append((done.returncode, text(done.stdout), text(done.stderr), left))
    shutil.rmtree(folder)
    return seen

[session(number, *each) for number, each in enumerate(SESSIONS)]
"""

SAMPLE = "next\t13\n3\topen\t2024-05-01\thome,shop\tOrder tea\n8\topen\t-\t-\tRead C:\\\\notes\\nand tidy up\n12\tdone\t-\t-\tCall Ben\n"


def play(candidate, *sessions):
    """Each session: files at the start, and commands (lists of arguments, or such a list with an environment)."""
    prepared = []
    for files, commands in sessions:
        prepared.append((files, [command if isinstance(command, tuple) else (command, {}) for command in commands]))
    return candidate.evaluate(SESSION.replace("SESSIONS", repr(prepared)), timeout=90)


def follow(candidate, *sessions):
    """Sessions: files, then (command, exit code, stdout, stderr or None for any, todo.txt or None for as before)."""
    results = play(candidate, *((files, [step[0] for step in steps]) for files, steps in sessions))
    for (files, steps), seen in zip(sessions, results, strict=True):
        store = files.get("todo.txt")
        for (command, code, out, err, content), (got_code, got_out, got_err, left) in zip(steps, seen, strict=True):
            assert got_code == code, f"{command}: expected exit code {code}, got {got_code}: {got_err[-300:]}"
            assert got_out == out, f"{command}: expected {out!r}, got {got_out!r}"
            if err is None:
                assert got_err.strip() and "Traceback" not in got_err, f"{command}: expected a message, got {got_err[-300:]!r}"
            else:
                assert got_err.rstrip("\n") == err, f"{command}: expected stderr {err!r}, got {got_err!r}"
            store = store if content is None else content
            assert left.get("todo.txt") == store, f"{command}: expected the file {store!r}, got {left.get('todo.txt')!r}"
            assert set(left) <= {"todo.txt", "todo.txt.bak"}, f"{command}: files left behind: {sorted(left)}"


def ok(command, content=None, out=""):
    return (command.split() if isinstance(command, str) else command, 0, out, "", content)


def test_adding_and_listing(candidate):
    one = "next\t2\n1\topen\t2024-02-29\ta,z-9\tBuy \\t\\\\n milk\\r\\nnow\n"
    two = one.replace("next\t2", "next\t3") + "2\topen\t-\t-\tÄ#x  y\n"
    listed = "1 [ ] Buy  \\n milk  now (due 2024-02-29) #a #z-9\n2 [ ] Ä#x  y\n"
    follow(
        candidate,
        (
            {},
            [
                ok("list"),
                ok(["add", "--tag", "z-9", " Buy \t\\n milk\r\nnow\n", "--due", "2024-02-29", "--tag", "a", "--tag", "z-9"], one, "1\n"),
                ok(["add", "Ä#x  y"], two, "2\n"),
                ok("list", out=listed),
                ok("list --tag a", out=listed.split("\n")[0] + "\n"),
                ok("list --tag b"),
            ],
        ),
        (
            {"todo.txt": SAMPLE},
            [
                ok("list", out="3 [ ] Order tea (due 2024-05-01) #home #shop\n8 [ ] Read C:\\notes and tidy up\n"),
                ok("list --all", out="3 [ ] Order tea (due 2024-05-01) #home #shop\n8 [ ] Read C:\\notes and tidy up\n12 [x] Call Ben\n"),
                ok("list --tag shop --tag home", out="3 [ ] Order tea (due 2024-05-01) #home #shop\n"),
                ok("list --tag shop --tag x"),
                ok("list --before 2024-05-01 --all"),
                ok("list --before 2024-05-02", out="3 [ ] Order tea (due 2024-05-01) #home #shop\n"),
            ],
        ),
    )


def test_order_of_the_list(candidate):
    lines = ["2\topen\t-\t-\tb", "4\tdone\t2024-03-01\t-\td", "5\topen\t2024-03-01\t-\te", "9\topen\t2023-12-31\t-\tf", "10\topen\t2024-03-01\t-\tg"]
    store = "\n".join(["next\t11", *lines, ""])
    out = "9 [ ] f (due 2023-12-31)\n4 [x] d (due 2024-03-01)\n5 [ ] e (due 2024-03-01)\n10 [ ] g (due 2024-03-01)\n2 [ ] b\n"
    follow(candidate, ({"todo.txt": store}, [ok("list --all", out=out)]))


def test_marking_removing_and_numbers(candidate):
    done = SAMPLE.replace("8\topen", "8\tdone").replace("3\topen", "3\tdone")
    gone = "next\t13\n3\tdone\t2024-05-01\thome,shop\tOrder tea\n"
    follow(
        candidate,
        (
            {"todo.txt": SAMPLE},
            [
                ok("done 8 03 8", done),
                ok("reopen 12 8", SAMPLE.replace("12\tdone", "12\topen").replace("3\topen", "3\tdone")),
                ok("done 12 8", done),
                ok("rm 12 8", gone),
                (["rm", "3", "8", "7"], 1, "", "no such task: 8", None),
                (["done", "0"], 1, "", "no such task: 0", None),
                (["reopen", "3", "99"], 1, "", "no such task: 99", None),
                ok("rm 3", "next\t13\n"),
                ok(["add", "new"], "next\t14\n13\topen\t-\t-\tnew\n", "13\n"),
            ],
        ),
    )


def test_editing(candidate):
    def tea(*fields):
        return SAMPLE.replace("3\topen\t2024-05-01\thome,shop\tOrder tea", "\t".join(("3", "open", *fields)))

    follow(
        candidate,
        (
            {"todo.txt": SAMPLE},
            [
                ok(["edit", "--text", " Order  coffee ", "3"], tea("2024-05-01", "home,shop", "Order  coffee")),
                ok("edit 3 --due none --tag a --untag shop --untag q", tea("-", "a,home", "Order  coffee")),
                ok("edit 3 --due 2025-01-01 --tag b --untag b --untag a --untag home --text x", tea("2025-01-01", "-", "x")),
                (["edit", "4", "--due", "none"], 1, "", "no such task: 4", None),
                (["edit", "3"], 2, "", None, None),
                (["edit", "3", "--due", "2025-02-29"], 2, "", None, None),
                (["edit", "3", "8", "--due", "none"], 2, "", None, None),
                (["edit", "3", "--text", " \n"], 2, "", None, None),
                (["edit", "3", "--tag", "B"], 2, "", None, None),
            ],
        ),
    )


def test_undo_and_the_copy(candidate):
    (seen, fresh, odd) = play(
        candidate,
        ({"todo.txt": SAMPLE}, [["undo"], ["rm", "8"], ["done", "12"], ["edit", "3", "--tag", "home"], ["list"], ["undo"], ["undo"], ["add", "x"], ["undo"], ["add", "y"]]),
        ({}, [["add", "x"], ["undo"], ["undo"], ["list"]]),
        ({"todo.txt": "broken", "todo.txt.bak": "also"}, [["undo"], ["undo", "1"]]),
    )
    removed = SAMPLE.replace("8\topen\t-\t-\tRead C:\\\\notes\\nand tidy up\n", "")
    pair = [(left.get("todo.txt"), left.get("todo.txt.bak")) for _, _, _, left in seen]
    assert seen[0][0] == 1 and "nothing to undo" in seen[0][2], seen[0]
    removed_x = removed.replace("next\t13", "next\t14") + "13\topen\t-\t-\tx\n"
    removed_y = removed_x.replace("\tx\n", "\ty\n")
    expected = [(SAMPLE, None), *[(removed, SAMPLE)] * 4, (SAMPLE, removed), (removed, SAMPLE), (removed_x, removed), (removed, removed_x), (removed_y, removed)]
    for step, (want, got) in enumerate(zip(expected, pair, strict=True)):
        assert got == want, f"step {step}: expected the file and its copy {want}, got {got}"
    one, empty = "next\t2\n1\topen\t-\t-\tx\n", "next\t1\n"
    pair = [(left.get("todo.txt"), left.get("todo.txt.bak")) for _, _, _, left in fresh]
    assert pair == [(one, empty), (empty, one), (one, empty), (one, empty)], pair
    pair = [(code, left.get("todo.txt"), left.get("todo.txt.bak")) for code, _, _, left in odd]
    assert pair == [(0, "also", "broken"), (2, "also", "broken")], pair


def test_usage(candidate):
    wrong = [
        [], ["frob"], ["add"], ["add", "a", "b"], ["add", " \t"], ["add", "a", "--due", "2024-13-01"], ["add", "a", "--due", "1.5.2024"], ["add", "a", "--due"],
        ["add", "a", "--tag", ""], ["add", "a", "--tag", "x,y"], ["add", "a", "--all"], ["list", "x"], ["list", "--before", "tomorrow"], ["list", "--tag"],
        ["done"], ["done", "x"], ["done", "-3"], ["done", "3", "3.0"], ["rm", "\u0663"], ["undo", "1"], ["reopen"], ["add", "a", "--due", "none"],
    ]  # fmt: skip
    follow(candidate, ({"todo.txt": SAMPLE}, [(command, 2, "", None, None) for command in wrong]))


def test_damaged_files(candidate):
    task = "1\topen\t-\t-\tx\n"
    damaged = {
        "": 1, "next\n": 1, "next\t0\n": 1, "next 2\n": 1, "next\t2\n1\topen\t-\t-\n": 2, "next\t2\n1\topen\t-\t-\tx\ty\n": 2, "next\t2\n1\tready\t-\t-\tx\n": 2,
        "next\t2\n1\topen\t2024-02-30\t-\tx\n": 2, "next\t2\n1\topen\t-\tb,a\tx\n": 2, "next\t2\n1\topen\t-\ta,a\tx\n": 2, "next\t2\n1\topen\t-\t-\t x\n": 2,
        "next\t2\n1\topen\t-\t-\ta\\b\n": 2, "next\t1\n" + task: 2, "next\t9\n" + task + task: 3, "next\t9\n3\topen\t-\t-\tx\n" + task: 3, "next\t2\n\n" + task: 2,
        "next\t2\n01\topen\t-\t-\tx\n": 2, "next\t2\n1\topen\t-\t-\tx": 2, "next\t2\n1\topen\t-\t\tx\n": 2, "next\t3\n" + task + "2\topen\t-\t-\tx\\\n": 3,
    }  # fmt: skip
    sessions = [({"todo.txt": content}, [["add", "new"]]) for content in damaged]
    results = play(candidate, *sessions)
    for (content, line), ((code, out, err, left),) in zip(damaged.items(), results, strict=True):
        assert (code, out) == (3, ""), f"{content!r}: expected exit code 3 and no output, got {code} and {out!r}"
        assert err.startswith(f"todo.txt: line {line}: "), f"{content!r}: expected line {line} in the message, got {err[-300:]!r}"
        assert left == {"todo.txt": content}, f"{content!r}: the files changed to {left}"


def test_which_file(candidate):
    (seen,) = play(
        candidate,
        ({}, [(["add", "a"], {"TODO_FILE": "env.txt"}), (["-f", "own.txt", "add", "b"], {"TODO_FILE": "env.txt"}), (["add", "c"], {"TODO_FILE": ""})]),
    )
    assert [step[0] for step in seen] == [0, 0, 0], seen
    names = [name for name in seen[-1][3] if not name.endswith(".bak")]
    assert names == ["env.txt", "own.txt", "todo.txt"], names


def test_random_sessions(candidate):
    rng = random.Random(3)
    sessions = []
    for _ in range(2):
        tasks, following, before, steps = {}, 1, None, []

        def content(tasks, following):
            return f"next\t{following}\n" + "".join(f"{number}\t{state}\t-\t{','.join(sorted(tags)) or '-'}\tt\n" for number, (state, tags) in sorted(tasks.items()))

        for _ in range(18):
            kind, old = rng.choice(["add", "add", "done", "reopen", "rm", "edit", "undo"]), (dict(tasks), following)
            number = rng.randrange(1, following + 1)
            if kind == "undo":
                if before is None:
                    steps.append((["undo"], 1, "", "nothing to undo", None))
                    continue
                (tasks, following), before = before, old
                steps.append(ok("undo", content(tasks, following)))
                continue
            if kind == "add":
                tasks, following = {**tasks, following: ("open", frozenset())}, following + 1
                steps.append(ok("add t", content(tasks, following), f"{following - 1}\n"))
            elif number not in tasks:
                steps.append((["edit", str(number), "--tag", "a"] if kind == "edit" else [kind, str(number)], 1, "", f"no such task: {number}", None))
                continue
            elif kind == "rm":
                tasks = {key: value for key, value in tasks.items() if key != number}
                steps.append(ok(f"rm {number}", content(tasks, following)))
            elif kind == "edit":
                tag = rng.choice("abc")
                tasks = {**tasks, number: (tasks[number][0], tasks[number][1] | {tag})}
                steps.append(ok(f"edit {number} --tag {tag}", content(tasks, following)))
            else:
                tasks = {**tasks, number: ("done" if kind == "done" else "open", tasks[number][1])}
                steps.append(ok(f"{kind} {number}", content(tasks, following)))
            if (tasks, following) != old:
                before = old
        sessions.append(({}, steps))
    follow(candidate, *sessions)
