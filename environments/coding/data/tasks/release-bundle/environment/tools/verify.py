"""Compares a bundle with its manifest; see docs/bundle.md."""

import hashlib
import sys
import tarfile


def main():
    with tarfile.open(sys.argv[1]) as archive:
        folder = archive.getnames()[0].split("/")[0]
        manifest = archive.extractfile(f"{folder}/MANIFEST").read().decode()
        count = 0
        problems = []
        for line in manifest.splitlines():
            digest, size, path = line.split()
            count += 1
            try:
                data = archive.extractfile(f"{folder}/{path}").read()
            except KeyError:
                problems.append(f"missing: {path}")
                continue
            if len(data) != int(size) and hashlib.sha256(data).hexdigest() != digest:
                problems.append(f"changed: {path}")
    for problem in problems:
        print(problem)
    if problems:
        sys.exit(1)
    print(f"ok: {count} files")


if __name__ == "__main__":
    main()
