"""Hidden checks: sessions with the editor, replayed on a model that keeps whole states."""

import random

from agentbench_checks import CandidateError

SETUP = """
from editor import Editor
def show(e):
    return (e.text, e.cursor)
def type_in(e, text):
    for char in text:
        e.insert(char)
"""


def same(got, wanted, what):
    assert got == wanted, f"{what}: {got}, expected {wanted}"


class Model:
    def __init__(self, text, limit):
        self.text, self.cursor, self.limit, self.saved = text, len(text), limit, text
        self.past, self.future, self.open = [], [], False

    def change(self, text, cursor, typed=False):
        if text == self.text:
            return
        before = (self.text, self.cursor)
        if typed and self.open:
            before = self.past.pop()[0]
        self.text, self.cursor = text, cursor
        self.past = [*self.past, (before, (text, cursor))][-self.limit :]
        self.future, self.open = [], typed

    def step(self, kind, a, b):
        if kind == "insert":
            text = self.text[: self.cursor] + a + self.text[self.cursor :]
            return self.change(text, self.cursor + len(a), len(a) == 1 and a != "\n")
        if kind == "delete_back":
            start = max(0, self.cursor - b)
            return self.change(self.text[:start] + self.text[self.cursor :], start)
        if kind == "replace_all":
            text = self.text.replace(a or "a", "b")
            if (a or "a") in self.text:
                self.change(text, len(text))
            return None
        if kind == "mark_saved":
            self.saved, self.open = self.text, False
            return None
        if kind == "move":
            self.cursor, self.open = max(0, min(b, len(self.text))), False
            return None
        self.open = False
        source, target, side = (self.past, self.future, 0) if kind == "undo" else (self.future, self.past, 1)
        if not source:
            return False
        target.append(source.pop())
        self.text, self.cursor = target[-1][side]
        return True

    def seen(self):
        return (self.text, self.cursor, bool(self.past), bool(self.future), self.text != self.saved)


def test_random_sessions(candidate):
    rng = random.Random(101)
    kinds = ["insert"] * 8 + [
        "delete_back",
        "move",
        "undo",
        "undo",
        "undo",
        "redo",
        "redo",
        "mark_saved",
        "replace_all",
    ]
    cases = []
    for _ in range(200):
        steps = [
            (rng.choice(kinds), rng.choice(["", "a", "c", "x", "\n", "cd", "."]), rng.randrange(-1, 7))
            for _ in range(40)
        ]
        steps = [
            (kind, "ax"[b % 2] if kind == "replace_all" else a, max(0, b) if kind == "delete_back" else b)
            for kind, a, b in steps
        ]
        cases.append((rng.choice(["", "start"]), rng.choice([1, 3, 100]), steps))
    got = candidate.evaluate(
        SETUP
        + f"""
def play(text, limit, steps):
    e, out = Editor(text, limit=limit), []
    for kind, a, b in steps:
        if kind in ("undo", "redo", "mark_saved"): result = getattr(e, kind)()
        elif kind == "insert": result = e.insert(a)
        elif kind == "replace_all": result = e.replace_all(a, "b") and None
        else: result = getattr(e, kind)(b)
        out.append((result or (False if kind in ("undo", "redo") else None), (e.text, e.cursor, e.can_undo, e.can_redo, e.modified)))
    return out
[play(*case) for case in {cases!r}]
"""
    )
    for (text, limit, steps), results in zip(cases, got, strict=True):
        model = Model(text, limit)
        for number, (step, result) in enumerate(zip(steps, results, strict=True)):
            wanted = (model.step(*step), model.seen())
            where = f"Editor({text!r}, limit={limit}), after {steps[: number + 1]}"
            same(result, wanted, f"{where}: (result, (text, cursor, can_undo, can_redo, modified))")


def test_typing_is_one_step(candidate):
    got = candidate.evaluate(
        SETUP
        + """
e = Editor("")
type_in(e, "hello world")
e.insert("\\n")
type_in(e, "next")
e.insert("")
type_in(e, "er")
out = []
while e.undo():
    out.append(show(e))
while e.redo():
    out.append(show(e))
type_in(e, "!")
e.undo()
out.append(show(e))
out
"""
    )
    wanted = [
        ("hello world\n", 12),
        ("hello world", 11),
        ("", 0),
        ("hello world", 11),
        ("hello world\n", 12),
        ("hello world\nnexter", 18),
    ]
    same(got, [*wanted, wanted[-1]], "typing, a new line, typing")


def test_cursor_is_where_it_was(candidate):
    got = candidate.evaluate(
        SETUP
        + """
e = Editor("abcdef")
e.move(3)
e.insert("XY")
e.move(0)
e.undo()
out = [show(e)]
e.move(6)
e.redo()
out.append(show(e))
e.replace_all("b", "bbb")
e.move(1)
e.undo()
out.append(show(e))
e.undo(); e.redo(); e.redo()
out + [show(e)]
"""
    )
    same(
        got,
        [("abcdef", 3), ("abcXYdef", 5), ("abcXYdef", 5), ("abbbcXYdef", 10)],
        "cursor after undo and redo",
    )


def test_groups(candidate):
    got = candidate.evaluate(
        SETUP
        + """
from macros import duplicate_line, surround
e = Editor("one\\ntwo")
e.move(1)
with e.group():
    duplicate_line(e)
    with e.group():
        surround(e, "<", ">")
        inside = (e.can_undo, e.can_redo)
    type_in(e, "ab")
out = [inside, show(e), e.undo(), show(e), e.can_undo, e.redo(), show(e)]
type_in(e, "c")
out += [e.undo(), show(e), e.undo(), show(e)]
with e.group():
    pass
with e.group():
    e.insert("q"); e.delete_back()
out + [show(e), e.can_undo, e.can_redo, e.redo(), show(e)]
"""
    )
    whole = ("<one\none\ntwo>ab", 15)
    wanted = [
        (False, False),
        whole,
        True,
        ("one\ntwo", 1),
        False,
        True,
        whole,
        True,
        whole,
        True,
        ("one\ntwo", 1),
    ]
    same(got, [*wanted, ("one\ntwo", 1), False, True, True, whole], "groups")


def test_groups_that_fail(candidate):
    got = candidate.evaluate(
        SETUP
        + """
e = Editor("abc")
e.insert("d")
e.insert("e"); e.undo()
e.move(1)
out = []
def broken(kind):
    with e.group():
        e.insert("1")
        e.move(0)
        raise kind("stop")
for kind in (ValueError, KeyboardInterrupt):
    try:
        broken(kind)
    except BaseException as error:
        out.append((type(error).__name__, show(e), e.can_undo, e.can_redo))
with e.group():
    e.insert("2")
    try:
        broken(ValueError)
    except ValueError:
        out.append(show(e))
    e.insert("3")
out += [show(e), e.undo(), show(e)]
with e.group():
    for call in (e.undo, e.redo):
        try:
            call()
        except RuntimeError:
            out.append("RuntimeError")
    e.insert("4")
out + [show(e), e.undo(), show(e)]
"""
    )
    wanted = [("ValueError", ("abc", 1), False, True), ("KeyboardInterrupt", ("abc", 1), False, True)]
    wanted += [
        ("a2bc", 2),
        ("a23bc", 3),
        True,
        ("abc", 1),
        "RuntimeError",
        "RuntimeError",
        ("a4bc", 2),
        True,
        ("abc", 1),
    ]
    same(got, wanted, "groups that raise")


def test_what_was_saved(candidate):
    got = candidate.evaluate(
        SETUP
        + """
e = Editor("abc")
out = [e.modified]
e.insert("d"); out.append(e.modified)
e.mark_saved(); out.append(e.modified)
e.insert("e"); e.undo(); out += [e.modified, e.text]
e.undo(); out += [e.modified, e.text]
e.insert("d"); out.append(e.modified)
out
"""
    )
    same(got, [False, True, False, False, "abcd", True, "abc", False], "modified")


def test_what_was_there_before(candidate):
    try:
        candidate.evaluate("from editor import Editor\nEditor('a').replace_all('', 'b')\nNone")
    except CandidateError as error:
        assert error.type == "ValueError", (
            f"replace_all of nothing should raise ValueError, raised {error.type}"
        )
    else:
        raise AssertionError("replace_all of nothing should raise ValueError")
    got = candidate.evaluate("""
from editor import Editor
e = Editor("aXbX")
e.move(1)
(e.replace_all("X", "--"), e.text, e.cursor, e.replace_all("?", "!"), e.move(2), e.replace_all("-", "-"), e.cursor)
""")
    same(got, (2, "a--b--", 6, 0, None, 4, 6), "replace_all")
