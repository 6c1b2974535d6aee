"""The files of a bundle: which they are, and their check sums."""

import fnmatch
import hashlib
import os
import sys


def read_rules(source):
    path = os.path.join(source, ".bundleignore")
    if not os.path.exists(path):
        return []
    with open(path) as file:
        return [line.strip() for line in file if line.strip() and not line.startswith("#")]


def ignored(path, rules):
    for rule in rules:
        keep = rule.startswith("!")
        pattern = rule.lstrip("!")
        if fnmatch.fnmatch(path, pattern) or fnmatch.fnmatch(os.path.basename(path), pattern):
            return not keep
    return False


def files(source):
    rules = read_rules(source)
    for folder, _, names in os.walk(source):
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), source)
            if path != ".bundleignore" and not ignored(path, rules):
                yield path


def line(source, path):
    with open(os.path.join(source, path), "rb") as file:
        data = file.read()
    return f"{hashlib.sha256(data).hexdigest()}  {len(data)}  {path}"


def main():
    command, source = sys.argv[1:]
    for path in files(source):
        print(path if command == "list" else line(source, path))


if __name__ == "__main__":
    main()
