"""What a judge of one piece of work shows of it: the question and the answer, or the whole session."""

from __future__ import annotations

import json
from dataclasses import dataclass

from agentbench_sdk.judges.answers import answer_text
from agentbench_sdk.judges.llm.asking import LlmJudge
from agentbench_sdk.judges.llm.fence import (
    rendered_question,
    rendered_transcript,
    shown_text,
    valid_text,
)
from agentbench_sdk.judging import JudgeCase
from agentbench_sdk.sessions.transcript import MessageEntry, Transcript


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkJudge(LlmJudge):
    """A judge of one answer, or of one session.

    Attributes:
        include_target: show the sample's target as a reference answer.
        transcript: show the whole session, tool calls and both sides of a conversation, instead of question
            and answer; a long one is shortened in the middle.
    """

    include_target: bool = False
    transcript: bool = False

    def work(self, case: JudgeCase) -> str:
        """What the candidate did, "" when it did nothing."""
        if not self.transcript:
            return shown_text(answer_text(case))
        return session_text(case, self.numbers_of(case))

    def material(self, case: JudgeCase, work: str) -> dict[str, str]:
        """What the judge model is shown, by label."""
        material = {}
        if not self.transcript and (question := question_text(case, self.numbers_of(case))):
            material["Question"] = question
        if self.include_target:
            material["Reference answer"] = target_text(case)
        material["Session" if self.transcript else "Answer"] = work
        return material


def question_text(case: JudgeCase, numbers: dict[str, int]) -> str:
    """What the sample asked, as a judge is shown it."""
    return shown_text(rendered_question(case.input, numbers))


def session_text(case: JudgeCase, numbers: dict[str, int]) -> str:
    """The session as a judge is shown it; "" when the agent did nothing in it."""
    if not did_something(case.transcript):
        return ""
    return valid_text(rendered_transcript(case.transcript, numbers=numbers))


def did_something(transcript: Transcript) -> bool:
    """Whether the agent said something or called a tool."""
    return any(call.actor == "agent" for call in transcript.tool_calls) or any(
        isinstance(entry, MessageEntry) and entry.speaker == "agent" and entry.message.text.strip()
        for entry in transcript
    )


def target_text(case: JudgeCase) -> str:
    """The sample's target in words: a text as it is, anything else as JSON."""
    return shown_text(in_words(case.target))


def in_words(target: object) -> str:
    """A text as it is, anything else as JSON."""
    if isinstance(target, str):
        return target
    return json.dumps(target, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
