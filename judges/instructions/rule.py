"""The judge `instructions`; see the folder."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

from agentbench_sdk.errors import ConfigurationError, JudgeError
from agentbench_sdk.judges.answers import final_text, no_answer
from agentbench_sdk.judges.instructions.checks import CHECKS
from agentbench_sdk.judging import JudgeCase, Score, judge

Variant = Literal["strict", "loose"]
Level = Literal["prompt", "instruction"]


def loosened(text: str) -> list[str]:
    """A reply and its seven variants: without its first line, its last, both, and each without asterisks.

    >>> loosened("Sure!\\n*Yes*")[2]
    '*Yes*'
    """
    lines = text.split("\n")
    cuts = [text, *("\n".join(part).strip() for part in (lines[1:], lines[:-1], lines[1:-1]))]
    return [each for cut in (cuts[:1], cuts[1:]) for form in (cut, [part.replace("*", "") for part in cut])
            for each in form]  # fmt: skip


def _check(*, variant: str = "strict", level: str = "prompt") -> None:
    if variant not in get_args(Variant):
        raise ConfigurationError(f"judge 'instructions': variant is {variant!r}; give 'strict' or 'loose'")
    if level not in get_args(Level):
        raise ConfigurationError(f"judge 'instructions': level is {level!r}; give 'prompt' or 'instruction'")


@judge(check=_check)
async def instructions(case: JudgeCase, *, variant: Variant = "strict", level: Level = "prompt") -> Score:
    """Pass if the reply keeps to all of the sample's instructions.

    Arguments:
        case: what is judged; its metadata has `instruction_id_list` and `kwargs`, a list of arguments for
            each, as IFEval's data set has, or its target is an object with both.
        variant: "loose" forgives an opening line, a closing line and asterisks: an instruction is kept when
            any of eight variants of the reply keeps it.
        level: "prompt" is 1 when all are kept; "instruction" is the share of those that are.

    The four figures that IFEval reports are in the evidence, whatever is chosen. An empty reply keeps none.

    Raises:
        JudgeError: there is no list of instructions, an id is unknown or its arguments are wrong, or the
            language must be told and langdetect is not installed.
    """
    wanted = _wanted(case)
    text = final_text(case)
    if not text.strip():
        return no_answer()
    # Telling the language takes long, and very long at the first time.
    strict, loose = await asyncio.to_thread(_followed, wanted, text)
    kept = list((strict if variant == "strict" else loose).values())
    passed = all(kept)
    value = float(passed) if level == "prompt" else sum(kept) / len(kept)
    evidence = {"strict": {_shown(*key): each for key, each in strict.items()},
                "loose": {_shown(*key): each for key, each in loose.items()}}  # fmt: skip
    return Score(
        value, passed, explanation=f"{sum(kept)} of {len(kept)} instructions kept", evidence=evidence
    )


Name = tuple[int, str]
Wanted = Sequence[tuple[Name, Mapping[str, Any]]]


def _followed(wanted: Wanted, text: str) -> tuple[dict[Name, bool], dict[Name, bool]]:
    """Which instructions are kept, strictly and loosely."""
    strict = {name: _kept(name, arguments, [text]) for name, arguments in wanted}
    variants = loosened(text)
    return strict, {name: strict[name] or _kept(name, arguments, variants) for name, arguments in wanted}


def _shown(index: int, name: str) -> str:
    return f"{index + 1} {name}"


def _kept(name: Name, arguments: Mapping[str, Any], variants: Sequence[str]) -> bool:
    return any(each.strip() and CHECKS[name[1]](each, arguments) for each in variants)


def _wanted(case: JudgeCase) -> Wanted:
    given = case.target if isinstance(case.target, Mapping) else case.metadata
    names, arguments = given.get("instruction_id_list"), given.get("kwargs") or []
    if not isinstance(names, Sequence) or isinstance(names, str) or not names:
        raise JudgeError(f"sample {case.sample_id!r}: judge 'instructions' needs 'instruction_id_list'")
    if unknown := [name for name in names if name not in CHECKS]:
        raise JudgeError(f"sample {case.sample_id!r}: there is no instruction {unknown[0]!r}")
    if not isinstance(arguments, Sequence) or len(arguments) not in (0, len(names)):
        raise JudgeError(f"sample {case.sample_id!r}: 'kwargs' must have one entry for each instruction")
    prompt = next((each.text for each in case.input if each.role == "user"), "")
    filled = [{"prompt_to_repeat": prompt} | _given(each) for each in arguments or [{}] * len(names)]
    return [((index, str(name)), each) for index, (name, each) in enumerate(zip(names, filled, strict=True))]


def _given(arguments: object) -> dict[str, Any]:
    """Arguments that are not null; data sets fill the columns of other instructions with nulls."""
    found = arguments if isinstance(arguments, Mapping) else {}
    return {str(key): value for key, value in found.items() if value is not None}
