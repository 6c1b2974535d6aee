"""Merges customer records that belong together."""

import csv
import re
import sys
import unicodedata
from collections import defaultdict

FIELDS = ("name", "email", "phone", "postcode", "tax_id")
COLUMNS = ("id", *FIELDS, "updated", "merged")
TITLES = {"dr", "prof", "mr", "mrs", "ms"}
POBOX = {"pobox.example", "mail.pobox.example"}


def name_key(name):
    if name.count(",") == 1:
        surname, first = name.split(",")
        name = f"{first} {surname}"
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))
    words = re.sub("[-.]", " ", plain.casefold()).split()
    return " ".join(word for word in words if word not in TITLES)


def mail_key(address):
    address = address.casefold()
    if address.count("@") != 1:
        return ""
    local, domain = address.split("@")
    local = local.split("+")[0]
    if domain in POBOX:
        local, domain = local.replace(".", ""), "pobox.example"
    return f"{local}@{domain}"


def phone_key(phone):
    digits = re.sub("[^0-9]", "", phone)
    return digits[-8:] if len(digits) >= 8 else ""


def rule_keys(rows):
    """For each rule the key of each row, None where it has none."""
    names = [name_key(row["name"]) for row in rows]
    mails = [mail_key(row["email"]) for row in rows]
    users = defaultdict(set)
    for name, mail in zip(names, mails):
        if name:
            users[mail].add(name)
    yield [mail if mail and len(users[mail]) <= 2 else None for mail in mails]
    phones = [phone_key(row["phone"]) for row in rows]
    yield [(phone, name.split()[-1]) if phone and name else None for phone, name in zip(phones, names)]
    posts = ["".join(row["postcode"].split()).upper() for row in rows]
    yield [(name, post) if name and post else None for name, post in zip(names, posts)]


class Groups:
    """Rows in groups, each with one tax id at most."""

    def __init__(self, tax_ids):
        self.parent = list(range(len(tax_ids)))
        self.tax = list(tax_ids)

    def find(self, row):
        while self.parent[row] != row:
            self.parent[row] = self.parent[self.parent[row]]
            row = self.parent[row]
        return row

    def link(self, one, other):
        one, other = sorted((self.find(one), self.find(other)))
        if one == other or (self.tax[one] and self.tax[other] and self.tax[one] != self.tax[other]):
            return
        self.parent[other] = one


def group(rows):
    groups = Groups([row["tax_id"] for row in rows])
    for keys in rule_keys(rows):
        same = defaultdict(list)
        for row, key in enumerate(keys):
            if key is not None:
                same[key].append(row)
        later = {row: members[place + 1 :] for members in same.values() for place, row in enumerate(members)}
        for row in sorted(later):
            for other in later[row]:
                groups.link(row, other)
    members = defaultdict(list)
    for row in range(len(rows)):
        members[groups.find(row)].append(row)
    return [members[first] for first in sorted(members)]


def merge(rows):
    merged = {"id": rows[0]["id"], "updated": max(row["updated"] for row in rows)}
    for field in FIELDS:
        filled = [row for row in rows if row[field]]
        merged[field] = max(filled, key=lambda row: row["updated"])[field] if filled else ""
    merged["merged"] = " ".join(row["id"] for row in rows)
    return merged


def main():
    with open(sys.argv[1], encoding="utf-8-sig", newline="") as file:
        rows = [{name: row[name].strip() for name in COLUMNS[:-1]} for row in csv.DictReader(file)]
    sys.stdout.reconfigure(encoding="utf-8", newline="")
    writer = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for members in group(rows):
        writer.writerow(merge([rows[row] for row in members]))


main()
