import argparse
import csv
import re
from datetime import date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext

parser = argparse.ArgumentParser()
parser.add_argument("--totals", action="store_true")
parser.add_argument("orders")
parser.add_argument("rates")
args = parser.parse_args()

rates = {}
with open(args.rates, encoding="utf-8-sig") as f:
    for row in csv.DictReader(line for line in f if not line.startswith("#")):
        try:
            rate = Decimal(row["rate"])
        except InvalidOperation:
            continue
        if rate > 0:
            rates[row["currency"].upper(), row["date"]] = rate


def order_date(text):
    text = text.strip()
    if "T" in text:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError(text)
        return moment.astimezone(timezone.utc).date()
    if re.fullmatch(r"\d\d\.\d\d\.\d{4}", text):
        return datetime.strptime(text, "%d.%m.%Y").date()
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise ValueError(text)
    return date.fromisoformat(text)


def order_amount(text):
    text = "".join(text.split())
    sign = 1
    if text.startswith("-"):
        sign, text = -1, text[1:]
    elif text.startswith("(") and text.endswith(")"):
        sign, text = -1, text[1:-1]
    if not re.fullmatch(r"[0-9.,]+", text) or not re.search("[0-9]", text):
        raise ValueError(text)
    if "," in text and "." in text:
        thousands = "," if text.rfind(",") < text.rfind(".") else "."
        text = text.replace(thousands, "")
    text = text.replace(",", ".")
    if text.count(".") > 1:
        text = text.replace(".", "")
    return sign * Decimal(text)


def convert(order):
    try:
        day = order_date(order["placed"])
        amount = order_amount(order["amount"])
    except (ValueError, InvalidOperation):
        return None, None, None, "invalid"
    currency = order["currency"].strip().upper()
    if not currency:
        return None, None, None, "invalid"
    if currency in ("GBX", "ZAC"):
        amount, currency = amount / 100, {"GBX": "GBP", "ZAC": "ZAR"}[currency]
    rate_day, rate = day, Decimal(1)
    if currency != "EUR":
        for age in range(8):
            rate_day = day - timedelta(days=age)
            if (currency, str(rate_day)) in rates:
                rate = rates[currency, str(rate_day)]
                break
        else:
            return day, None, None, "no-rate"
    with localcontext() as context:
        context.prec = 50
        value = (amount / rate).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return day, value + 0, rate_day, "ok"


with open(args.orders, encoding="utf-8-sig", newline="") as f:
    results = [(order["order"], *convert(order)) for order in csv.DictReader(f)]
if args.totals:
    print("month,orders,eur")
    months = {}
    for _, day, value, _, status in results:
        if status == "ok":
            count, total = months.get(str(day)[:7], (0, Decimal(0)))
            months[str(day)[:7]] = count + 1, total + value
    for month, (count, total) in sorted(months.items()):
        print(f"{month},{count},{total:.2f}")
else:
    print("order,date,eur,rate_date,status")
    for name, day, value, rate_day, status in results:
        print(name, day or "", "" if value is None else f"{value:.2f}", rate_day or "", status, sep=",")
