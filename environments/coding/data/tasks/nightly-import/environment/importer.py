"""Adds the payments of a CSV file to the book; see README.md."""

import csv
import json
import os
import sys
from datetime import datetime


def load(path):
    if not os.path.exists(path):
        return {"payments": []}
    with open(path) as file:
        return json.load(file)


def save(path, book):
    with open(path, "w") as file:
        json.dump(book, file, indent=1)


def main():
    book_path, path = sys.argv[1:]
    book = load(book_path)
    known = [payment["id"] for payment in book["payments"]]
    new, skipped, total = 0, 0, 0.0
    with open(path) as file:
        for number, row in enumerate(csv.DictReader(file), 1):
            try:
                date = datetime.strptime(row["date"], "%Y-%m-%d")
                amount = float(row["amount"])
            except ValueError as error:
                save(book_path, book)
                print(f"line {number}: {error}", file=sys.stderr)
                sys.exit(1)
            if int(row["id"]) in known:
                skipped += 1
                continue
            book["payments"].append({"id": row["id"], "date": f"{date:%Y-%m-%d}", "cents": int(amount * 100)})
            new += 1
            total += int(amount * 100) / 100
    save(book_path, book)
    print(f"{new} new, {skipped} skipped, total {total}")


if __name__ == "__main__":
    main()
