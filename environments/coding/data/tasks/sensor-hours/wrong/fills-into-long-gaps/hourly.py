import csv
import json
import sys
from datetime import datetime, timedelta, timezone

UNITS = {"C": "temperature", "F": "temperature", "K": "temperature", "hPa": "pressure", "kPa": "pressure", "mmHg": "pressure"}


def convert(value, unit):
    if unit == "F":
        return (value - 32) * 5 / 9
    if unit == "K":
        return value - 273.15
    if unit == "kPa":
        return value * 10
    if unit == "mmHg":
        return value * 1.33322387415
    return value


def to_number(value):
    if isinstance(value, str):
        text = value.strip().replace(",", ".")
        if not text.lstrip("+-").replace(".", "", 1).isdigit():
            return None
        value = float(text)
    return None if value == -999 else value


def main():
    sensors = json.load(open(sys.argv[1]))
    data = {}
    for line in open(sys.argv[2]):
        r = json.loads(line)
        spec = sensors.get(r["sensor"])
        if not spec or r.get("state", "ok") != "ok" or UNITS.get(r["unit"]) != spec["quantity"]:
            continue
        value = to_number(r["value"])
        if value is None:
            continue
        value = convert(value, r["unit"]) + spec["offset"]
        if value < spec["min"] or value > spec["max"]:
            continue
        if isinstance(r["time"], int):
            time = datetime.fromtimestamp(r["time"], timezone.utc)
        else:
            time = datetime.strptime(r["time"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
        data.setdefault(r["sensor"], {})[time] = value

    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["sensor", "hour", "value", "source"])
    for name in sorted(data):
        limit = sensors[name]["spike"]
        times = sorted(data[name])
        hours = {}
        for i, time in enumerate(times):
            value = data[name][time]
            if 0 < i < len(times) - 1:
                a = value - data[name][times[i - 1]]
                b = value - data[name][times[i + 1]]
                if (a > limit and b > limit) or (a < -limit and b < -limit):
                    continue
            hours.setdefault(time.replace(minute=0, second=0), []).append(value)
        hours = {hour: sum(v) / len(v) for hour, v in hours.items()}
        hour, end = min(hours), max(hours)
        filled = 0
        while hour <= end:
            stamp = hour.strftime("%Y-%m-%dT%H:%MZ")
            if hour in hours:
                filled = 0
                previous = hour
                out.writerow([name, stamp, f"{hours[hour]:.2f}", "measured"])
            elif filled < 2:
                filled += 1
                following = min(h for h in hours if h > hour)
                share = (hour - previous) / (following - previous)
                value = hours[previous] + share * (hours[following] - hours[previous])
                out.writerow([name, stamp, f"{value:.2f}", "interpolated"])
            else:
                out.writerow([name, stamp, "", "missing"])
            hour += timedelta(hours=1)


main()
