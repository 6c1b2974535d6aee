"""Makes hourly values from raw readings of sensors."""

import csv
import json
import re
import sys
from collections import defaultdict
from datetime import datetime, timezone

UNITS = {
    "temperature": {
        "C": lambda value: value,
        "F": lambda value: (value - 32) * 5 / 9,
        "K": lambda value: value - 273.15,
    },
    "pressure": {
        "hPa": lambda value: value,
        "kPa": lambda value: value * 10,
        "mmHg": lambda value: value * 1.33322387415,
    },
}
NUMBER = re.compile(r"[+-]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)")
LONGEST_GAP = 2


def seconds(time):
    if isinstance(time, int):
        return time
    return int(datetime.strptime(time, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc).timestamp())


def number(value):
    """The value as a number, or None."""
    if isinstance(value, str):
        if not NUMBER.fullmatch(value.strip()):
            return None
        value = float(value.strip().replace(",", "."))
    if value is None or isinstance(value, bool) or value == -999:
        return None
    return value


def usable(reading, sensors):
    """The value in °C or hPa, or None."""
    sensor = sensors.get(reading["sensor"])
    value = number(reading["value"])
    if sensor is None or value is None or reading.get("state", "ok") != "ok":
        return None
    convert = UNITS[sensor["quantity"]].get(reading["unit"])
    if convert is None:
        return None
    value = convert(value) + sensor["offset"]
    return value if sensor["min"] <= value <= sensor["max"] else None


def collect(path, sensors):
    """Per sensor the usable values by time."""
    series = defaultdict(dict)
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.strip():
                reading = json.loads(line)
                value = usable(reading, sensors)
                if value is not None:
                    series[reading["sensor"]][seconds(reading["time"])] = value
    return series


def without_spikes(points, limit):
    kept = []
    for place, (time, value) in enumerate(points):
        if 0 < place < len(points) - 1:
            before, after = points[place - 1][1], points[place + 1][1]
            if abs(value - before) > limit and abs(value - after) > limit:
                continue
        kept.append((time, value))
    return kept


def hourly(points):
    """(hour, value or None, source) from the first to the last measured hour."""
    groups = defaultdict(list)
    for time, value in points:
        groups[time // 3600].append(value)
    means = {hour: sum(values) / len(values) for hour, values in groups.items()}
    measured = sorted(means)
    rows = []
    for hour, following in zip(measured, [*measured[1:], None]):
        rows.append((hour, means[hour], "measured"))
        if following is None:
            break
        step = (means[following] - means[hour]) / (following - hour)
        for missing in range(hour + 1, following):
            if following - hour - 1 > LONGEST_GAP:
                rows.append((missing, None, "missing"))
            else:
                rows.append((missing, means[hour] + step * (missing - hour), "interpolated"))
    return rows


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        sensors = json.load(file)
    series = collect(sys.argv[2], sensors)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["sensor", "hour", "value", "source"])
    for name in sorted(series):
        points = without_spikes(sorted(series[name].items()), sensors[name]["spike"])
        for hour, value, source in hourly(points):
            stamp = datetime.fromtimestamp(hour * 3600, timezone.utc).strftime("%Y-%m-%dT%H:%MZ")
            writer.writerow([name, stamp, "" if value is None else f"{value:.2f}", source])


main()
