import csv
import re
import sys
from datetime import date, datetime


def key(ref):
    return re.sub(r"[\W_]", "", ref.upper()).lstrip("0")


def load_bank(path):
    bank, control = [], []
    for line in open(path, encoding="utf-8"):
        line = line.rstrip()
        if line[:1] == "D":
            sign = -1 if line[21] == "D" else 1
            bank.append({
                "no": len(bank) + 1,
                "date": datetime.strptime(line[1:9], "%Y%m%d").date(),
                "cents": sign * int(line[9:21]),
                "ref": key(line[22:34]),
                "match": None,
            })
        elif line[:1] == "T":
            control.append((int(line[1:7]), (-1 if line[19] == "D" else 1) * int(line[7:19])))
    if control != [(len(bank), sum(b["cents"] for b in bank))]:
        sys.stderr.write("control record does not agree\n")
        sys.exit(3)
    return bank


def load_book(path):
    with open(path, newline="", encoding="utf-8") as f:
        return [
            {
                "id": r["id"],
                "date": date.fromisoformat(r["date"]),
                "cents": int(float(r["amount"]) * 100),
                "ref": key(r["reference"]),
                "batch": r["batch"],
                "used": False,
            }
            for r in csv.DictReader(f)
        ]


def gap(a, b):
    return abs((a["date"] - b["date"]).days)


def take(step, entry, items):
    entry["match"] = (step, items)
    for item in items:
        item["used"] = True


bank = load_bank(sys.argv[1])
book = load_book(sys.argv[2])

for b in bank:
    options = [k for k in book if not k["used"] and b["ref"] and k["ref"] == b["ref"] and k["cents"] == b["cents"] and gap(b, k) <= 10]
    if options:
        take("reference", b, [min(options, key=lambda k: gap(b, k))])

for b in bank:
    if b["match"]:
        continue
    batches = {}
    for k in book:
        if k["batch"] and not k["used"]:
            batches.setdefault(k["batch"], []).append(k)
    options = []
    for name, items in sorted(batches.items()):
        if len(items) > 1 and sum(k["cents"] for k in items) == b["cents"]:
            if all(0 <= (b["date"] - k["date"]).days <= 5 for k in items):
                options.append((max(k["date"] for k in items), items))
    if options:
        latest = max(o[0] for o in options)
        take("batch", b, next(items for day, items in options if day == latest))


def unique_best(a, others):
    options = [
        o for o in others
        if o["cents"] == a["cents"] and gap(a, o) <= 3 and (not a["ref"] or not o["ref"] or a["ref"] == o["ref"])
    ]
    options.sort(key=lambda o: gap(a, o))
    if options and (len(options) == 1 or gap(a, options[0]) < gap(a, options[1])):
        return options[0]
    return None


while True:
    left_bank = [b for b in bank if not b["match"]]
    left_book = [k for k in book if not k["used"]]
    pairs = []
    for b in left_bank:
        k = unique_best(b, left_book)
        if k is not None and unique_best(k, left_bank) is b:
            pairs.append((b, k))
    if not pairs:
        break
    for b, k in pairs:
        take("amount", b, [k])

print("step,statement,book,days")
status = 0
for b in bank:
    if b["match"]:
        step, items = b["match"]
        days = (max(k["date"] for k in items) - b["date"]).days
        print(f"{step},{b['no']},{' '.join(k['id'] for k in items)},{days}")
    else:
        status = 1
        print(f"open,{b['no']},,")
for k in book:
    if not k["used"]:
        status = 1
        print(f"open,,{k['id']},")
sys.exit(status)
