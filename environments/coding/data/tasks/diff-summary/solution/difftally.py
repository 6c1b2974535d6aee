"""Summarises a diff as git writes it."""

import json
import re
import sys

HUNK = re.compile(r"@@ -[0-9]+(?:,([0-9]+))? \+[0-9]+(?:,([0-9]+))? @@")
ESCAPES = {"a": 7, "b": 8, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13, '"': 34, "\\": 92}
QUOTED = r'"(?:[^"\\]|\\.)*"'


class Failure(Exception):
    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def unquote(text):
    """A path as git writes it, with or without quotes."""
    if not text.startswith('"'):
        return text
    result = bytearray()
    for found in re.finditer(r"\\([0-7]{3})|\\(.)|([^\\]+)", text[1:-1]):
        if found[1]:
            result.append(int(found[1], 8))
        elif found[2]:
            result.append(ESCAPES[found[2]])
        else:
            result += found[3].encode("utf-8", "surrogateescape")
    return result.decode("utf-8", "replace")


def without_side(path):
    return path[2:]


def path_of_both(line):
    """The path of a line `diff --git` whose two paths are the same."""
    rest = line[len("diff --git ") :]
    if rest.startswith('"'):
        return without_side(unquote(re.match(QUOTED, rest)[0]))
    return rest[2 : (len(rest) - 1) // 2]


class Change:
    def __init__(self, line):
        self.git_line = line
        self.status = "M"
        self.names = {}
        self.added = self.removed = 0
        self.binary = False

    def header(self, line):
        """Take a line before the hunks."""
        if line.startswith("new file mode"):
            self.status = "A"
        elif line.startswith("deleted file mode"):
            self.status = "D"
        elif found := re.match("(rename|copy) (from|to) ", line):
            self.status = found[1][0].upper()
            self.names[found[2]] = unquote(line[found.end() :])
        elif line.startswith(("--- ", "+++ ")):
            path = line[4:].removesuffix("\t")
            if path != "/dev/null":
                self.names[line[:3]] = without_side(unquote(path))
        elif line.startswith("Binary files ") or line == "GIT binary patch":
            self.binary = True

    def paths(self):
        """Old and new path."""
        if "from" in self.names:
            return self.names["from"], self.names["to"]
        path = self.names.get("+++") or self.names.get("---") or path_of_both(self.git_line)
        return None if self.status == "A" else path, None if self.status == "D" else path


def read_hunk(lines, place, old, new, change):
    """Count the lines of a hunk that begins at `place`; returns the place after it."""
    while old or new:
        if place == len(lines):
            raise Failure(1, f"line {place}: the input ends within a hunk")
        kind = lines[place][:1] or " "
        place += 1
        if kind == "\\":
            continue
        if kind not in "-+ ":
            raise Failure(1, f"line {place}: not a line of a hunk")
        old -= kind in "- "
        new -= kind in "+ "
        if old < 0 or new < 0:
            raise Failure(1, f"line {place}: more lines than the hunk should have")
        change.removed += kind == "-"
        change.added += kind == "+"
    return place


def parse(lines):
    changes, in_header, place = [], False, 0
    while place < len(lines):
        line = lines[place]
        place += 1
        if line.startswith("diff --git "):
            changes.append(Change(line))
            in_header = True
        elif changes and (found := HUNK.match(line)):
            in_header = False
            old, new = (1 if count is None else int(count) for count in found.groups())
            place = read_hunk(lines, place, old, new, changes[-1])
        elif in_header:
            changes[-1].header(line)
            in_header = not changes[-1].binary
    return changes


def printable(path):
    return json.dumps(path, ensure_ascii=False) if re.search("[\x00-\x1f\x7f]", path) else path


def as_text(changes):
    for change in changes:
        old, new = change.paths()
        path = printable(new or old)
        if change.status in "RC":
            path = f"{printable(old)} => {path}"
        counts = ("-", "-") if change.binary else (f"+{change.added}", f"-{change.removed}")
        yield "\t".join((change.status, *counts, path))
    counted = [change for change in changes if not change.binary]
    added, removed = sum(change.added for change in counted), sum(change.removed for change in counted)
    yield f"{len(changes)} file{'' if len(changes) == 1 else 's'}, +{added}, -{removed}"


def as_json(changes):
    return [
        {
            "status": change.status,
            "old": change.paths()[0],
            "new": change.paths()[1],
            "added": None if change.binary else change.added,
            "removed": None if change.binary else change.removed,
            "binary": change.binary,
        }
        for change in changes
    ]


def main(arguments):
    as_data = "--json" in arguments
    arguments = [argument for argument in arguments if argument != "--json"]
    if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
        raise Failure(2, "usage: difftally.py [--json] [FILE]")
    try:
        data = open(arguments[0], "rb").read() if arguments else sys.stdin.buffer.read()
    except OSError as error:
        raise Failure(2, f"{arguments[0]}: {error.strerror}") from None
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    changes = parse(lines if lines[-1] else lines[:-1])
    text = json.dumps(as_json(changes)) if as_data else "\n".join(as_text(changes))
    sys.stdout.buffer.write(f"{text}\n".encode("utf-8", "surrogateescape"))


try:
    main(sys.argv[1:])
except Failure as failure:
    print(failure, file=sys.stderr)
    sys.exit(failure.code)
