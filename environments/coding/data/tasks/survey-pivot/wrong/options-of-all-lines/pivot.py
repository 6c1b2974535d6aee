import csv
import json
import sys
from collections import OrderedDict


def fmt(value):
    if value is True:
        return "yes"
    if value is False:
        return "no"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value).strip()


people = OrderedDict()
multi = {}
plain = set()
skipped = 0
for raw in sys.stdin:
    raw = raw.strip()
    if not raw:
        continue
    try:
        rec = json.loads(raw)
        who, question, at, answer = rec["respondent"], rec["question"], rec["at"], rec["answer"]
    except (ValueError, KeyError, TypeError):
        skipped += 1
        continue
    answers = people.setdefault(who, {})
    if isinstance(answer, list):
        multi.setdefault(question, set()).update(o.strip() for o in answer)
    if answer is not None:
        plain.add(question)
    if question in answers and answers[question][0] > at:
        continue
    answers[question] = (at, answer)

for who in people:
    for question, (at, answer) in people[who].items():
        if question in multi and isinstance(answer, str):
            multi[question].add(answer.strip())

header = []
for question in sorted(plain, key=lambda q: int(q[1:])):
    if question in multi:
        header.extend((question, option) for option in sorted(multi[question]))
    else:
        header.append((question, None))

out = csv.writer(sys.stdout, lineterminator="\n")
out.writerow(["respondent"] + [q if o is None else f"{q}:{o}" for q, o in header])
for who, answers in people.items():
    row = [who]
    for question, option in header:
        answer = answers.get(question, (None, None))[1]
        if answer is None:
            row.append("")
        elif option is None:
            row.append(fmt(answer))
        else:
            chosen = [answer] if isinstance(answer, str) else answer
            row.append("1" if option in [c.strip() for c in chosen] else "0")
    out.writerow(row)
if skipped:
    print(f"skipped {skipped} lines", file=sys.stderr)
