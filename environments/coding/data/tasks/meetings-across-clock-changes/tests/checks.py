"""Hidden checks: zones against a table of changes made by walking through the days, and series built from it."""

import random
from bisect import bisect_right
from datetime import date, datetime, timedelta

MINUTE = timedelta(minutes=1)
ZONES = {
    "berlin": (60, 120, (3, -1, 6, 120), (10, -1, 6, 180)),
    "new york": (-300, -240, (3, 2, 6, 120), (11, 1, 6, 120)),
    "sydney": (600, 660, (10, 1, 6, 120), (4, 1, 6, 180)),
    "lord howe": (630, 660, (10, 1, 6, 120), (4, 1, 6, 120)),
    "dublin": (60, 0, (10, -1, 6, 120), (3, -1, 6, 60)),
    "azores": (-60, 0, (3, -1, 6, 0), (10, -1, 6, 60)),
    "new year": (720, 780, (1, 1, 4, 30), (7, -1, 0, 30)),
    "kolkata": (330, 0, None, None),
}


def on(year, month, nth, weekday, minute):
    days = [date(year, month, 1) + timedelta(days=n) for n in range(31)]
    days = [day for day in days if day.month == month and day.weekday() == weekday]
    return datetime.combine(days[nth - 1 if nth > 0 else -1], datetime.min.time()) + minute * MINUTE


class Table:
    def __init__(self, base, summer, begins, ends):
        self.offsets, self.moments = [base], []
        changes = []
        if begins:
            for year in range(2018, 2034):
                changes.append((on(year, *begins) - base * MINUTE, summer))
                changes.append((on(year, *ends) - summer * MINUTE, base))
            changes.sort()
            self.offsets = [base if changes[0][1] == summer else summer]
        for moment, offset in changes:
            self.moments.append(moment)
            self.offsets.append(offset)

    def offset(self, utc):
        return self.offsets[bisect_right(self.moments, utc)]

    def instants(self, wall):
        found = [wall - o * MINUTE for o in sorted(set(self.offsets), reverse=True)]
        return [utc for utc in found if utc + self.offset(utc) * MINUTE == wall]

    def utc(self, wall):
        found = self.instants(wall)
        if found:
            return found[0]
        before = self.offset(wall - max(self.offsets) * MINUTE - timedelta(hours=3))
        return wall - before * MINUTE


TABLES = {name: Table(*rules) for name, rules in ZONES.items()}
SETUP = f"""
from datetime import date, datetime, timedelta
from zones import Change, Zone
from series import Series
Z = {{}}
for name, (base, summer, begins, ends) in {ZONES!r}.items():
    Z[name] = Zone(name, base, summer, Change(*begins), Change(*ends)) if begins else Zone(name, base)
def plain(m):
    return [m.year, m.month, m.day, m.hour, m.minute]
"""


def plain(moment):
    return [moment.year, moment.month, moment.day, moment.hour, moment.minute]


def moments(name, rng, wall):
    """Moments around every change of some years and around New Year, and random ones."""
    table = TABLES[name]
    picked = []
    for at, offset in zip(table.moments, table.offsets, strict=False):
        if 2020 <= at.year <= 2030:
            for minutes in (-61, -60, -31, -30, -1, 0, 1, 29, 30, 59, 60, 61, 121):
                picked.append(at + minutes * MINUTE + (offset * MINUTE if wall else timedelta()))
    for year in (2021, 2024):
        picked += [datetime(year, 1, 1) + hours * timedelta(hours=1) for hours in range(-15, 16, 3)]
    picked += [datetime(2020, 1, 1) + rng.randrange(3_600_000) * MINUTE for _ in range(40)]
    return picked


def test_what_the_wall_shows(candidate):
    rng = random.Random(41)
    asked = {name: moments(name, rng, wall=False) for name in ZONES}
    cases = {name: [plain(m) for m in many] for name, many in asked.items()}
    got = candidate.evaluate(
        SETUP
        + f"""
{{name: [(Z[name].offset(datetime(*m)), plain(Z[name].local(datetime(*m)))) for m in many] for name, many in {cases!r}.items()}}
"""
    )
    for name, many in asked.items():
        for utc, result in zip(many, got[name], strict=True):
            offset = TABLES[name].offset(utc)
            wanted = (offset, plain(utc + offset * MINUTE))
            assert result == wanted, f"{name} {ZONES[name]}, {utc} UTC: {result}, expected {wanted}"


def test_what_a_wall_time_means(candidate):
    rng = random.Random(42)
    asked = {name: moments(name, rng, wall=True) for name in ZONES}
    cases = {name: [plain(m) for m in many] for name, many in asked.items()}
    got = candidate.evaluate(
        SETUP
        + f"""
{{name: [([plain(u) for u in Z[name].instants(datetime(*m))], plain(Z[name].utc(datetime(*m)))) for m in many]
 for name, many in {cases!r}.items()}}
"""
    )
    for name, many in asked.items():
        for wall, result in zip(many, got[name], strict=True):
            table = TABLES[name]
            wanted = ([plain(u) for u in table.instants(wall)], plain(table.utc(wall)))
            assert result == wanted, f"{name} {ZONES[name]}, {wall} on the wall: {result}, expected {wanted}"


def walls(first, every, interval):
    for number in range(700):
        if every == "month":
            months = first.year * 12 + first.month - 1 + number * interval
            try:
                yield first.replace(year=months // 12, month=months % 12 + 1)
            except ValueError:
                continue
        else:
            yield first + timedelta(days=number * interval * (7 if every == "week" else 1))


def expected(name, first, minutes, every, interval, count, until, skipped):
    made = []
    for number, wall in enumerate(walls(first, every, interval)):
        if wall.year > 2031 or (count is not None and number >= count) or (until and wall.date() > until):
            break
        if wall.date() not in skipped:
            start = TABLES[name].utc(wall)
            made.append((start, start + minutes * MINUTE))
    return made


def random_series(rng):
    name = rng.choice(list(ZONES))
    every = rng.choice(["day", "week", "month", "month"])
    at = rng.choice([30, 90, 120, 125, 150, 540, 1430])
    day = rng.choice(
        [
            date(2022, 1, 1) + timedelta(days=rng.randrange(700)),
            date(2023, 12, 31),
            date(2024, 2, 29),
            date(2023, 1, 30),
        ]
    )
    if TABLES[name].moments and rng.random() < 0.5:  # begins shortly before a change of the clocks
        day = rng.choice(
            [m for m in TABLES[name].moments if m.year in (2022, 2023, 2024)]
        ).date() - timedelta(days=7)
    first = datetime.combine(day, datetime.min.time()) + at * MINUTE
    interval = rng.choice([1, 1, 2, 3, 12, 14])
    count, until = rng.choice(
        [(rng.randrange(0, 20), None), (None, day + timedelta(days=rng.randrange(200)))]
    )
    skipped = [w.date() for w, _ in zip(walls(first, every, interval), range(9)) if rng.random() < 0.2]
    return name, first, rng.choice([1, 30, 60, 200]), every, interval, count, until, skipped


def test_random_series(candidate):
    rng = random.Random(43)
    cases = [random_series(rng) for _ in range(250)]
    told = [
        (
            n,
            plain(f),
            m,
            e,
            i,
            c,
            u and plain(datetime.combine(u, datetime.min.time()))[:3],
            [[d.year, d.month, d.day] for d in s],
        )
        for n, f, m, e, i, c, u, s in cases
    ]
    got = candidate.evaluate(
        SETUP
        + f"""
[[(plain(m.start), plain(m.end)) for m in Series(Z[n], datetime(*f), m, e, i, c, u and date(*u), frozenset(date(*d) for d in s)).meetings()]
 for n, f, m, e, i, c, u, s in {told!r}]
"""
    )
    for case, result in zip(cases, got, strict=True):
        result = [pair for pair in result if pair[0][0] <= 2030]
        wanted = [(plain(start), plain(end)) for start, end in expected(*case) if start.year <= 2030]
        assert result == wanted, f"series {case}: {result}, expected {wanted}"


def test_between(candidate):
    rng = random.Random(44)
    cases = []
    for _ in range(150):
        series = list(random_series(rng))
        series[6] = None
        series[5] = rng.choice([None, 12])  # most are endless
        begin = series[1] + timedelta(minutes=rng.randrange(-5000, 400_000))
        if rng.random() < 0.5:  # begins or ends with a meeting
            begin = rng.choice(rng.choice(expected(*series)[:10] or [(begin, begin)]))
        cases.append((series, begin, begin + rng.choice([1, 60, 10_000, 100_000]) * MINUTE))
    told = [
        (n, plain(f), m, e, i, c, [[d.year, d.month, d.day] for d in s], plain(b), plain(x))
        for (n, f, m, e, i, c, _, s), b, x in cases
    ]
    got = candidate.evaluate(
        SETUP
        + f"""
[[plain(m.start) for m in Series(Z[n], datetime(*f), m, e, i, c, None, frozenset(date(*d) for d in s)).between(datetime(*b), datetime(*x))]
 for n, f, m, e, i, c, s, b, x in {told!r}]
""",
        timeout=8,
    )
    for (series, begin, end), result in zip(cases, got, strict=True):
        wanted = [plain(s) for s, e in expected(*series) if s < end and e > begin]
        assert result == wanted, f"series {series} between {begin} and {end}: {result}, expected {wanted}"


def test_the_end_of_the_calendar(candidate):
    got = candidate.evaluate(
        SETUP
        + """
out = []
for every, interval in (("day", 9), ("week", 2), ("month", 1)):
    made = list(Series(Z["kolkata"], datetime(9999, 11, 15, 9, 0), 30, every, interval).meetings())
    out.append((len(made), plain(made[-1].start)))
out
"""
    )
    wanted = [(6, [9999, 12, 30, 3, 30]), (4, [9999, 12, 27, 3, 30]), (2, [9999, 12, 15, 3, 30])]
    assert got == wanted, f"series that end in the year 9999: {got}, expected {wanted}"
