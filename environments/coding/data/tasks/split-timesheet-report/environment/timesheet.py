"""Reports of the hours worked in a week, from time sheets."""


def report(text, week=40):
    people = {}
    problems = []
    number = 0
    project = "general"
    for line in text.split("\n"):
        number += 1
        if "#" in line:
            line = line[: line.index("#")]
        line = line.strip()
        if line == "":
            continue
        if line.startswith("[") and line.endswith("]"):
            project = line[1:-1].strip().lower()
            if project == "":
                project = "general"
            continue
        parts = line.split()
        if len(parts) != 4:
            problems.append("line " + str(number) + ": expected name, day, start and end")
            continue
        name, day, start, end = parts
        if day[:3].lower() not in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"):
            problems.append("line " + str(number) + ": unknown day " + day)
            continue
        minutes = []
        for moment in (start, end):
            pieces = moment.split(":")
            if len(pieces) == 2 and pieces[0].isdecimal() and pieces[1].isdecimal() and len(pieces[1]) == 2:
                if (
                    int(pieces[0]) <= 24
                    and int(pieces[1]) <= 59
                    and int(pieces[0]) * 60 + int(pieces[1]) <= 1440
                ):
                    minutes.append(int(pieces[0]) * 60 + int(pieces[1]))
                    continue
            problems.append("line " + str(number) + ": no time: " + moment)
        if len(minutes) < 2:
            continue
        length = minutes[1] - minutes[0]
        if length < 0:
            length += 1440
        if length == 0:
            problems.append("line " + str(number) + ": nothing between " + start + " and " + end)
            continue
        if length > 600:
            problems.append("line " + str(number) + ": more than 10 hours, 10 counted")
            length = 600
        if length > 360:
            length -= 30
        key = name.lower()
        if key not in people:
            people[key] = {"name": name, "days": {}, "projects": {}, "weekend": 0}
        person = people[key]
        person["days"][day[:3].lower()] = person["days"].get(day[:3].lower(), 0) + length
        person["projects"][project] = person["projects"].get(project, 0) + length
        if day[:3].lower() in ("sat", "sun"):
            person["weekend"] += length
    lines = []
    all_minutes = 0
    all_extra = 0
    projects = {}
    for key in sorted(people):
        person = people[key]
        total = 0
        longest = 0
        longest_day = ""
        for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"):
            if day in person["days"]:
                if person["days"][day] > longest:
                    longest = person["days"][day]
                    longest_day = day
                total += person["days"][day]
        rounded = (total + 7) // 15 * 15
        extra = 0
        if rounded > week * 60:
            extra = rounded - week * 60
        all_minutes += rounded
        all_extra += extra
        line = person["name"] + ": " + str(rounded // 60) + ":" + str(rounded % 60).zfill(2)
        if extra:
            line += " (" + str(extra // 60) + ":" + str(extra % 60).zfill(2) + " extra)"
        line += (
            ", longest "
            + longest_day.capitalize()
            + " "
            + str(longest // 60)
            + ":"
            + str(longest % 60).zfill(2)
        )
        if person["weekend"]:
            line += ", weekend " + str(person["weekend"] // 60) + ":" + str(person["weekend"] % 60).zfill(2)
        lines.append(line)
        ranked = sorted(person["projects"].items(), key=lambda item: (-item[1], item[0]))
        for project, length in ranked[:3]:
            lines.append("  " + project + " " + str(100 * length // total) + " %")
        if len(ranked) > 3:
            lines.append("  and " + str(len(ranked) - 3) + " more")
        for project, length in ranked:
            projects[project] = projects.get(project, 0) + length
    if not lines:
        lines.append("nobody worked")
    else:
        line = "all: " + str(all_minutes // 60) + ":" + str(all_minutes % 60).zfill(2)
        if all_extra:
            line += " (" + str(all_extra // 60) + ":" + str(all_extra % 60).zfill(2) + " extra)"
        lines.append(line)
        busiest = ""
        for project in projects:
            if busiest == "" or projects[project] > projects[busiest]:
                busiest = project
        lines.append("most on " + busiest)
    if problems:
        lines.append("")
        for problem in problems[:5]:
            lines.append("! " + problem)
        if len(problems) > 5:
            lines.append("! and " + str(len(problems) - 5) + " more")
    return "\n".join(lines) + "\n"
