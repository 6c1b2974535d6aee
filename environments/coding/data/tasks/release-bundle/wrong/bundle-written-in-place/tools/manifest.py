"""The files of a bundle: which they are, and their check sums."""

import fnmatch
import hashlib
import os
import sys


def read_rules(source):
    """(pattern, whether it is for folders only, whether it keeps) of each line."""
    path = os.path.join(source, ".bundleignore")
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8", errors="surrogateescape", newline="\n") as file:
        lines = [line.rstrip("\n") for line in file]
    rules = []
    for line in lines:
        if line and not line.startswith("#"):
            pattern = line.removeprefix("!")
            rules.append((pattern.removesuffix("/"), pattern.endswith("/"), line.startswith("!")))
    return rules


def matches(path, pattern, folders_only):
    parts = path.split("/")
    lengths = range(1, len(parts) + (0 if folders_only else 1))
    if "/" not in pattern:
        return any(fnmatch.fnmatchcase(parts[length - 1], pattern) for length in lengths)
    if not folders_only:
        return fnmatch.fnmatchcase(path, pattern)
    return any(fnmatch.fnmatchcase("/".join(parts[:length]), pattern) for length in lengths)


def ignored(path, rules):
    result = False
    for pattern, folders_only, keeps in rules:
        if matches(path, pattern, folders_only):
            result = not keeps
    return result


def stop(error):
    raise error


def files(source):
    """Paths of the regular files that are packed, sorted as bytes."""
    rules = read_rules(source)
    found = []
    for folder, _, names in os.walk(source, onerror=stop):
        for name in names:
            full = os.path.join(folder, name)
            path = os.path.relpath(full, source)
            if os.path.isfile(full) and not os.path.islink(full) and path != ".bundleignore" and not ignored(path, rules):
                found.append(path)
    return sorted(found, key=os.fsencode)


def escape(path):
    return path.replace("\\", "\\\\").replace("\n", "\\n")


def line(source, path):
    with open(os.path.join(source, path), "rb") as file:
        data = file.read()
    return f"{hashlib.sha256(data).hexdigest()}  {len(data)}  {escape(path)}"


def main():
    command, source = sys.argv[1:]
    for path in files(source):
        text = f"{path}\0" if command == "list" else f"{line(source, path)}\n"
        sys.stdout.buffer.write(os.fsencode(text))


if __name__ == "__main__":
    main()
