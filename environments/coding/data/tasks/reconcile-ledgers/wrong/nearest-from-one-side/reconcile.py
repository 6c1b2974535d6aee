"""Matches the entries of a bank statement with those of the books."""

import csv
import re
import sys
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


class ControlError(Exception):
    """The control record of the statement does not agree with its entries."""


@dataclass(eq=False)
class Entry:
    name: str
    day: date
    cents: int
    reference: str
    batch: str = ""
    step: str = "open"
    partners: tuple = ()

    @property
    def open(self):
        return self.step == "open"


def reference_key(text):
    return re.sub("[^A-Z0-9]", "", text.upper()).lstrip("0")


def signed(cents, sign):
    return -int(cents) if sign == "D" else int(cents)


def read_statement(path):
    entries, controls = [], []
    with open(path, encoding="utf-8", newline="") as file:
        for line in file.read().split("\n"):
            line = line.rstrip("\r")
            if line.startswith("D"):
                day = date(int(line[1:5]), int(line[5:7]), int(line[7:9]))
                cents = signed(line[9:21], line[21])
                entries.append(Entry(str(len(entries) + 1), day, cents, reference_key(line[22:34])))
            elif line.startswith("T"):
                controls.append((int(line[1:7]), signed(line[7:19], line[19])))
    if len(controls) != 1:
        raise ControlError(f"{len(controls)} control records in the statement, expected 1")
    if controls[0] != (len(entries), sum(entry.cents for entry in entries)):
        raise ControlError("the control record does not agree with the entries of the statement")
    return entries


def read_book(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return [
            Entry(
                row["id"],
                date.fromisoformat(row["date"]),
                int(Decimal(row["amount"]) * 100),
                reference_key(row["reference"]),
                row["batch"],
            )
            for row in csv.DictReader(file)
        ]


def distance(one, other):
    return abs((one.day - other.day).days)


def match(step, entry, partners):
    entry.step, entry.partners = step, tuple(partners)
    for partner in partners:
        partner.step = step


def by_reference(statement, book):
    for entry in statement:
        fitting = [
            other
            for other in book
            if other.open
            and entry.reference
            and (other.reference, other.cents) == (entry.reference, entry.cents)
            and distance(entry, other) <= 10
        ]
        if fitting:
            match("reference", entry, [min(fitting, key=lambda other: distance(entry, other))])


def by_batch(statement, book):
    for entry in statement:
        if not entry.open:
            continue
        batches = {}
        for other in book:
            if other.open and other.batch:
                batches.setdefault(other.batch, []).append(other)
        fitting = {
            name: members
            for name, members in batches.items()
            if len(members) >= 2
            and sum(member.cents for member in members) == entry.cents
            and all(0 <= (entry.day - member.day).days <= 5 for member in members)
        }
        if fitting:
            latest = {name: max(member.day for member in members) for name, members in fitting.items()}
            best = min(fitting, key=lambda name: (-latest[name].toordinal(), name))
            match("batch", entry, fitting[best])


def candidates(entry, others):
    return [
        other
        for other in others
        if other.open
        and other.cents == entry.cents
        and distance(entry, other) <= 3
        and not (entry.reference and other.reference and entry.reference != other.reference)
    ]


def nearest(entry, others):
    """The candidate strictly nearer than all others, or None."""
    ranked = sorted(candidates(entry, others), key=lambda other: distance(entry, other))
    if not ranked or (len(ranked) > 1 and distance(entry, ranked[0]) == distance(entry, ranked[1])):
        return None
    return ranked[0]


def by_amount(statement, book):
    while True:
        pairs = []
        for entry in statement:
            if entry.open:
                other = nearest(entry, book)
                if other:
                    pairs.append((entry, other))
        if not pairs:
            return
        for entry, other in sorted(pairs, key=lambda pair: distance(*pair)):
            if other.open:
                match("amount", entry, [other])


def main():
    try:
        statement = read_statement(sys.argv[1])
    except ControlError as error:
        print(error, file=sys.stderr)
        return 3
    book = read_book(sys.argv[2])
    by_reference(statement, book)
    by_batch(statement, book)
    by_amount(statement, book)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["step", "statement", "book", "days"])
    for entry in statement:
        days = max(((other.day - entry.day).days for other in entry.partners), default="")
        writer.writerow([entry.step, entry.name, " ".join(other.name for other in entry.partners), days])
    left = [entry for entry in book if entry.open]
    writer.writerows(["open", "", entry.name, ""] for entry in left)
    return 1 if left or any(entry.open for entry in statement) else 0


sys.exit(main())
