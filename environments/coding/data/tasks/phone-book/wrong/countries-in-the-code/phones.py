"""Brings the phone numbers of a contact list into one style."""

import csv
import re
import sys

EXTENSION = re.compile(r"\s*(?:ext\.?|x|#)\s*([0-9]{1,6})\s*$", re.IGNORECASE)
PLANS = [
    ("DE", "49", "0", 6, 11),
    ("GB", "44", "0", 9, 10),
    ("US", "1", "1", 10, 10),
    ("IT", "39", "", 6, 11),
    ("HU", "36", "06", 8, 9),
]
FILLERS = re.compile(r"[ \t\u00a0.\-/()]")


def read(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def split_extension(text):
    found = EXTENSION.search(text)
    return (text[: found.start()], found.group(1)) if found else (text, "")


def national_number(number, home, countries):
    """Country and national number, or None and the status."""
    number = number.strip()
    international = number.startswith(("+", "00"))
    if international:
        number = number[1:] if number.startswith("+") else number[2:]
        number = number.replace("(0)", "")
    digits = FILLERS.sub("", number)
    if not re.fullmatch("[0-9]*", digits):
        return None, "bad-character"
    if international:
        for country in countries.values():
            if digits.startswith(country["calling_code"]):
                return country, digits[len(country["calling_code"]) :]
        return None, "unknown-country"
    country = countries.get(home.strip().upper())
    if country is None:
        return None, "unknown-country"
    return country, digits.removeprefix(country["trunk_prefix"])


def normalise(contact, countries):
    number, extension = split_extension(contact["phone"])
    if not number.strip():
        return "", "", "missing"
    country, rest = national_number(number, contact["country"], countries)
    if country is None:
        return "", "", rest
    if not int(country["min_digits"]) <= len(rest) <= int(country["max_digits"]):
        return "", "", "bad-length"
    return f"+{country['calling_code']}{rest}", extension, "ok"


def main():
    countries = {
        name: {"calling_code": code, "trunk_prefix": trunk, "min_digits": least, "max_digits": most}
        for name, code, trunk, least, most in PLANS
    }
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["id", "phone", "extension", "status"])
    for contact in read(sys.argv[2]):
        writer.writerow([contact["id"], *normalise(contact, countries)])


main()
