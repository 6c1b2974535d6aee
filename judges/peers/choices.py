"""`peer_choice`: the letter of a multiple-choice question as a named peer reads it; see `letters`."""

from __future__ import annotations

import string

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges.peers.letters import READERS
from agentbench_sdk.judges.peers.pipeline import lmms_text
from agentbench_sdk.judges.targets import bad_target
from agentbench_sdk.judging import JudgeCase, Score, judge


def _check(*, reader: str, letters: str = "") -> None:
    if reader not in READERS:
        raise ConfigurationError(
            f"judge 'peer_choice': reader is {reader!r}; give one of {', '.join(READERS)}"
        )
    if letters != "".join(dict.fromkeys(letters.upper())):
        raise ConfigurationError(
            f"judge 'peer_choice': letters is {letters!r}; give different capitals, like 'ABCD'"
        )


@judge(check=_check)
def peer_choice(case: JudgeCase, *, reader: str, letters: str = "") -> Score:
    """Pass if the letter that a peer's reader finds is the target's.

    Arguments:
        case: what is judged.
        reader: "letter", "mmmu", "audio" …: see `agentbench_sdk.judges.peers.letters`.
        letters: those that the reader looks for; by default from A on, as many as the sample has choices,
            or A to D when it lists none.

    Where the peer would guess at random, nothing was read, and the answer is wrong.

    Raises:
        JudgeError: the target is no letter, no text of a choice and no index of one.
    """
    known = letters or string.ascii_uppercase[: len(case.choices) or 4]
    wanted = _wanted(case)
    found = READERS[reader](lmms_text(case.answer), known, case.choices)
    passed = found == wanted
    explanation = f"chose {found}" if found else "no choice was read"
    return Score(float(passed), passed, found or "undecided", explanation, {"extracted": found})


def _wanted(case: JudgeCase) -> str:
    target = case.target
    if isinstance(target, int) and not isinstance(target, bool) and 0 <= target < len(case.choices):
        return string.ascii_uppercase[target]
    if isinstance(target, str):
        texts = [each.strip().lower() for each in case.choices]
        if target.strip().lower() in texts:
            return string.ascii_uppercase[texts.index(target.strip().lower())]
        bare = target.strip("() .")
        if len(bare) == 1 and bare in string.ascii_uppercase:
            return bare
    raise bad_target(case, "peer_choice", "a letter, the text of a choice or its index from 0")
