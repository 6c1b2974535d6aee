"""Compares a bundle with its manifest; see docs/bundle.md."""

import hashlib
import os
import re
import sys
import tarfile
import zlib

LINE = re.compile(r"([0-9a-f]{64})  ([0-9]+)  ((?:[^\\\n]|\\\\|\\n)+)")


class NoBundle(Exception):
    pass


def escape(path):
    return path.replace("\\", "\\\\").replace("\n", "\\n")


def parse(text):
    """(check sum, size) by escaped path."""
    lines = text.split("\n")
    if lines.pop():
        raise NoBundle("MANIFEST does not end with a line feed")
    listed = {}
    for line in lines:
        found = LINE.fullmatch(line)
        if not found or found[3] in listed:
            raise NoBundle("MANIFEST is not of the right form")
        listed[found[3]] = found[1], int(found[2])
    return listed


def read(path):
    """Contents by path within the bundle's folder, None for what is no regular file."""
    contents, folders = {}, set()
    with tarfile.open(path) as archive:
        for member in archive:
            folder, _, inner = member.name.partition("/")
            folders.add(folder)
            if not inner and not member.isdir():
                raise NoBundle(f"{member.name} is outside of the bundle's folder")
            if inner and not member.isdir():
                contents[inner] = archive.extractfile(member).read() if member.isreg() else None
    if len(folders) != 1 or folders & {"", ".", ".."}:
        raise NoBundle("the members are not in one folder")
    return contents


def problems(contents):
    manifest = contents.pop("MANIFEST", None)
    if manifest is None:
        raise NoBundle("there is no MANIFEST")
    listed = parse(os.fsdecode(manifest))
    there = {escape(path): data for path, data in contents.items()}
    for path, (digest, size) in listed.items():
        if there.get(path) is None:
            yield f"missing: {path}"
        elif len(there[path]) != size or hashlib.sha256(there[path]).hexdigest() != digest:
            yield f"changed: {path}"
    for path, data in there.items():
        if path not in listed or data is None:
            yield f"extra: {path}"


def main():
    if len(sys.argv) != 2:
        print("usage: verify.py ARCHIVE", file=sys.stderr)
        return 2
    try:
        contents = read(sys.argv[1])
        found = sorted(problems(contents), key=os.fsencode)
    except (NoBundle, OSError, EOFError, zlib.error, tarfile.TarError) as error:
        print(f"{sys.argv[1]}: {error}", file=sys.stderr)
        return 2
    lines = found or [f"ok: {len(contents)} files"]
    sys.stdout.buffer.write(os.fsencode("".join(f"{line}\n" for line in lines)))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
