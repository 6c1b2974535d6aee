import argparse
import os
import sys

parser = argparse.ArgumentParser()
parser.add_argument("-d", type=int, default=None)
parser.add_argument("-s", action="store_true")
parser.add_argument("file", nargs="?")
args = parser.parse_args()
if args.d is not None and args.d < 1:
    parser.error("DEPTH must be at least 1")
try:
    text = open(args.file, encoding="utf-8").read() if args.file else sys.stdin.read()
except OSError as e:
    parser.error(str(e))

root = {}
for number, line in enumerate(text.splitlines(), 1):
    if not line.strip():
        continue
    size = 0
    if args.s:
        number_text, _, line = line.partition("\t")
        if not number_text.isdigit() or not line:
            print(f"line {number}: no size", file=sys.stderr)
            sys.exit(1)
        size = int(number_text)
    if ".." in line.split("/"):
        print(f"line {number}: .. in path", file=sys.stderr)
        sys.exit(1)
    is_dir = line.endswith("/")
    parts = [p for p in line.split("/") if p not in ("", ".")]
    node = root
    for i, part in enumerate(parts):
        if i < len(parts) - 1 or is_dir:
            if not isinstance(node.get(part), dict):
                node[part] = {}
            node = node[part]
        else:
            node[part] = size


def total(node):
    return node if isinstance(node, int) else sum(total(child) for child in node.values())


def name_of(name, node):
    return f"[{total(node)}] {name}" if args.s else name


dirs = files = 0


def show(node, prefix, level):
    global dirs, files
    names = sorted(node, key=lambda n: (not isinstance(node[n], dict), n))
    for i, name in enumerate(names):
        last = i == len(names) - 1
        if args.d is None or level <= args.d:
            print(prefix + ("└── " if last else "├── ") + name_of(name, node[name]))
        if isinstance(node[name], dict):
            dirs += 1
            show(node[name], prefix + ("    " if last else "│   "), level + 1)
        else:
            files += 1


print(name_of(".", root))
show(root, "", 1)
print()
print(f"{dirs} director{'y' if dirs == 1 else 'ies'}, {files} file{'' if files == 1 else 's'}")
