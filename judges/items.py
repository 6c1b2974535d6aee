"""`items`: a list or a set of answers, with credit for each that is right.

A reply may write it as a JSON list, as bullets or numbered lines, or in a sentence with commas and "and".
Precision, recall and F1 are those of information retrieval (van Rijsbergen 1979, chapter 7); where the order
counts, what is common is the longest common subsequence, as in ROUGE-L (Lin 2004).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal, get_args

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges.alias import normalised_name
from agentbench_sdk.judges.answers import READ_LIMIT, answer_text, json_answer, no_answer, statements
from agentbench_sdk.judges.json_values import whole_json
from agentbench_sdk.judges.numbers import parse_number
from agentbench_sdk.judges.overlap import common_subsequence, f1
from agentbench_sdk.judges.stated import plain_answer, stated_text
from agentbench_sdk.judges.targets import alternatives, bad_target
from agentbench_sdk.judging import JudgeCase, Score, judge

Credit = Literal["all", "f1", "precision", "recall", "jaccard"]
ITEMS_LIMIT = 1_000
_BULLET = re.compile(r"^\s*(?:[-*•–+]|\(?\d{1,3}[.):]|[a-z][.)])\s+(\S.*)$")


def read_items(text: str) -> list[str]:
    """The items that a reply lists, in its order.

    >>> read_items("The answer is: red, green and blue.")
    ['red', 'green', 'blue']
    >>> read_items("Here they are:\\n1. red\\n2. green")
    ['red', 'green']
    """
    text = text[-READ_LIMIT:].strip()
    if (values := _json_items(text)) is not None:
        return values
    bullets = [match[1] for line in text.splitlines() if (match := _BULLET.match(line))]
    stated = stated_text(text)
    if bullets and (len(bullets) > 1 or stated is None) and not _stated_after(text):
        return [plain_answer(each) for each in bullets][:ITEMS_LIMIT]
    return _split(stated or "")[:ITEMS_LIMIT]


def _json_items(text: str) -> list[str] | None:
    try:
        value = whole_json(text)
    except ValueError:
        return None
    if isinstance(value, dict):
        lists = [each for each in value.values() if isinstance(each, list)]
        if len(lists) != 1:
            content = json_answer(text)
            return None if content is None else _split(content)
        value = lists[0]
    if not isinstance(value, list):
        return None
    return [each if isinstance(each, str) else _shown(each) for each in value][:ITEMS_LIMIT]


def _shown(value: object) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)


def _stated_after(text: str) -> bool:
    """Whether an answer in one line comes after the last bullet."""
    last = max((match.end() for match in re.finditer(_BULLET.pattern, text, re.MULTILINE)), default=0)
    return any(each.start >= last and plain_answer(each.content) for each in statements(text))


def _split(content: str) -> list[str]:
    content = re.sub(r"^[\[({]\s*(.*?)\s*[\])}]$", r"\1", content.strip(), flags=re.DOTALL)
    # A comma between groups of three digits belongs to a number.
    separator = r";" if ";" in content else r",(?!\d{3}(?!\d))|、|，|\n"
    parts = re.split(rf"\s*(?:{separator})\s*(?:and\s+|or\s+|и\s+)?", content)
    last = re.split(r"\s+(?:and|&|и)\s+|\s*[和与及]\s*", parts[-1])
    if len(parts) > 1 and len(last) > 2:
        last = [parts[-1]]
    return [plain for plain in map(plain_answer, [*parts[:-1], *last]) if plain]


def item_key(text: str) -> str:
    """What of an item counts: a number by its value, a text without case, signs and articles."""
    number = parse_number(text)
    if number is not None and not number.unit:
        return f"{number.value}{'%' if number.percent else ''}"
    return normalised_name(text) or text.strip().casefold()


def _check(*, ordered: bool = False, credit: str = "all", duplicates: bool = False) -> None:
    if credit not in get_args(Credit):
        raise ConfigurationError(
            f"judge 'items': credit is {credit!r}; give one of {', '.join(get_args(Credit))}"
        )


@judge(check=_check)
def items(
    case: JudgeCase, *, ordered: bool = False, credit: Credit = "all", duplicates: bool = False
) -> Score:
    """Compare the listed items with the target's; passed when they are the same.

    Arguments:
        case: what is judged.
        ordered: the order counts.
        credit: the value: "all" is 1 only for the same items, "recall" the share of the target's that is
            named, "precision" the share of the named that is right, "f1" their harmonic mean, "jaccard" the
            common ones as a share of all.
        duplicates: an item counts as often as it is written; in ordered lists it always does.

    The target is a list; texts are compared without case, signs and English articles, numbers by value.

    Raises:
        JudgeError: the target is no list of texts or numbers.
    """
    wanted = _wanted(case)
    text = answer_text(case)
    if not text:
        return no_answer()
    named = read_items(text)
    left, right = [item_key(each) for each in named], [item_key(each) for each in wanted]
    if not (ordered or duplicates):
        left, right = list(dict.fromkeys(left)), list(dict.fromkeys(right))
    common = common_subsequence(left, right) if ordered else (Counter(left) & Counter(right)).total()
    same = left == right if ordered else Counter(left) == Counter(right)
    values = _values(common, len(left), len(right))
    missing, more = Counter(right) - Counter(left), Counter(left) - Counter(right)
    evidence = {"extracted": named, "missing": sorted(missing), "extra": sorted(more), **values}
    value = float(same) if credit == "all" else values[credit]
    return Score(
        value, same, explanation=f"{common} of {len(right)} items, {len(left)} named", evidence=evidence
    )


def _wanted(case: JudgeCase) -> list[str]:
    texts = [str(each) for each in alternatives(case) if isinstance(each, str | int | float)]
    listed = isinstance(case.target, Sequence) and not isinstance(case.target, str)
    whole = len(texts) == len(alternatives(case)) and not any(
        isinstance(each, bool) for each in alternatives(case)
    )
    if listed and texts and whole and all(text.strip() for text in texts):
        return texts
    raise bad_target(case, "items", "a list of texts or numbers, none of them empty")


def _values(common: int, named: int, wanted: int) -> dict[str, float]:
    return {
        "precision": common / named if named else 0.0,
        "recall": common / wanted,
        "f1": f1(common, named, wanted),
        "jaccard": common / (named + wanted - common),
    }
