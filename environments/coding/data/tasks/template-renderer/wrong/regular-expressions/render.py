import json
import re
import sys


class Err(Exception):
    pass


MISSING = object()
TAG = re.compile(r"(\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\})", re.S)
ATOM = r"(?:\"[^\"]*\"|'[^']*'|-?\d+|[A-Za-z_]\w*(?:\s*\.\s*\w+)*)"
VALUE = rf"{ATOM}(?:\s*\|\s*\w+(?:\s*:\s*{ATOM})?)*"


def atom(text, env):
    text = text.strip()
    if text[0] in "\"'":
        return text[1:-1]
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    if text in ("true", "false", "null"):
        return {"true": True, "false": False, "null": None}[text]
    value = env
    for part in re.split(r"\s*\.\s*", text):
        if isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        elif isinstance(value, dict):
            value = value.get(part, MISSING)
        else:
            value = MISSING
    return value


def show(value):
    if value is MISSING or isinstance(value, (list, dict)):
        raise Err("cannot be printed")
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def evaluate(text, env):
    first, *filters = re.split(r"\s*\|\s*(?=(?:[^'\"]|'[^']*'|\"[^\"]*\")*$)", text.strip())
    value = atom(first, env)
    for f in filters:
        name, _, arg = f.partition(":")
        arg = atom(arg, env) if arg.strip() else None
        name = name.strip()
        try:
            if name == "default":
                value = arg if value is MISSING or value in (None, "") else value
            elif name == "upper":
                value = value.upper()
            elif name == "trim":
                value = value.strip()
            elif name == "length":
                value = len(value)
            elif name == "join":
                value = arg.join(show(v) for v in value)
            elif name == "pad":
                value = show(value).rjust(arg) if arg > 0 else show(value).ljust(-arg)
            else:
                raise Err(f"unknown filter {name}")
        except (AttributeError, TypeError):
            raise Err(f"bad value for {name}")
    return value


def norm(value):
    return json.dumps(None if value is MISSING else value, sort_keys=True)


def test(text, env):
    m = re.fullmatch(rf"\s*(not\b)?\s*({VALUE})\s*(?:(==|!=)\s*({VALUE}))?\s*", text)
    if not m:
        raise Err("bad condition")
    value = evaluate(m[2], env)
    if m[3]:
        result = (norm(value) == norm(evaluate(m[4], env))) == (m[3] == "==")
    else:
        result = value is not MISSING and bool(value)
    return result != bool(m[1])


def tokens(source):
    source = re.sub(r"^[ \t]*(\{[%#](?!.*\{[%#]).*?[%#]\})[ \t]*(?:\n|\Z)", r"\1", source, flags=re.M)
    source = re.sub(r"\s*(\{[{%#])-", r"\1", source)
    source = re.sub(r"-([%#}]\})\s*", r"\1", source)
    return TAG.split(source)


def block(parts, i, env, on, out):
    while i < len(parts):
        part = parts[i]
        word = part[2:-2].strip().split(" ")[0] if part.startswith("{%") else ""
        if word in ("elif", "else", "end"):
            return i
        if part.startswith("{{"):
            if on:
                out.append(show(evaluate(part[2:-2], env)))
        elif word == "if":
            done = False
            while word != "end":
                text = part[2:-2].strip()[len(word):]
                run = on and not done and (word == "else" or test(text, env))
                done = done or run
                i = block(parts, i + 1, env, run, out)
                part = parts[i]
                word = part[2:-2].strip().split(" ")[0]
        elif word == "for":
            m = re.fullmatch(rf"\s*for\s+(\w+)\s+in\s+({VALUE})\s*", part[2:-2])
            if not m:
                raise Err("bad loop")
            items = evaluate(m[2], env) if on else []
            items = [] if items in (MISSING, None) else items
            if not isinstance(items, list):
                raise Err("a loop needs a list")
            start = i + 1
            i = block(parts, start, env, False, out)
            for n, item in enumerate(items, 1):
                loop = {"index": n, "first": n == 1, "last": n == len(items), "outer": env.get("loop", MISSING)}
                block(parts, start, {**env, m[1]: item, "loop": loop}, True, out)
            if parts[i][2:-2].strip() == "else":
                i = block(parts, i + 1, env, on and not items, out)
        elif word:
            raise Err(f"unknown tag {word}")
        elif not part.startswith("{#") and on:
            out.append(part)
        i += 1
    return i


try:
    source = open(sys.argv[1], encoding="utf-8", newline="").read()
    data = json.load(open(sys.argv[2], encoding="utf-8"))
except (OSError, ValueError, IndexError) as e:
    print(e, file=sys.stderr)
    sys.exit(2)
out = []
try:
    block(tokens(source), 0, data, True, out)
except (Err, IndexError) as e:
    print(f"{sys.argv[1]}:1: {e}", file=sys.stderr)
    sys.exit(1)
sys.stdout.write("".join(out))
