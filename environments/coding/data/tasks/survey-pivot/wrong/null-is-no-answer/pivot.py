"""Turns survey answers, one a line, into a table with one row per respondent."""

import csv
import json
import sys

KEYS = {"respondent", "question", "at", "answer"}


def parse(lines):
    """Valid lines as dictionaries, and the number of the others."""
    records, skipped = [], 0
    for line in lines:
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError:
            record = None
        if isinstance(record, dict) and record.keys() >= KEYS:
            records.append(record)
        else:
            skipped += 1
    return records, skipped


def counted(records):
    """The answer that counts for each respondent and question."""
    latest = {}
    for record in records:
        if record["answer"] is None:
            continue
        key = record["respondent"], record["question"]
        if key not in latest or record["at"] >= latest[key]["at"]:
            latest[key] = record
    return {key: record["answer"] for key, record in latest.items()}


def options(answer):
    return [option.strip() for option in ([answer] if isinstance(answer, str) else answer)]


def text(answer):
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    if isinstance(answer, str):
        return answer.strip()
    return str(int(answer)) if answer == int(answer) else repr(answer)


def columns(answers):
    """(name, question, option or None) of each column."""
    found = []
    for question in sorted({question for _, question in answers}, key=lambda name: int(name[1:])):
        given = [answer for (_, asked), answer in answers.items() if asked == question]
        if any(isinstance(answer, list) for answer in given):
            names = sorted({option for answer in given for option in options(answer)})
            found += [(f"{question}:{name}", question, name) for name in names]
        else:
            found.append((question, question, None))
    return found


def cell(answer, option):
    if answer is None:
        return ""
    return text(answer) if option is None else str(int(option in options(answer)))


def main():
    records, skipped = parse(line.decode("utf-8", "replace") for line in sys.stdin.buffer)
    answers = counted(records)
    table = columns(answers)
    sys.stdout.reconfigure(encoding="utf-8", newline="")
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["respondent", *(name for name, _, _ in table)])
    for respondent in dict.fromkeys(record["respondent"] for record in records):
        writer.writerow([respondent, *(cell(answers.get((respondent, asked)), option) for _, asked, option in table)])
    if skipped:
        print(f"skipped {skipped} lines", file=sys.stderr)


main()
