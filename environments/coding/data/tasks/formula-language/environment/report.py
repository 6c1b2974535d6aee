"""Uses formulas; must go on working as it is."""

from formula import FormulaError, evaluate


def line(text: str) -> str:
    """The formula and its value, or a mark below the place where it is wrong."""
    try:
        return f"{text} = {evaluate(text)}"
    except FormulaError as error:
        return f"{text}\n{' ' * error.position}^"
