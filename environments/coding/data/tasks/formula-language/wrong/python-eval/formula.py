import re
from fractions import Fraction

PYTHON = {"=": "==", "<>": "!=", "^": "**", "true": "True", "false": "False", "if": "_if"}


class FormulaError(Exception):
    def __init__(self, message, position):
        super().__init__(f"{message} at position {position}")
        self.position = position


def _if(condition, then, otherwise):
    return then if condition else otherwise


def _translate(text):
    parts, names, position = [], [], 0
    for found in re.finditer(
        r"\s*(?:([0-9]+(?:\.[0-9]+)?)|([A-Za-z_]\w*)|(<>|<=|>=|[-+*/()^,=<>])|(\S))", text
    ):
        number, name, operator, wrong = found.groups()
        if wrong:
            raise FormulaError(f"unexpected {wrong!r}", found.start(4))
        if number:
            parts.append(f"Fraction('{number}')")
        elif operator:
            parts.append(PYTHON.get(operator, operator))
        elif text[found.end() :].lstrip().startswith("(") or name.lower() in (
            "and",
            "or",
            "not",
            "true",
            "false",
        ):
            parts.append(PYTHON.get(name.lower(), name.lower()))
        else:
            names.append(name)
            parts.append(f"_names['{name}']")
    return " ".join(parts), list(dict.fromkeys(names))


def evaluate(text, names=None):
    code, _ = _translate(text)
    functions = {
        "Fraction": Fraction,
        "min": min,
        "max": max,
        "abs": abs,
        "sum": lambda *v: sum(v, Fraction(0)),
    }
    try:
        value = eval(code, {"__builtins__": {}, "_if": _if, "_names": names or {}, **functions})
    except SyntaxError:
        raise FormulaError("unexpected end", len(text)) from None
    except (KeyError, TypeError, ZeroDivisionError, NameError) as error:
        raise FormulaError(str(error), 0) from None
    return value if isinstance(value, bool) else Fraction(value)


def names_in(text):
    return _translate(text)[1]
