"""Shows a list of paths as a tree."""

import re
import sys


class Failure(Exception):
    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class Folder:
    def __init__(self):
        self.folders = {}
        self.files = {}

    def folder(self, names):
        here = self
        for name in names:
            here = here.folders.setdefault(name, Folder())
        return here

    def entries(self):
        """Names with their folder or size, in order."""
        files = {name: size for name, size in self.files.items() if name not in self.folders}
        return sorted(self.folders.items()) + sorted(files.items())

    def size(self):
        return sum(entry.size() if isinstance(entry, Folder) else entry for _, entry in self.entries())

    def count(self, depth):
        """Folders and files below."""
        folders = files = 0
        if depth == 0:
            return 0, 0
        for _, entry in self.entries():
            if isinstance(entry, Folder):
                below = entry.count(depth - 1)
                folders, files = folders + 1 + below[0], files + below[1]
            else:
                files += 1
        return folders, files


def build(lines, sizes):
    root = Folder()
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        size, path = 0, line
        if sizes:
            found = re.fullmatch(r"([0-9]+)\t(.*)", line, re.DOTALL)
            if not found:
                raise Failure(1, f"line {number}: expected a size, a tab and a path")
            size, path = int(found[1]), found[2]
        parts = path.split("/")
        names = [name for name in parts if name not in ("", ".")]
        if ".." in names:
            raise Failure(1, f"line {number}: .. is not allowed")
        if parts[-1] in ("", "."):
            root.folder(names)
        else:
            root.folder(names[:-1]).files[names[-1]] = size
    return root


def label(name, entry, sizes):
    if not sizes:
        return name
    return f"[{entry.size() if isinstance(entry, Folder) else entry}] {name}"


def draw(folder, depth, sizes, before=""):
    if depth == 0:
        return
    entries = folder.entries()
    for place, (name, entry) in enumerate(entries, 1):
        last = place == len(entries)
        yield f"{before}{'└── ' if last else '├── '}{label(name, entry, sizes)}"
        if isinstance(entry, Folder):
            yield from draw(entry, depth - 1, sizes, before + ("    " if last else "│   "))


def read(path):
    if path is None:
        return sys.stdin.buffer.read()
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise Failure(2, f"{path}: {error.strerror}") from None


def options(arguments):
    depth, sizes = -1, False
    while arguments and arguments[0] in ("-d", "-s"):
        if arguments[0] == "-s":
            sizes, arguments = True, arguments[1:]
            continue
        if len(arguments) < 2 or not re.fullmatch("0*[1-9][0-9]*", arguments[1]):
            raise Failure(2, "-d needs a whole number from 1 on")
        depth, arguments = int(arguments[1]), arguments[2:]
    if len(arguments) > 1 or (arguments and arguments[0].startswith("-")):
        raise Failure(2, "usage: tree.py [-d DEPTH] [-s] [FILE]")
    return depth, sizes, arguments[0] if arguments else None


def counted(number, one, several):
    return f"{number} {one if number == 1 else several}"


def main():
    sys.setrecursionlimit(100_000)
    depth, sizes, path = options(sys.argv[1:])
    root = build(read(path).decode().split("\n"), sizes)
    folders, files = root.count(depth)
    lines = [label(".", root, sizes), *draw(root, depth, sizes), ""]
    lines.append(f"{counted(folders, 'directory', 'directories')}, {counted(files, 'file', 'files')}")
    sys.stdout.buffer.write(("\n".join(lines) + "\n").encode())


try:
    main()
except Failure as failure:
    print(failure, file=sys.stderr)
    sys.exit(failure.code)
