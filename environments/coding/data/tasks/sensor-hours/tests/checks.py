"""Hidden checks: each rule by a few readings, then random series against an oracle in exact arithmetic."""

import csv
import io
import json
import random
import re
from datetime import datetime, timedelta
from fractions import Fraction

RUNNER = """
import os, shutil, subprocess

def run(number, case):
    folder = f"case-{number}"
    os.makedirs(folder)
    for path, text in case.get("files", {}).items():
        os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
        with open(os.path.join(folder, path), "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
    argv = [part.replace("{d}", folder) for part in case["argv"]]
    stdin = case.get("stdin", "").encode()
    env = {**os.environ, "LC_ALL": "C.UTF-8", **case.get("env", {})}
    done = subprocess.run(argv, input=stdin, capture_output=True, env=env, timeout=30)
    shutil.rmtree(folder)
    return (done.returncode, *(stream.decode("utf-8", "backslashreplace") for stream in (done.stdout, done.stderr)))

[run(number, case) for number, case in enumerate(CASES)]
"""


def run_all(candidate, cases):
    """Run each case with its files in a folder of its own, `{d}`; gives exit code, stdout and stderr of each."""
    return candidate.evaluate(RUNNER.replace("CASES", repr(cases)), timeout=60)

START = datetime(2024, 2, 1)
EPOCH = datetime(1970, 1, 1)


def sensor(quantity="temperature", offset=0, low=-50, high=100, spike=10):
    if quantity == "pressure":
        low, high = 800, 1200
    return {"quantity": quantity, "offset": offset, "min": low, "max": high, "spike": spike}


def reading(minute, value, unit="C", name="s", *, epoch=False, **more):
    time = START + timedelta(minutes=minute)
    stamp = int((time - EPOCH).total_seconds()) if epoch else f"{time:%Y-%m-%dT%H:%M:%SZ}"
    return {"sensor": name, "time": stamp, "value": value, "unit": unit, **more}


def tables(candidate, *cases):
    """The rows of each case of sensors and readings."""
    jobs = []
    for sensors, readings in cases:
        files = {"s.json": json.dumps(sensors), "r.jsonl": "".join(json.dumps(entry) + "\n" for entry in readings)}
        jobs.append({"argv": ["python3", "hourly.py", "{d}/s.json", "{d}/r.jsonl"], "files": files})
    found = []
    for code, out, err in run_all(candidate, jobs):
        assert code == 0, f"expected exit code 0, got {code}: {err[-300:]}"
        rows = list(csv.reader(io.StringIO(out)))
        assert rows[:1] == [["sensor", "hour", "value", "source"]], rows[:1]
        found.append(rows[1:])
    return found


def agree(rows, expected, about):
    """Expected rows are (sensor, hour after the start, value or None, source)."""
    places = [(row[0], row[1], row[3]) for row in rows]
    wanted = [(name, f"{START + timedelta(hours=hour):%Y-%m-%dT%H:00Z}", source) for name, hour, _, source in expected]
    assert places == wanted, f"{about}: expected {wanted[:12]}, got {places[:12]}"
    for row, (_, _, value, _) in zip(rows, expected, strict=True):
        if value is None:
            assert row[2] == "", f"{about}: expected an empty value in {row}"
            continue
        assert re.fullmatch(r"-?[0-9]+\.[0-9]{2}", row[2]), f"{about}: expected two decimals in {row}"
        assert abs(float(row[2]) - float(value)) < 0.00501, f"{about}: expected {float(value):.4f} in {row}"


def means(hours):
    """Expected rows of sensor s with these values by hour."""
    return [("s", hour, value, "measured") for hour, value in hours.items()]


def test_the_example(candidate):
    ((code, out, err),) = run_all(candidate, [{"argv": ["python3", "hourly.py", "sensors.json", "readings.jsonl"]}])
    assert code == 0, err
    assert out == (
        "sensor,hour,value,source\n"
        "attic,2024-02-01T10:00Z,21.00,measured\nattic,2024-02-01T11:00Z,20.17,interpolated\n"
        "attic,2024-02-01T12:00Z,19.33,interpolated\nattic,2024-02-01T13:00Z,18.50,measured\n"
        "roof,2024-02-01T10:00Z,1012.04,measured\n"
        "yard,2024-02-01T10:00Z,4.00,measured\nyard,2024-02-01T11:00Z,,missing\nyard,2024-02-01T12:00Z,,missing\n"
        "yard,2024-02-01T13:00Z,,missing\nyard,2024-02-01T14:00Z,6.00,measured\n"
    ), out


def test_values_and_units(candidate):
    good = [
        (212, "F", 100), (" -4 ", "F", -20), (273.15, "K", 0), ("300,15", "K", 27), ("21.", "C", 21), (",5", "C", 0.5),
        ("+7", "C", 7), (0, "C", 0), ("0", "F", Fraction(-160, 9)), ("-50", "C", -50), (100, "C", 100),
    ]  # fmt: skip
    bad = [
        ("n/a", "C"), ("1e1", "C"), ("", "C"), (None, "C"), (-999, "C"), ("-999,0", "C"), (-999.0, "F"), (20, "c"), (20, "hPa"),
        (20, ""), (100.01, "C"), (-50.01, "C"), ("1.2.3", "C"), ("1 2", "C"), ("- 3", "C"), ("nan", "C"), ("inf", "F"), ("0x1", "C"),
    ]  # fmt: skip
    lines = [reading(60 * hour + 7, value, unit) for hour, (value, unit, _) in enumerate(good)]
    lines += [reading(60 * 11 + minute, value, unit) for minute, (value, unit) in enumerate(bad)]
    pressure = [reading(0, 101.3, "kPa"), reading(60, "760", "mmHg"), reading(120, 1000, "hPa"), reading(121, 1000, "C")]
    states = [reading(0, 1, state="ok"), reading(1, 9, state="test"), reading(2, 9, state=""), reading(3, 8, name="t")]
    one, two, three, none = tables(
        candidate,
        ({"s": sensor(spike=500)}, lines),
        ({"s": sensor("pressure", spike=500)}, pressure),
        ({"s": sensor()}, states),
        ({"s": sensor(), "t": sensor()}, [reading(0, None)]),
    )
    agree(one, means({hour: value for hour, (_, _, value) in enumerate(good)}), "units")
    agree(two, means({0: 1013, 1: Fraction("1013.25"), 2: 1000}), "pressure")
    agree(three, means({0: 1}), "states and unknown sensors")
    assert none == [], none


def test_offset_comes_before_the_range(candidate):
    cases = [
        ({"s": sensor(offset=2)}, [reading(0, 98), reading(1, 99), reading(60, -52), reading(61, -52.5)]),
        ({"s": sensor(offset=-2)}, [reading(0, 102), reading(60, -48), reading(61, -49)]),
    ]
    one, two = tables(candidate, *cases)
    agree(one, means({0: 100, 1: -50}), "offset 2")
    agree(two, means({0: 100, 1: -50}), "offset -2")


def test_same_time(candidate):
    one, two, three = tables(
        candidate,
        ({"s": sensor()}, [reading(5, 1), reading(5, 3, epoch=True), reading(6, 5)]),
        ({"s": sensor()}, [reading(5, 3, epoch=True), reading(5, 1), reading(5, None), reading(5, 700), reading(5, 7, state="off")]),
        ({"s": sensor(spike=1)}, [reading(4, 1), reading(5, 9), reading(5, 1), reading(6, 1)]),
    )
    agree(one, means({0: 4}), "the last one counts")
    agree(two, means({0: 1}), "only usable readings count")
    agree(three, means({0: 1}), "before spikes are looked for")


def test_spikes(candidate):
    def series(*values):
        return [reading(20 * place, value) for place, value in enumerate(values)]

    cases = {
        (0, 11, 0): {0: 0},
        (0, 10, 0): {0: Fraction(10, 3)},
        (0, -11, 0): {0: 0},
        (0, 11, 22, 33): {0: 11, 1: 33},
        (50, 0, 0): {0: Fraction(50, 3)},
        (0, 0, 50): {0: Fraction(50, 3)},
        (0, 20, 0, 20, 0): {0: 0, 1: 0},
        (0, 20, 20, 0): {0: Fraction(40, 3), 1: 0},
        (0, 20, 5, 0): {0: Fraction(5, 2), 1: 0},
        (30, 0, 20, 30): {0: 25, 1: 30},
    }
    # 0, 20, 0, 20, 0: only the inner three are judged, and each is more than 10 from both of its neighbours.
    shuffled = [reading(40, 0), reading(0, 0), reading(20, 30)]
    limits = ({"s": sensor(spike=3), "t": sensor(spike=30)}, series(0, 20, 0) + [{**entry, "sensor": "t"} for entry in series(0, 20, 0)])
    results = tables(candidate, *(({"s": sensor()}, series(*values)) for values in cases), ({"s": sensor()}, shuffled), limits)
    for (values, hours), rows in zip(cases.items(), results, strict=False):
        agree(rows, means(hours), values)
    agree(results[-2], means({0: 0}), "readings out of order")
    agree(results[-1], [*means({0: 0}), ("t", 0, Fraction(20, 3), "measured")], "each sensor has its own limit")


def test_gaps(candidate):
    def hours(*places):
        return [reading(60 * hour + 59, value) for hour, value in places]

    one, two, three, edge = tables(
        candidate,
        ({"s": sensor()}, hours((0, 1), (3, 2), (5, 1))),
        ({"s": sensor()}, hours((22, 5), (26, 9), (27, 9))),
        ({"b": sensor(), "B": sensor(), "a": sensor()}, [reading(0, 1, name=name) for name in "abB"]),
        ({"s": sensor()}, [reading(0, 1), reading(59.99, 3), reading(60, 8)]),
    )
    third = Fraction(1, 3)
    agree(
        one,
        [
            ("s", 0, 1, "measured"), ("s", 1, 1 + third, "interpolated"), ("s", 2, 2 - third, "interpolated"),
            ("s", 3, 2, "measured"), ("s", 4, Fraction(3, 2), "interpolated"), ("s", 5, 1, "measured"),
        ],
        "short gaps",
    )  # fmt: skip
    missing = [("s", hour, None, "missing") for hour in (23, 24, 25)]
    agree(two, [("s", 22, 5, "measured"), *missing, ("s", 26, 9, "measured"), ("s", 27, 9, "measured")], "a long gap")
    agree(three, [(name, 0, 1, "measured") for name in "Bab"], "order of sensors")
    agree(edge, means({0: 2, 1: 8}), "limits of hours")


def oracle(sensors, readings):
    rows = []
    for name in sorted(sensors):
        spec, usable = sensors[name], {}
        for minute, value, unit in [entry[1:] for entry in readings if entry[0] == name]:
            exact = Fraction(value)
            exact = {"C": exact, "F": (exact - 32) * 5 / 9, "K": exact - Fraction("273.15")}[unit] + Fraction(str(spec["offset"]))
            if Fraction(str(spec["min"])) <= exact <= Fraction(str(spec["max"])):
                usable[minute] = exact
        times = sorted(usable)
        left = {}
        for place, time in enumerate(times):
            steps = [usable[time] - usable[times[near]] for near in (place - 1, place + 1) if 0 <= near < len(times)]
            limit = Fraction(str(spec["spike"]))
            if len(steps) == 2 and (all(step > limit for step in steps) or all(step < -limit for step in steps)):
                continue
            left.setdefault(time // 60, []).append(usable[time])
        hours = {hour: sum(values) / len(values) for hour, values in left.items()}
        for hour in range(min(hours, default=0), max(hours, default=-1) + 1):
            if hour in hours:
                rows.append((name, hour, hours[hour], "measured"))
                continue
            before = max(known for known in hours if known < hour)
            after = min(known for known in hours if known > hour)
            if after - before > 3:
                rows.append((name, hour, None, "missing"))
            else:
                part = Fraction(hour - before, after - before)
                rows.append((name, hour, hours[before] * (1 - part) + hours[after] * part, "interpolated"))
    return rows


def test_random_series(candidate):
    rng = random.Random(2)
    cases, expected = [], []
    for size in (30, 200, 900):
        sensors = {f"n{number}": sensor(offset=number, low=-20.03, high=55.07, spike=7.3) for number in range(4)}
        readings, lines = [], []
        for _ in range(size):
            name, minute, unit = f"n{rng.randrange(4)}", rng.randrange(size * 12), rng.choice("CFK")
            celsius = rng.choice([rng.randrange(60, 90), rng.randrange(-120, 260)]) / 4
            value = {"C": f"{celsius}", "F": f"{round(celsius * 1.8 + 32)}", "K": f"{celsius + 273.15:.2f}"}[unit]
            readings.append((name, minute, value, unit))
            sent = rng.choice([value, value.replace(".", ","), float(value)])
            lines.append(reading(minute, sent, unit, name, epoch=rng.random() < 0.3))
        cases.append((sensors, lines))
        expected.append(oracle(sensors, readings))
    for rows, wanted in zip(tables(candidate, *cases), expected, strict=True):
        agree(rows, wanted, f"random series of {len(wanted)} hours")
