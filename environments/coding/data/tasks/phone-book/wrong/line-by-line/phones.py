import csv
import re
import sys


def load(path):
    rows = []
    with open(path, encoding="utf-8-sig") as f:
        header = next(f).strip().split(",")
        for line in f:
            if line.strip():
                rows.append(dict(zip(header, next(csv.reader([line])))))
    return rows


def clean(phone, home, plans):
    m = re.match(r"^(.*?)\s*(?:ext\.?|x|#)\s*(\d{1,6})\s*$", phone, re.I | re.S)
    ext = ""
    if m:
        phone, ext = m.group(1), m.group(2)
    phone = phone.strip()
    if not phone:
        return ["", "", "missing"]
    if phone.startswith("00"):
        phone = "+" + phone[2:]
    if phone.startswith("+"):
        phone = phone.replace("(0)", "")
    phone = re.sub(r"[\s./()-]", "", phone)
    if not re.fullmatch(r"\+?[0-9]*", phone):
        return ["", "", "bad-character"]
    plan = None
    if phone.startswith("+"):
        for p in plans.values():
            if phone[1:].startswith(p["calling_code"]):
                plan, rest = p, phone[1 + len(p["calling_code"]):]
    else:
        plan = plans.get(home.upper())
        if plan:
            rest = phone
            if plan["trunk_prefix"] and rest.startswith(plan["trunk_prefix"]):
                rest = rest[len(plan["trunk_prefix"]):]
    if plan is None:
        return ["", "", "unknown-country"]
    if len(rest) < int(plan["min_digits"]) or len(rest) > int(plan["max_digits"]):
        return ["", "", "bad-length"]
    return ["+" + plan["calling_code"] + rest, ext, "ok"]


plans = {row["country"]: row for row in load(sys.argv[1])}
print("id,phone,extension,status")
for row in load(sys.argv[2]):
    if "phone" in row and "country" in row:
        print(",".join([row["id"], *clean(row["phone"], row["country"], plans)]))
