"""Converts orders to euro at the rate of their day."""

import csv
import re
import sys
from bisect import bisect_right
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from fractions import Fraction

HUNDREDTHS = {"GBX": "GBP", "ZAC": "ZAR"}
OLDEST = timedelta(days=7)
STAMP = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}:[0-9]{2})(Z|[+-][0-9]{2}:?[0-9]{2})")


def rows(path, comments=False):
    with open(path, encoding="utf-8-sig", newline="") as file:
        lines = (line for line in file if not (comments and line.startswith("#")))
        yield from csv.DictReader(lines)


def load_rates(path):
    """Per currency a sorted list of dates and a dictionary of rates by date."""
    found = {}
    for row in rows(path, comments=True):
        try:
            rate = Decimal(row["rate"].strip())
        except InvalidOperation:
            continue
        if rate.is_finite() and rate > 0:
            found.setdefault(row["currency"].strip().upper(), {})[date.fromisoformat(row["date"].strip())] = rate
    return {currency: (sorted(by_date), by_date) for currency, by_date in found.items()}


def parse_date(text):
    """Date in UTC; ValueError if there is none."""
    text = text.strip()
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return date.fromisoformat(text)
    if re.fullmatch(r"[0-9]{2}\.[0-9]{2}\.[0-9]{4}", text):
        return date(int(text[6:]), int(text[3:5]), int(text[:2]))
    stamp = STAMP.fullmatch(text)
    if not stamp:
        raise ValueError(text)
    moment = datetime.fromisoformat(f"{stamp[1]}T{stamp[2]}")
    if stamp[3] == "Z":
        return moment.date()
    hours, minutes = int(stamp[3][1:3]), int(stamp[3][-2:])
    if hours > 23 or minutes > 59:
        raise ValueError(text)
    offset = timedelta(hours=hours, minutes=minutes)
    zone = timezone(-offset if stamp[3][0] == "-" else offset)
    return moment.replace(tzinfo=zone).astimezone(timezone.utc).date()


def parse_amount(text):
    text = re.sub(r"\s", "", text)
    negative = False
    if text.startswith("(") and text.endswith(")"):
        negative, text = True, text[1:-1]
    elif text.startswith("-"):
        negative, text = True, text[1:]
    if not re.fullmatch(r"[0-9.,]*[0-9][0-9.,]*", text):
        raise ValueError(text)
    decimals = re.search(r"[.,]([0-9]{1,2})$", text)
    whole = text[: decimals.start()] if decimals else text
    number = Fraction(re.sub("[.,]", "", whole) or "0")
    if decimals:
        number += Fraction(int(decimals[1]), 10 ** len(decimals[1]))
    return -number if negative else number


def cents(amount):
    """Cents of an exact amount, halves away from zero."""
    whole = (2 * abs(amount) * 100 + 1) // 2
    return -whole if amount < 0 else whole


def money(value):
    sign = "-" if value < 0 else ""
    return f"{sign}{abs(value) // 100}.{abs(value) % 100:02}"


def convert(order, rates):
    """Date, cents, date of the rate and status."""
    try:
        day, amount = parse_date(order["placed"]), parse_amount(order["amount"])
    except ValueError:
        return None, None, None, "invalid"
    currency = order["currency"].strip().upper()
    if not currency:
        return None, None, None, "invalid"
    if currency in HUNDREDTHS:
        currency, amount = HUNDREDTHS[currency], amount / 100
    if currency == "EUR":
        return day, cents(amount), day, "ok"
    days, by_date = rates.get(currency, ([], {}))
    place = bisect_right(days, day)
    if place == 0 or day - days[place - 1] > OLDEST:
        return day, None, None, "no-rate"
    return day, cents(amount / Fraction(by_date[days[place - 1]])), days[place - 1], "ok"


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--totals"]
    rates = load_rates(arguments[1])
    results = [(order["order"], *convert(order, rates)) for order in rows(arguments[0])]
    writer = csv.writer(sys.stdout, lineterminator="\n")
    if "--totals" not in sys.argv[1:]:
        writer.writerow(["order", "date", "eur", "rate_date", "status"])
        for name, day, value, rate_day, status in results:
            writer.writerow([name, day or "", "" if value is None else money(value), rate_day or "", status])
        return
    months = {}
    for _, day, value, _, status in results:
        if status == "ok":
            months.setdefault(day.isoformat()[:7], []).append(value)
    writer.writerow(["month", "orders", "eur"])
    for month in sorted(months):
        writer.writerow([month, len(months[month]), money(sum(months[month]))])


main()
