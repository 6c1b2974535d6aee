import json
import re
import sys

args = [a for a in sys.argv[1:] if a != "--json"]
as_json = "--json" in sys.argv[1:]
if len(args) > 1 or (args and args[0].startswith("-")):
    print("usage: difftally.py [--json] [FILE]", file=sys.stderr)
    sys.exit(2)
try:
    data = open(args[0], "rb").read() if args else sys.stdin.buffer.read()
except OSError as e:
    print(e, file=sys.stderr)
    sys.exit(2)


def unquote(path):
    if path.startswith('"') and path.endswith('"'):
        return path[1:-1].encode("latin-1", "replace").decode("unicode_escape").encode("latin-1").decode("utf-8", "replace")
    return path.rstrip("\t")


files = []
current = None
in_hunk = False
for line in data.decode("utf-8", "replace").split("\n"):
    if line.startswith("diff --git "):
        rest = line[len("diff --git "):]
        if rest.startswith('"'):
            name = unquote(re.match(r'"(?:[^"\\]|\\.)*"', rest).group(0))[2:]
        else:
            name = rest[2:(len(rest) - 1) // 2]
        current = {"status": "M", "old": name, "new": name, "added": 0, "removed": 0, "binary": False}
        files.append(current)
        in_hunk = False
    elif current is None:
        continue
    elif line.startswith("@@ "):
        in_hunk = True
    elif line.startswith("new file mode"):
        current["status"] = "A"
    elif line.startswith("deleted file mode"):
        current["status"] = "D"
    elif re.match("(rename|copy) (from|to) ", line) and not in_hunk:
        kind, side, path = line.split(" ", 2)
        current["status"] = kind[0].upper()
        current["old" if side == "from" else "new"] = unquote(path)
    elif line.startswith("--- ") or line.startswith("+++ "):
        continue
    elif line.startswith("Binary files ") or line == "GIT binary patch":
        current["binary"] = True
        in_hunk = False
    elif in_hunk and line.startswith("+"):
        current["added"] += 1
    elif in_hunk and line.startswith("-"):
        current["removed"] += 1

for f in files:
    if f["binary"]:
        f["added"] = f["removed"] = None
if as_json:
    for f in files:
        if f["status"] == "A":
            f["old"] = None
        if f["status"] == "D":
            f["new"] = None
    print(json.dumps(files))
else:
    show = lambda p: json.dumps(p) if re.search("[\x00-\x1f\x7f]", p) else p
    for f in files:
        path = show(f["new"])
        if f["status"] in "RC":
            path = f"{show(f['old'])} => {path}"
        counts = "-\t-" if f["binary"] else f"+{f['added']}\t-{f['removed']}"
        print(f"{f['status']}\t{counts}\t{path}")
    added = sum(f["added"] or 0 for f in files)
    removed = sum(f["removed"] or 0 for f in files)
    print(f"{len(files)} file{'s' if len(files) != 1 else ''}, +{added}, -{removed}")
