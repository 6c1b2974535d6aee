"""Short answers as EvalScope and lm-evaluation-harness score them: TriviaQA and BIG-Bench Hard."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from agentbench_sdk.judges.peers.letters_text import evalscope_text
from agentbench_sdk.judges.peers.signs import without_signs
from agentbench_sdk.judging import Score

_INVALID = "[invalid]"


def _score(read: str | None, *, passed: bool, peer: str) -> Score:
    return Score(float(passed), passed, explanation=f"as {peer} reads it", evidence={"extracted": read})


def trivia_score(reply: str, names: Sequence[str], peer: str) -> Score:
    """TriviaQA: see the option `compat` of the judge `alias`."""
    if peer == "lm-eval":
        # The reply stops at the first line end, full stop or comma.
        read = re.split(r"[\n.,]", reply)[0].strip()
        wanted = {without_signs(name.casefold()) for name in names}
        return _score(read, passed=without_signs(read.casefold()) in wanted, peer=peer)
    released = peer == "evalscope-1.14.1"
    read = _after_marker(evalscope_text(reply), re.IGNORECASE if released else 0)
    if released:
        return _score(read, passed=_normal(read) in map(_normal, names) and bool(_normal(read)), peer=peer)
    return _score(read, passed=bool(read) and read in "".join(names), peer=peer)


def _after_marker(text: str, flags: int) -> str:
    found = re.findall(r"ANSWER:\s*(.*)", text, flags)
    return found[-1].strip() if found else text.strip()


def _normal(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold()
    text = "".join(" " if unicodedata.category(each).startswith("P") else each for each in text)
    return " ".join(re.sub(r"\b(?:a|an|the)\b", " ", text).split())


def bbh_score(reply: str, target: str, peer: str) -> Score:
    """BIG-Bench Hard: see the option `compat` of the judge `bbh`."""
    letter = re.fullmatch(r"\(?([A-Z])\)?", target)
    if peer == "lm-eval/strict-match":
        found = re.search(r"(?<=[Tt]he answer is ).*(?=.)", reply)
        read = found.group() if found else _INVALID
        return _score(read, passed=read == (f"({letter[1]})" if letter else target), peer=peer)
    if peer == "lm-eval":
        read = _bbh_flexible(reply, target)
        wanted = f"({letter[1]})" if letter else target
        return _score(read, passed=_same_flexible(read, wanted), peer=peer)
    read = _bbh_evalscope(evalscope_text(reply), choice=letter is not None)
    wanted = letter[1] if letter else target.replace("(", "").replace(")", "")
    return _score(read, passed=read.strip().casefold() == wanted.strip().casefold(), peer=peer)


def _bbh_evalscope(text: str, *, choice: bool) -> str:
    """What follows the last "So the answer is ", up to the end of its line and without its full stop."""
    said = text.rsplit("So the answer is ", maxsplit=1)[-1].strip()
    line = said.split("\n")[0].strip()
    if choice:
        found = re.search(r"\(([A-Z])\)", line) or re.search(r"([A-Z])", line)
        return found[1] if found else line
    return line.removesuffix(".").strip("*")


def _bbh_flexible(reply: str, target: str) -> str:
    """The flexible filters of bbh_cot_zeroshot, told by the form of the target."""
    text = re.split(r"</s>|Q:|<\|im_end\|>", reply)[0]
    if re.fullmatch(r"\(?[A-Z]\)?", target):
        found = re.findall(r"\([A-Z]\)", text)
    elif re.fullmatch(r"-?\d+", target):
        found = re.findall(r"-?\d+", text)
    elif target.casefold() in ("yes", "no", "true", "false", "valid", "invalid"):
        found = re.findall(r"\b(?:yes|no|true|false|valid|invalid)\b", text, re.IGNORECASE)
    else:
        said = re.search(r"answer is\s*(.*?)\.?\s*$", text.split("\n")[-1], re.IGNORECASE)
        found = [said[1].strip("* ") if said else text]
    return found[-1] if found else _INVALID


def _same_flexible(read: str, wanted: str) -> bool:
    if re.fullmatch(r"-?\d+|\([A-Z]\)", wanted):
        return read == wanted
    return read.casefold() == wanted.casefold()
