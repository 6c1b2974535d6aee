"""Adds the payments of a CSV file to the book; see README.md."""

import csv
import json
import os
import re
import sys
import tempfile
from datetime import date


class Refused(Exception):
    """Why a file is not imported."""


def load(path):
    if not os.path.exists(path):
        return {"payments": []}
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def save(path, book):
    handle, new = tempfile.mkstemp(dir=os.path.dirname(path) or ".", prefix=".book-")
    try:
        with open(handle, "w", encoding="utf-8") as file:
            json.dump(book, file, indent=1)
        os.chmod(new, os.stat(path).st_mode & 0o777 if os.path.exists(path) else 0o644)
        os.replace(new, path)
    except BaseException:
        os.unlink(new)
        raise


def parse_date(text):
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError(f"{text!r} is no date")
    return date.fromisoformat(text).isoformat()


def parse_cents(text):
    found = re.fullmatch(r"([+-]?)([0-9]+)(?:\.([0-9]{1,2}))?", text)
    if not found:
        raise ValueError(f"{text!r} is no amount")
    cents = int(found[2]) * 100 + int((found[3] or "").ljust(2, "0"))
    return -cents if found[1] == "-" else cents


def parse(row):
    if None in (row["id"], row["date"], row["amount"]):
        raise ValueError("too few fields")
    if not row["id"].strip():
        raise ValueError("the id is empty")
    return {"id": row["id"].strip(), "date": parse_date(row["date"].strip()), "cents": parse_cents(row["amount"].strip())}


def read(path):
    """Payments with the number of the line in which they end."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        reader.fieldnames = [name.strip() for name in reader.fieldnames or []]
        for name in ("id", "date", "amount"):
            if name not in reader.fieldnames:
                raise Refused(f"line 1: there is no column {name}")
        for row in reader:
            if any(value for value in row.values()):
                try:
                    yield reader.line_num, parse(row)
                except ValueError as error:
                    raise Refused(f"line {reader.line_num}: {error}") from None


def show(cents):
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"


def add(book, path):
    """Put the new payments into the book; returns these, and how many were skipped."""
    known = {payment["id"]: payment for payment in book["payments"]}
    added, skipped = [], 0
    for line, payment in read(path):
        before = known.setdefault(payment["id"], payment)
        if before is payment:
            added.append(payment)
        elif (before["date"], before["cents"]) != (payment["date"], payment["cents"]):
            raise Refused(f"line {line}: {payment['id']} is known with another date or amount")
        else:
            skipped += 1
    book["payments"] += added
    return added, skipped


def main():
    book_path, path = sys.argv[1:]
    try:
        book = load(book_path)
        added, skipped = add(book, path)
    except Refused as error:
        print(error, file=sys.stderr)
        return 1
    except (OSError, ValueError) as error:
        print(f"cannot be read: {error}", file=sys.stderr)
        return 1
    save(book_path, book)
    print(f"{len(added)} new, {skipped} skipped, total {show(sum(payment['cents'] for payment in added))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
