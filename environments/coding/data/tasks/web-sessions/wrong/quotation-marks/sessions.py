import json
import re
import sys
from datetime import datetime, timezone

gap = 30
logs = sys.argv[1:]
if logs and logs[0] == "--gap":
    gap = int(logs[1])
    logs = logs[2:]

pattern = re.compile(r'^(\S+) \S+ \S+ \[([^\]]+)\] "([^"]*)" (\d{3}) (\d+|-) "([^"]*)" "([^"]*)"$')
broken = 0
hits = []
for name in logs:
    try:
        lines = open(name, encoding="utf-8", errors="replace").read().splitlines()
    except OSError as e:
        print(f"cannot read {name}: {e}", file=sys.stderr)
        sys.exit(2)
    for line in lines:
        if not line.strip():
            continue
        m = pattern.match(line)
        request = m and m.group(3).split(" ")
        if not m or len(request) != 3 or not request[1].startswith("/") or not request[2].startswith("HTTP/"):
            broken += 1
            continue
        try:
            when = datetime.strptime(m.group(2), "%d/%b/%Y:%H:%M:%S %z").astimezone(timezone.utc)
        except ValueError:
            broken += 1
            continue
        path = request[1].split("?")[0].split("#")[0]
        status = int(m.group(4))
        agent = m.group(7)
        if request[0] != "GET" or not (200 <= status < 300 or status == 304):
            continue
        if re.search(r"\.(css|js|png|jpg|svg|ico|woff2)$", path, re.I) or re.search("bot|crawler|spider", agent, re.I):
            continue
        hits.append((when, m.group(1), agent, path))

sessions = []
last = {}
for when, address, agent, path in sorted(hits, key=lambda h: h[0]):
    s = last.get((address, agent))
    if s and (when - s["last"]).total_seconds() <= gap * 60 and when.date() == s["last"].date():
        s["paths"].append(path)
        s["last"] = when
    else:
        s = {"first": when, "last": when, "address": address, "agent": agent, "paths": [path]}
        last[address, agent] = s
        sessions.append(s)

for s in sorted(sessions, key=lambda s: (s["first"], s["address"], s["agent"])):
    print(json.dumps({
        "address": s["address"],
        "agent": s["agent"],
        "start": s["first"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        "end": s["last"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        "hits": len(s["paths"]),
        "pages": list(dict.fromkeys(s["paths"])),
        "entry": s["paths"][0],
        "exit": s["paths"][-1],
    }))
if broken:
    print(f"{broken} broken lines", file=sys.stderr)
