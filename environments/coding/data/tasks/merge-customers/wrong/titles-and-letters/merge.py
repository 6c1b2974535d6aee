import csv
import re
import sys
import unicodedata

TITLES = {"dr", "prof", "mr", "mrs", "ms"}


def fold(text):
    text = unicodedata.normalize("NFD", text)
    return "".join(c for c in text if unicodedata.category(c) != "Mn").lower()


def name_key(name):
    parts = [p.strip() for p in name.split(",")]
    if len(parts) == 2:
        name = parts[1] + " " + parts[0]
    words = re.findall(r"\w+", fold(name))
    while words and words[0] in TITLES:
        words.pop(0)
    return " ".join(words)


def mail_key(mail):
    m = re.fullmatch(r"([^@+]+)(\+[^@]*)?@([^@]+)", mail.lower())
    if not m:
        return ""
    local, domain = m.group(1), m.group(3)
    if domain in ("pobox.example", "mail.pobox.example"):
        return local.replace(".", "") + "@pobox.example"
    return local + "@" + domain


def phone_key(phone):
    digits = re.sub(r"\D", "", phone)
    return digits[-8:] if len(digits) >= 8 else ""


with open(sys.argv[1], newline="", encoding="utf-8") as f:
    rows = [{k: v.strip() for k, v in r.items()} for r in csv.DictReader(f)]
names = [name_key(r["name"]) for r in rows]
mails = [mail_key(r["email"]) for r in rows]
users = {}
for name, mail in zip(names, mails):
    if name:
        users.setdefault(mail, set()).add(name)

parent = list(range(len(rows)))
taxes = [{r["tax_id"]} - {""} for r in rows]


def find(i):
    while parent[i] != i:
        i = parent[i]
    return i


links = []
for rule in (1, 2, 3):
    index = {}
    for i, r in enumerate(rows):
        key = None
        if rule == 1 and mails[i] and len(users.get(mails[i], ())) <= 2:
            key = mails[i]
        if rule == 2 and phone_key(r["phone"]) and names[i]:
            key = phone_key(r["phone"]), names[i].split()[-1]
        if rule == 3 and names[i] and r["postcode"]:
            key = names[i], r["postcode"].replace(" ", "").upper()
        if key:
            for j in index.setdefault(key, []):
                links.append((rule, j, i))
            index[key].append(i)

for _, i, j in sorted(links):
    a, b = sorted((find(i), find(j)))
    if a != b and len(taxes[a] | taxes[b]) <= 1:
        parent[b] = a
        taxes[a] |= taxes[b]

groups = {}
for i in range(len(rows)):
    groups.setdefault(find(i), []).append(rows[i])

columns = ["id", "name", "email", "phone", "postcode", "tax_id", "updated", "merged"]
out = csv.writer(sys.stdout, lineterminator="\n")
out.writerow(columns)
for first in sorted(groups):
    members = groups[first]
    best = sorted(members, key=lambda r: r["updated"], reverse=True)
    values = [next((r[c] for r in best if r[c]), "") for c in columns[1:-1]]
    out.writerow([members[0]["id"], *values, " ".join(r["id"] for r in members)])
