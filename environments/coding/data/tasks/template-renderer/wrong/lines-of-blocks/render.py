"""Renders templates; the language is described in docs/templates.md."""

import json
import re
import sys

SPACE = " \t\r\n"
RESERVED = {"if", "elif", "else", "end", "for", "in", "not", "true", "false", "null"}
CONSTANTS = {"true": True, "false": False, "null": None}
NAME = "[A-Za-z_][A-Za-z0-9_]*"
TOKEN = re.compile(rf"[ \t\r\n]*(?:(\"[^\"]*\"|'[^']*')|(-?[0-9]+)|({NAME})|(==|!=|[|:.]))")
STRING, NUMBER, WORD, SIGN = 1, 2, 3, 4
MISSING = object()


class TemplateError(Exception):
    def __init__(self, message, line=None):
        super().__init__(message)
        self.line = line


def at(line, action, *arguments):
    """The result of an action; its errors get the line if they have none."""
    try:
        return action(*arguments)
    except TemplateError as error:
        raise TemplateError(str(error), error.line or line) from None


def need(fits, message):
    if not fits:
        raise TemplateError(message)


def is_whole(value):
    return isinstance(value, int) and not isinstance(value, bool)


def equal(one, other):
    one, other = (None if value is MISSING else value for value in (one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    return one == other


def printed(value):
    need(value is not MISSING, "a missing value cannot be printed")
    need(not isinstance(value, (list, dict)), "lists and objects cannot be printed")
    if isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, bool) else "" if value is None else repr(value)


def on_string(change):
    def apply(value):
        need(isinstance(value, str), "the filter needs a string")
        return change(value)

    return apply


def length(value):
    need(isinstance(value, (str, list, dict)), "length needs a string, list or object")
    return len(value)


def join(value, separator):
    separator = separator()
    need(isinstance(value, list) and isinstance(separator, str), "join needs a list and a string")
    return separator.join(map(printed, value))


def default(value, other):
    return other() if value is MISSING or value is None or value == "" else value


def pad(value, width):
    width = width()
    need(is_whole(width), "pad needs a whole number")
    return printed(value).rjust(width) if width > 0 else printed(value).ljust(-width)


FILTERS = {"upper": on_string(str.upper), "trim": on_string(str.strip), "length": length}
FILTERS_WITH_ARGUMENT = {"join": join, "default": default, "pad": pad}


class Tag:
    """A tag, its text being parsed token by token into functions from names to values."""

    def __init__(self, kind, text, line, start, stop):
        self.kind, self.text, self.line, self.start, self.stop = kind, text, line, start, stop
        self.trim_before = text[:1] == "-"
        self.trim_after = text[1:][-1:] == "-" if self.trim_before else text[-1:] == "-"
        self.tokens = []

    def parse(self):
        place, end = self.trim_before, len(self.text) - self.trim_after
        while self.text[place:end].strip(SPACE):
            found = TOKEN.match(self.text, place, end)
            need(found, "the tag is not understood")
            self.tokens.append((found.lastindex, found[found.lastindex]))
            place = found.end()

    def take(self, kind, *texts):
        if self.tokens and self.tokens[0][0] == kind and (not texts or self.tokens[0][1] in texts):
            return self.tokens.pop(0)[1]
        return None

    def name(self):
        name = self.take(WORD)
        need(name and name not in RESERVED, "a name is missing")
        return name

    def finish(self, result=None):
        need(not self.tokens, "the tag is not understood")
        return result

    def plain_value(self):
        if (text := self.take(STRING)) is not None:
            return lambda names: text[1:-1]
        if number := self.take(NUMBER):
            return lambda names: int(number)
        if constant := self.take(WORD, *CONSTANTS):
            return lambda names: CONSTANTS[constant]
        parts = [self.name()]
        while self.take(SIGN, "."):
            part = self.take(WORD) or self.take(NUMBER)
            need(part and part[0] != "-", "a part is missing")
            parts.append(part)
        return lambda names: follow(names, parts)

    def value(self):
        value = self.plain_value()
        while self.take(SIGN, "|"):
            name = self.take(WORD)
            argument = self.plain_value() if self.take(SIGN, ":") else None
            need(name in (FILTERS_WITH_ARGUMENT if argument else FILTERS), f"unknown filter {name}, or a wrong number of arguments")
            value = filtered(value, name, argument)
        return value

    def condition(self):
        inverse = bool(self.take(WORD, "not"))
        left = self.value()
        sign = self.take(SIGN, "==", "!=")
        if not sign:
            return lambda names: truth(left(names)) != inverse
        right = self.value()
        return lambda names: equal(left(names), right(names)) != (inverse != (sign == "!="))


def truth(value):
    return value is not MISSING and bool(value)


def follow(value, parts):
    for part in parts:
        if isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            value = value.get(part, MISSING) if isinstance(value, dict) else MISSING
    return value


def filtered(value, name, argument):
    if argument is None:
        return lambda names: FILTERS[name](value(names))
    return lambda names: FILTERS_WITH_ARGUMENT[name](value(names), lambda: argument(names))


def find_tags(source):
    place = 0
    while found := re.compile(r"\{([{%#])").search(source, place):
        start, kind = found.start(), found[1]
        line = source.count("\n", 0, start) + 1
        ending = {"{": "}}", "%": "%}", "#": "#}"}[kind]
        text = rf"((?:\"[^\"]*\"|'[^']*'|(?!{ending})[^\"'])*){ending}" if kind != "#" else rf"(.*?){ending}"
        whole = re.compile(text, re.DOTALL).match(source, found.end())
        if not whole:
            raise TemplateError("the tag is not closed", line)
        yield Tag(kind, whole[1], line, start, whole.end())
        place = whole.end()


def pieces(source):
    """Texts and tags in order."""
    place, trim = 0, False
    for tag in find_tags(source):
        start, stop = tag.start, tag.stop
        line_start, line_stop = source.rfind("\n", 0, start) + 1, source.find("\n", stop)
        line_stop = len(source) if line_stop < 0 else line_stop
        if tag.kind == "%" and not (source[place:start] if place > line_start else source[line_start:start]).strip(" \t") and not source[stop:line_stop].strip(" \t"):
            line_start = max(place, line_start)
            start, stop = line_start, min(line_stop + 1, len(source))
        text = source[place:start]
        text = text.lstrip(SPACE) if trim else text
        yield text.rstrip(SPACE) if tag.trim_before else text
        yield tag
        place, trim = stop, tag.trim_after
    yield source[place:].lstrip(SPACE) if trim else source[place:]


class Block:
    """An if or a loop: parts, each with what decides about it."""

    def __init__(self, tag, name, decide, around):
        self.line, self.name, self.around = tag.line, name, around
        self.parts = [(tag.line, decide, [])]

    def add(self, line, decide):
        need(self.parts[-1][1] is not None and (decide is None or self.name is None), "elif or else does not belong here")
        self.parts.append((line, decide, []))
        return self.parts[-1][2]

    def render(self, names):
        if self.name is not None:
            return self.render_loop(names)
        for line, decide, nodes in self.parts:
            if decide is None or at(line, decide, names):
                return render(nodes, names)
        return ""

    def render_loop(self, names):
        values = at(self.line, self.elements, names)
        if not values:
            return render(self.parts[1][2], names) if len(self.parts) > 1 else ""
        output = []
        for index, value in enumerate(values, 1):
            loop = {"index": index, "first": index == 1, "last": index == len(values)}
            if isinstance(names, Inner):
                loop["outer"] = names["loop"]
            output.append(render(self.parts[0][2], Inner({**names, self.name: value, "loop": loop})))
        return "".join(output)

    def elements(self, names):
        values = self.parts[0][1](names)
        values = [] if values is MISSING or values is None else values
        need(isinstance(values, list), "a loop needs a list")
        return values


class Inner(dict):
    """The names inside of a loop."""


def render(nodes, names):
    return "".join(node if isinstance(node, str) else node(names) for node in nodes)


def print_node(tag):
    value = tag.finish(tag.value())
    return lambda names: at(tag.line, lambda: printed(value(names)))


class TemplateParser:
    def __init__(self):
        self.nodes = self.root = []
        self.open = []

    def parse(self, source):
        for piece in pieces(source):
            if isinstance(piece, str):
                self.nodes.append(piece)
            elif piece.kind != "#":
                at(piece.line, self.tag, piece)
        if self.open:
            raise TemplateError("the block has no end", self.open[-1].line)
        return self.root

    def tag(self, tag):
        tag.parse()
        if tag.kind == "{":
            self.nodes.append(print_node(tag))
            return
        word = tag.take(WORD)
        if word == "if":
            self.begin(Block(tag, None, tag.finish(tag.condition()), self.nodes))
        elif word == "for":
            name = tag.name()
            need(tag.take(WORD, "in"), "in is missing")
            self.begin(Block(tag, name, tag.finish(tag.value()), self.nodes))
        else:
            need(word in ("elif", "else", "end"), "unknown tag")
            need(self.open, f"{word} without a block")
            decide = tag.condition() if word == "elif" else None
            tag.finish()
            self.nodes = self.open.pop().around if word == "end" else self.open[-1].add(tag.line, decide)

    def begin(self, block):
        self.nodes.append(block.render)
        self.open.append(block)
        self.nodes = block.parts[0][2]


def load(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def main(arguments):
    if len(arguments) != 2:
        print("usage: render.py TEMPLATE DATA.json", file=sys.stderr)
        return 2
    try:
        source, names = load(arguments[0]), json.loads(load(arguments[1]))
        if not isinstance(names, dict):
            raise ValueError(f"{arguments[1]}: not a JSON object")
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    try:
        output = render(TemplateParser().parse(source), names)
    except TemplateError as error:
        print(f"{arguments[0]}:{error.line}: {error}", file=sys.stderr)
        return 1
    sys.stdout.buffer.write(output.encode())
    return 0


sys.exit(main(sys.argv[1:]))
