"""Hidden checks: lines, components, times, repetition, versions; random calendars against a minute-by-minute oracle."""

import random
from datetime import datetime, timedelta

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

ALL = ("2024-03-01T00:00Z", "2024-04-01T00:00Z")


def calendar(*events):
    """A calendar of events, each given by its lines."""
    lines = ["BEGIN:VCALENDAR"]
    for event in events:
        lines += ["BEGIN:VEVENT", *event, "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def job(texts, window=ALL):
    files = {f"{number}.ics": text for number, text in enumerate(texts)}
    return {"argv": ["python3", "busy.py", *window, *("{d}/" + name for name in files)], "files": files}


def full(short):
    """`04T08:30/10:00` of March 2024 in the form of the output; days may be given for the end as well."""
    start, stop = short.split("/")
    stop = stop if "T" in stop else f"{start.split('T')[0]}T{stop}"
    return "/".join(f"2024-{'' if '-' in part else '03-'}{part}Z" for part in (start, stop))


def compare(candidate, cases):
    """Cases: what is checked, texts of calendars, expected intervals in short form."""
    for (about, texts, expected), (code, out, err) in zip(cases, run_all(candidate, [job(texts) for _, texts, _ in cases]), strict=True):
        assert code == 0, f"{about}: expected exit code 0, got {code}: {err[-300:]}"
        wanted = [full(short) for short in expected]
        assert out.splitlines() == wanted, f"{about}: expected {wanted}, got {out.splitlines()}"


def event(*lines, uid="u"):
    return [f"UID:{uid}", *lines]


NINE = "DTSTART:20240304T090000Z"
HOUR = "DURATION:PT1H"


def test_the_example(candidate):
    argv = ["python3", "busy.py", "2024-03-04T00:00Z", "2024-03-18T08:40Z", "calendars/team.ics", "calendars/ada.ics"]
    ((code, out, err),) = run_all(candidate, [{"argv": argv}])
    assert code == 0, err
    expected = [
        "04T08:30/10:00", "06T13:00/14:00", "09T00:00/11T00:00", "11T08:30/09:00", "13T08:30/09:00", "15T08:30/09:00", "18T08:30/08:40",
    ]  # fmt: skip
    assert out.splitlines() == [full(short) for short in expected], out


def test_lines_and_components(candidate):
    folded = calendar(event(NINE, HOUR)).replace("DTSTART", "DTS\r\n TART").replace("PT1H", "P\n\tT1H")
    text_that_looks_like_one = calendar(event(NINE, HOUR, "DESCRIPTION:at\\n", " DURATION:PT5H", "X-NOTE;A=\"x:DTSTART:\";B=1:DTEND:20240304T230000Z"))
    alarm = calendar(event("BEGIN:VALARM", "DURATION:PT9H", "DTSTART:20240301T000000Z", "STATUS:CANCELLED", "END:VALARM", NINE, HOUR))
    late = calendar(event(NINE, HOUR, "BEGIN:VALARM", "DTEND:20240304T230000Z", "UID:w", "TRANSP:TRANSPARENT", "END:VALARM"))
    todo = calendar(event(NINE, HOUR)).replace("VEVENT", "VTODO")
    compare(
        candidate,
        [
            ("folded", [folded], ["04T09:00/10:00"]),
            ("text", [text_that_looks_like_one], ["04T09:00/10:00"]),
            ("alarm first", [alarm], ["04T09:00/10:00"]),
            ("alarm last", [late], ["04T09:00/10:00"]),
            ("to-do", [todo], []),
            ("lower case", [calendar(event("dtstart;value=date:20240304", "transp:opaque")).lower()], ["04T00:00/05T00:00"]),
            ("no events", [calendar()], []),
            ("line feeds only", [calendar(event(NINE, HOUR)).replace("\r", "")], ["04T09:00/10:00"]),
        ],
    )


def test_times(candidate):
    zones = [
        event("DTSTART;TZID=UTC+0100:20240304T003000", "DTEND:20240304T000000Z", uid="a"),
        event('DTSTART;X=1;TZID="UTC-0330":20240304T233000', "DTEND;TZID=UTC+0545:20240305T094500", uid="b"),
        event("DTSTART:20240306T090000", "DTEND:20240306T093000", uid="c"),
    ]
    durations = [
        event("DTSTART:20240304T090000Z", "DURATION:PT45M", uid="a"), event("DTSTART:20240305T090000Z", "DURATION:P1DT2H", uid="b"),
        event("DTSTART:20240307T090000Z", "DURATION:P1W", uid="c"), event("DTSTART:20240320T090000Z", "DURATION:P2DT30M", uid="d"),
        event("DTSTART:20240315T090000Z", uid="e"), event("DTSTART:20240316T090000Z", "DTEND:20240316T090000Z", uid="f"),
        event("DTSTART:20240317T090000Z", "DURATION:PT1H30M", uid="g"),
    ]  # fmt: skip
    days = [event("DTSTART;VALUE=DATE:20240304", uid="a"), event("DTSTART;VALUE=DATE:20240308", "DURATION:P2D", uid="b"), event("DTSTART;VALUE=DATE:20240305", uid="c")]
    compare(
        candidate,
        [
            ("zones", [calendar(*zones)], ["03T23:30/04T00:00", "05T03:00/04:00", "06T09:00/09:30"]),
            ("durations", [calendar(*durations)], ["04T09:00/09:45", "05T09:00/06T11:00", "07T09:00/14T09:00", "17T09:00/10:30", "20T09:00/22T09:30"]),
            ("days", [calendar(*days)], ["04T00:00/06T00:00", "08T00:00/10T00:00"]),
            ("status", [calendar(event(NINE, HOUR, "STATUS:TENTATIVE"), event(NINE, "DURATION:PT2H", "STATUS:Cancelled", uid="v"))], ["04T09:00/10:00"]),
            ("transparent", [calendar(event(NINE, HOUR, "TRANSP:transparent"))], []),
            (
                "touching and nested, several files",
                [calendar(event(NINE, HOUR)), calendar(event("DTSTART:20240304T100000Z", HOUR, uid="b"), event("DTSTART:20240304T091500Z", "DURATION:PT5M", uid="c"))],
                ["04T09:00/11:00"],
            ),
        ],
    )


def rule(text, *more, start=NINE, length=HOUR):
    return calendar(event(start, length, f"RRULE:{text}", *more))


def hours(*days):
    return [f"{day:02}T09:00/10:00" for day in days]


def test_repetition(candidate):
    late = "DTSTART;TZID=UTC-0500:20240304T220000"
    compare(
        candidate,
        [
            ("daily", [rule("FREQ=DAILY;INTERVAL=3;COUNT=3")], hours(4, 7, 10)),
            ("weekly", [rule("COUNT=2;FREQ=WEEKLY")], hours(4, 11)),
            ("days of the week", [rule("FREQ=WEEKLY;BYDAY=FR,MO;COUNT=4")], hours(4, 8, 11, 15)),
            ("every other week", [rule("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU", start="DTSTART:20240303T090000Z")], hours(3, 11, 17, 25, 31)),
            ("days before the start do not count", [rule("FREQ=WEEKLY;BYDAY=MO,WE,FR;COUNT=3", start="DTSTART:20240306T090000Z")], hours(6, 8, 11)),
            ("until is included", [rule("FREQ=DAILY;UNTIL=20240306T090000Z")], hours(4, 5, 6)),
            ("until just before", [rule("FREQ=DAILY;UNTIL=20240306T085900Z")], hours(4, 5)),
            ("until a day", [calendar(event("DTSTART;VALUE=DATE:20240304", "RRULE:FREQ=WEEKLY;UNTIL=20240318"))], ["04T00:00/05T00:00", "11T00:00/12T00:00", "18T00:00/19T00:00"]),
            ("excluded still count", [rule("FREQ=DAILY;COUNT=4", "EXDATE:20240304T090000Z,20240306T090000Z")], hours(5, 7)),
            ("excluded in zones", [rule("FREQ=DAILY;COUNT=4", "EXDATE;TZID=UTC+0200:20240305T110000", "EXDATE:20240306T090000", "EXDATE:20240307T100000Z")], hours(4, 7)),
            ("excluded days", [calendar(event("DTSTART;VALUE=DATE:20240304", "RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20240305"))], ["04T00:00/05T00:00", "06T00:00/07T00:00"]),
            ("local days of the week", [rule("FREQ=WEEKLY;BYDAY=MO,TU;COUNT=3", start=late)], ["05T03:00/04:00", "06T03:00/04:00", "12T03:00/04:00"]),
            ("local weeks", [rule("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;COUNT=2", start="DTSTART;TZID=UTC-0500:20240303T220000")], ["04T03:00/04:00", "18T03:00/04:00"]),
            ("lower case", [rule("freq=weekly;byday=mo,tu;count=2")], hours(4, 5)),
            ("overlapping itself", [rule("FREQ=DAILY;COUNT=3", length="DURATION:P1DT1H")], ["04T09:00/07T10:00"]),
            ("long before", [rule("FREQ=WEEKLY;INTERVAL=5", start="DTSTART:20200106T230000Z", length="DURATION:P1D")], ["25T23:00/26T23:00"]),
        ],
    )


def test_versions(candidate):
    series = event(NINE, HOUR, "RRULE:FREQ=DAILY;COUNT=3")

    def replaces(moment, *lines, uid="u"):
        return event(f"RECURRENCE-ID{moment}", *lines, uid=uid)

    moved = replaces(":20240305T090000Z", "DTSTART:20240305T120000Z", "DURATION:PT2H")
    compare(
        candidate,
        [
            ("moved", [calendar(series, moved)], ["04T09:00/10:00", "05T12:00/14:00", "06T09:00/10:00"]),
            ("moved, in another file before", [calendar(moved), calendar(series)], ["04T09:00/10:00", "05T12:00/14:00", "06T09:00/10:00"]),
            ("moment in a zone", [calendar(series, replaces(";TZID=UTC-0100:20240305T080000", "STATUS:CANCELLED", NINE))], hours(4, 6)),
            ("transparent", [calendar(series, replaces(":20240305T090000Z", "DTSTART:20240305T090000Z", HOUR, "TRANSP:TRANSPARENT"))], hours(4, 6)),
            ("length is not inherited", [calendar(series, replaces(":20240305T090000Z", "DTSTART:20240305T090000Z"))], hours(4, 6)),
            ("another event's", [calendar(series, replaces(":20240305T090000Z", "DTSTART:20240306T090000Z", HOUR, uid="v"))], hours(4, 5, 6)),
            ("no such repetition", [calendar(series, replaces(":20240305T091500Z", "DTSTART:20240308T090000Z", HOUR))], hours(4, 5, 6, 8)),
            ("excluded and replaced", [calendar([*series, "EXDATE:20240305T090000Z"], moved)], ["04T09:00/10:00", "05T12:00/14:00", "06T09:00/10:00"]),
            ("cancelled altogether", [calendar([*series, "STATUS:CANCELLED"], moved)], []),
            ("transparent altogether", [calendar([*series, "TRANSP:TRANSPARENT"], moved)], ["05T12:00/14:00"]),
            ("highest sequence", [calendar([*series, "SEQUENCE:10"], [*event("DTSTART:20240310T090000Z", HOUR), "SEQUENCE:9"])], hours(4, 5, 6)),
            ("read last", [calendar(series), calendar(event("DTSTART:20240310T090000Z", HOUR))], hours(10)),
            ("cancelled by a version", [calendar([*series, "SEQUENCE:1", "STATUS:CANCELLED"]), calendar(series)], []),
            ("version of a replacement", [calendar(series, [*moved, "SEQUENCE:3"], replaces(":20240305T090000Z", "DTSTART:20240309T090000Z", HOUR, "SEQUENCE:2"))], ["04T09:00/10:00", "05T12:00/14:00", "06T09:00/10:00"]),
            ("moment of versions", [calendar(series, moved), calendar(replaces(";TZID=UTC+0100:20240305T100000", "DTSTART:20240309T090000Z", HOUR))], hours(4, 6, 9)),
            ("sequences of series and replacement are apart", [calendar([*series, "SEQUENCE:5"], moved)], ["04T09:00/10:00", "05T12:00/14:00", "06T09:00/10:00"]),
            ("replacement alone", [calendar(moved)], ["05T12:00/14:00"]),
        ],
    )


def test_window_and_errors(candidate):
    text = calendar(event(NINE, HOUR), event("DTSTART:20240305T090000Z", "DURATION:P3D", uid="b"))
    cut = [("2024-03-04T09:30Z", "2024-03-06T00:01Z"), ("2024-03-04T10:00Z", "2024-03-05T09:00Z"), ("2024-03-06T00:00Z", "2024-03-07T00:00Z")]
    wrong = [("2024-03-04", ALL[1]), ("2024-03-04T00:00", ALL[1]), (ALL[0], "2024-02-30T00:00Z"), (ALL[1], ALL[0]), (ALL[0], ALL[0]), (ALL[0], "2024-03-04T24:00Z")]
    missing = {"argv": ["python3", "busy.py", *ALL, "{d}/a.ics", "{d}/none.ics"], "files": {"a.ics": text}}
    results = run_all(candidate, [job([text], window) for window in cut + wrong] + [missing])
    expected = [["04T09:30/10:00", "05T09:00/06T00:01"], [], ["06T00:00/07T00:00"]]
    for window, wanted, (code, out, err) in zip(cut, expected, results, strict=False):
        assert (code, out.splitlines()) == (0, [full(short) for short in wanted]), f"{window}: expected {wanted}, got {out} {err[-200:]}"
    for about, (code, out, err) in zip([*wrong, "missing file"], results[len(cut) :], strict=True):
        assert (code, out) == (2, ""), f"{about}: expected exit code 2 and no output, got {code} and {out!r}"
        assert err.strip() and "Traceback" not in err, f"{about}: expected a message, got {err[-300:]!r}"


def stamp(moment, offset):
    """A time in UTC written in a zone, as the end of a property's line."""
    if offset == 0:
        return f":{moment:%Y%m%dT%H%M%SZ}"
    return f";TZID=UTC{'-' if offset < 0 else '+'}{abs(offset) // 60:02}{abs(offset) % 60:02}:{moment + timedelta(minutes=offset):%Y%m%dT%H%M%S}"


def test_random_calendars(candidate):
    rng = random.Random(1)
    begin, end = datetime(2024, 3, 1), datetime(2024, 4, 1)
    jobs, wanted = [], []
    for _ in range(16):
        busy, events = set(), []
        for number in range(8):
            offset = rng.choice([0, 60, -210, 765])
            start = begin + timedelta(minutes=15 * rng.randrange(-3000, 2800))
            length, count = rng.choice([15, 60, 75, 1500]), rng.randrange(1, 12)
            local = start + timedelta(minutes=offset)
            lines = [f"DTSTART{stamp(start, offset)}", f"DURATION:PT{length // 60}H{length % 60}M"]
            interval = rng.randrange(1, 4)
            if rng.random() < 0.4:
                starts = [start + timedelta(days=interval * step) for step in range(count)]
                lines.append(f"RRULE:FREQ=DAILY;COUNT={count};INTERVAL={interval}")
            else:
                names = {local.weekday(), *rng.sample(range(7), 2)}
                monday = (local - timedelta(days=local.weekday())).date()
                matching = [
                    start + timedelta(days=step) for step in range(400)
                    if (local + timedelta(days=step)).weekday() in names and ((local + timedelta(days=step)).date() - monday).days // 7 % interval == 0
                ]  # fmt: skip
                starts = matching[:count]
                by_day = ",".join(("MO", "TU", "WE", "TH", "FR", "SA", "SU")[day] for day in names)
                lines.append(f"RRULE:INTERVAL={interval};FREQ=WEEKLY;BYDAY={by_day};COUNT={count}")
            left = list(starts)
            if rng.random() < 0.5:
                gone = rng.choice(starts)
                lines.append(f"EXDATE{stamp(gone, rng.choice([0, 60]))}")
                left.remove(gone)
            if left and rng.random() < 0.5:
                moved, to = rng.choice(left), begin + timedelta(minutes=15 * rng.randrange(2900))
                events.append(event(f"RECURRENCE-ID{stamp(moved, -60)}", f"DTSTART{stamp(to, 30)}", HOUR, uid=f"e{number}"))
                left.remove(moved)
                busy.update(to + timedelta(minutes=15 * step) for step in range(4))
            busy.update(moment + timedelta(minutes=15 * step) for moment in left for step in range(length // 15))
            events.append(event(*lines, uid=f"e{number}"))
        rng.shuffle(events)
        jobs.append(job([calendar(*events[:5]), calendar(*events[5:])]))
        slots = sorted(slot for slot in busy if begin <= slot < end)
        quarter, lines = timedelta(minutes=15), []
        for slot in slots:
            if slot - quarter not in busy or slot == begin:
                first = slot
            if slot + quarter not in busy or slot + quarter == end:
                lines.append(f"{first:%Y-%m-%dT%H:%MZ}/{slot + quarter:%Y-%m-%dT%H:%MZ}")
        wanted.append(lines)
    for lines, (code, out, err) in zip(wanted, run_all(candidate, jobs), strict=True):
        assert code == 0, err[-300:]
        assert out.splitlines() == lines, f"expected {lines}, got {out.splitlines()}"
