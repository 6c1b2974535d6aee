"""Mathematical answers as EvalScope and lm-evaluation-harness read them: GSM8K and MATH."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agentbench_sdk.judges.peers.letters_text import evalscope_text
from agentbench_sdk.judging import Score

_INVALID = "[invalid]"
_STOPS = re.compile(r"Question:|Problem:|Q:|</s>|<\|im_end\|>")


def evalscope_job(reply: str, golds: Sequence[str]) -> dict[str, object]:
    """EvalScope 1.14.1: Math-Verify over the whole reply, boxes first and all of them together."""
    text = evalscope_text(reply)
    return {"pairs": [(0, text, gold) for gold in golds], "whole": True}


def score(reply: str, gold: str, peer: str) -> Score:
    """GSM8K's two filters and MATH's comparison of strings, of lm-eval 0.4.13."""
    text = _STOPS.split(reply)[0]
    if peer == "lm-eval/hendrycks_math":
        read = _between_dollars(text)
        passed = hendrycks_form(read) == hendrycks_form(gold)
    else:
        read = _gsm8k_strict(text) if peer.endswith("strict-match") else _gsm8k_flexible(text)
        passed = _gsm8k_form(read) == _gsm8k_form(gold)
    return Score(float(passed), passed, explanation=f"as {peer} reads it", evidence={"extracted": read})


def _gsm8k_strict(text: str) -> str:
    found = re.search(r"#### (-?[0-9.,]+)", text)
    return found[1] if found else _INVALID


def _gsm8k_flexible(text: str) -> str:
    """The last run that looks like a number: of signs, digits, points and commas."""
    found = re.findall(r"-?[$0-9.,]{2,}|-?[0-9]+", text)
    return found[-1] if found else _INVALID


def _gsm8k_form(text: str) -> str:
    text = re.sub(r",|\$|(?s:.*)#### |\.$", "", text)
    return text.lower()


def _between_dollars(text: str) -> str:
    """What stands between the first and the last dollar sign, the whole reply where there are none."""
    places = [place for place, sign in enumerate(text) if sign == "$"]
    return text if len(places) <= 1 else text[places[0] + 1 : places[-1]]


_FRAC = re.compile(r"\\frac(?!\{)(\S)(?:\{|(\S))")


def hendrycks_form(text: str) -> str:
    """The normal form of Hendrycks et al. 2021 (`math_equivalence`): LaTeX without what changes only its looks."""
    text = text.replace("\n", "").replace("\\!", "").replace("\\\\", "\\")
    text = re.sub(r"[td]frac", "frac", text)
    text = re.sub(r"\\left|\\right|\^\{\\circ\}|\^\\circ|\\\$|\\%|%", "", text)
    text = text.split("\\text{ ")[0]
    text = text.replace(" .", " 0.").replace("{.", "{0.")
    if text.startswith("."):
        text = f"0{text}"
    sides = text.split("=")
    if len(sides) == 2 and len(sides[0]) <= 2:
        text = sides[1]
    text = re.sub(r"\\sqrt(?!\{)(.)", r"\\sqrt{\1}", text).replace(" ", "")
    text = re.sub(r"\\frac(?!\{)(.)(?!\{)(.)", r"\\frac{\1}{\2}", text)
    text = re.sub(r"\\frac(?!\{)(.)(?=\{)", r"\\frac{\1}", text)
    text = "\\frac{1}{2}" if text == "0.5" else text
    return re.sub(r"^(-?\d+)/(-?\d+)$", r"\\frac{\1}{\2}", text)


def minerva_answer(reply: str) -> str:
    """The answer in Minerva's format, or its marker of none."""
    found = re.search(r"Final Answer: The final answer is(.*?). I hope it is correct.", reply)
    return found[1].strip() if found else "[invalidanswer]"
