"""A todo list in a plain file."""

import os
import re
import sys
from dataclasses import dataclass, field, replace
from datetime import date

ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
PLAIN = {escaped[1]: letter for letter, escaped in ESCAPES.items()}


class Failure(Exception):
    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Task:
    done: bool
    due: str
    tags: frozenset
    text: str


@dataclass(frozen=True)
class Tasks:
    following: int = 1
    by_number: dict = field(default_factory=dict)


def is_date(text):
    try:
        return bool(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def is_tag(text):
    return bool(re.fullmatch("[a-z0-9-]+", text))


def is_number(text):
    return bool(re.fullmatch("[1-9][0-9]*", text))


def dump(tasks):
    lines = [f"next\t{tasks.following}"]
    for number, task in sorted(tasks.by_number.items()):
        text = "".join(ESCAPES.get(letter, letter) for letter in task.text)
        state = "done" if task.done else "open"
        lines.append("\t".join((str(number), state, task.due or "-", ",".join(sorted(task.tags)) or "-", text)))
    return "".join(line + "\n" for line in lines)


def parse_task(fields):
    """Number and task of a line; ValueError says what is wrong."""
    if len(fields) != 5:
        raise ValueError("expected five fields")
    number, state, due, tags, text = fields
    if not is_number(number):
        raise ValueError("the number is none")
    if state not in ("open", "done"):
        raise ValueError("expected open or done")
    if due != "-" and not is_date(due):
        raise ValueError("the date is none")
    names = [] if tags == "-" else tags.split(",")
    if not all(is_tag(name) for name in names) or names != sorted(set(names)):
        raise ValueError("the tags are not in order")
    if re.search(r"\\(?![\\tnr])", re.sub(r"\\\\", "", text)) or "\r" in text:
        raise ValueError("unknown escape in the text")
    plain = re.sub(r"\\(.)", lambda found: PLAIN[found[1]], text)
    if not plain or plain != plain.strip():
        raise ValueError("the text is empty or has blanks at its ends")
    return int(number), Task(state == "done", "" if due == "-" else due, frozenset(names), plain)


def parse(content, path):
    lines = content.split("\n")
    first = lines[0].split("\t")
    if len(first) != 2 or first[0] != "next" or not is_number(first[1]):
        raise Failure(3, f"{path}: line 1: expected the next number")
    if lines[-1]:
        raise Failure(3, f"{path}: line {len(lines)}: does not end with a line feed")
    found = {}
    for place, line in enumerate(lines[1:-1], 2):
        try:
            number, task = parse_task(line.split("\t"))
            if number >= int(first[1]) or (found and number <= max(found)):
                raise ValueError("the number is out of order")
        except ValueError as error:
            raise Failure(3, f"{path}: line {place}: {error}") from None
        found[number] = task
    return Tasks(int(first[1]), found)


def read(path):
    try:
        with open(path, encoding="utf-8", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return None


def put(path, content):
    """Write a file in one step."""
    with open(f"{path}.new", "w", encoding="utf-8", newline="") as file:
        file.write(content)
    os.replace(f"{path}.new", path)


def checked(name, value, fits):
    if not fits(value):
        raise Failure(2, f"{name}: not allowed: {value!r}")
    return value


def checked_text(text):
    return checked("TEXT", text.strip(), bool)


def split_arguments(arguments, known):
    """Positional arguments and options, each with a list of values; `known` says which options take one."""
    plain, options = [], {}
    rest = iter(arguments)
    for argument in rest:
        if argument.startswith("--"):
            if argument not in known:
                raise Failure(2, f"unknown option {argument}")
            value = next(rest, None) if known[argument] else ""
            if value is None:
                raise Failure(2, f"{argument} needs a value")
            options.setdefault(argument, []).append(value)
        else:
            plain.append(argument)
    for option in ("--due", "--before", "--text"):
        if len(options.get(option, [])) > 1:
            raise Failure(2, f"{option} is given twice")
    return plain, options


def numbers(arguments, tasks):
    if not arguments:
        raise Failure(2, "expected a number")
    found = [int(checked("ID", argument, lambda text: re.fullmatch("[0-9]+", text))) for argument in arguments]
    for number in found:
        if number not in tasks.by_number:
            raise Failure(1, f"no such task: {number}")
    return found


def tags_of(options, name):
    return frozenset(checked(name, tag, is_tag) for tag in options.get(name, []))


def add(tasks, arguments):
    plain, options = split_arguments(arguments, {"--due": True, "--tag": True})
    if len(plain) != 1:
        raise Failure(2, "add needs one TEXT")
    due = checked("--due", options["--due"][0], is_date) if "--due" in options else ""
    task = Task(False, due, tags_of(options, "--tag"), checked_text(plain[0]))
    return Tasks(tasks.following + 1, {**tasks.by_number, tasks.following: task}), str(tasks.following)


def show(tasks, arguments):
    plain, options = split_arguments(arguments, {"--all": False, "--tag": True, "--before": True})
    if plain:
        raise Failure(2, "list needs no argument")
    wanted = tags_of(options, "--tag")
    before = checked("--before", options["--before"][0], is_date) if "--before" in options else None
    lines = []
    for number, task in sorted(tasks.by_number.items(), key=lambda entry: (entry[1].due or "x", entry[0])):
        if (task.done and "--all" not in options) or not wanted <= task.tags or (before and not (task.due and task.due < before)):
            continue
        due = f" (due {task.due})" if task.due else ""
        text = re.sub("[\t\n\r]", " ", task.text)
        lines.append(f"{number} [{'x' if task.done else ' '}] {text}{due}" + "".join(f" #{tag}" for tag in sorted(task.tags)))
    return tasks, "\n".join(lines)


def mark(done):
    def command(tasks, arguments):
        plain, _ = split_arguments(arguments, {})
        changed = {number: replace(tasks.by_number[number], done=done) for number in numbers(plain, tasks)}
        return replace(tasks, by_number={**tasks.by_number, **changed}), ""

    return command


def remove(tasks, arguments):
    plain, _ = split_arguments(arguments, {})
    gone = numbers(plain, tasks)
    return replace(tasks, by_number={number: task for number, task in tasks.by_number.items() if number not in gone}), ""


def edit(tasks, arguments):
    plain, options = split_arguments(arguments, {"--text": True, "--due": True, "--tag": True, "--untag": True})
    if len(plain) != 1 or not options:
        raise Failure(2, "edit needs one ID and an option")
    changes = {}
    if "--text" in options:
        changes["text"] = checked_text(options["--text"][0])
    if "--due" in options:
        due = options["--due"][0]
        changes["due"] = "" if due == "none" else checked("--due", due, is_date)
    added, dropped = tags_of(options, "--tag"), tags_of(options, "--untag")
    (number,) = numbers(plain, tasks)
    task = tasks.by_number[number]
    task = replace(task, tags=(task.tags | added) - dropped, **changes)
    return replace(tasks, by_number={**tasks.by_number, number: task}), ""


COMMANDS = {"add": add, "list": show, "done": mark(True), "reopen": mark(False), "rm": remove, "edit": edit}


def undo(path, arguments):
    if arguments:
        raise Failure(2, "undo needs no argument")
    before, now = read(f"{path}.bak"), read(path)
    if before is None:
        raise Failure(1, "nothing to undo")
    put(f"{path}.bak", dump(Tasks()) if now is None else now)
    put(path, before)


def run(arguments):
    path = os.environ.get("TODO_FILE") or "todo.txt"
    if arguments[:1] == ["-f"] and len(arguments) > 1:
        path, arguments = arguments[1], arguments[2:]
    name, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    if name == "undo":
        undo(path, rest)
        return
    if name not in COMMANDS:
        raise Failure(2, "usage: todo.py [-f FILE] add|list|done|reopen|rm|edit|undo …")
    content = read(path)
    tasks = Tasks() if content is None else parse(content, path)
    changed, output = COMMANDS[name](tasks, rest)
    if changed != tasks:
        put(f"{path}.bak", dump(tasks))
        put(path, dump(changed))
    if output:
        print(output)


try:
    run(sys.argv[1:])
except Failure as failure:
    print(failure, file=sys.stderr)
    sys.exit(failure.code)
