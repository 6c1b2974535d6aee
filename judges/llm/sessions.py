"""`goal_reached` and `policy_kept`: what a model says of a whole session, tool calls and both sides included.

goal_reached(goal="The customer's broken lamp is replaced, free of charge.")
goal_reached(goal_field="goal")     # each sample has its own goal in its metadata
policy_kept()                       # the policy is what the system prompt says
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from agentbench_sdk.errors import ConfigurationError, JudgeError
from agentbench_sdk.judges.llm.asking import LlmJudge, Question
from agentbench_sdk.judges.llm.binary import YES_NO, decided
from agentbench_sdk.judges.llm.fence import shown_text
from agentbench_sdk.judges.llm.work import session_text
from agentbench_sdk.judging import JudgeCase, Scale, Score
from agentbench_sdk.sessions.transcript import MessageEntry

_GOAL_IN_MATERIAL = 'It stands in the material, as "Goal".'
_GOAL_IN_SESSION = "What the system prompt or the first words of the user ask the agent to bring about."
_POLICY_IN_MATERIAL = 'It stands in the material, as "Policy".'


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalReachedJudge(LlmJudge):
    """Pass if a model says that the session reached its goal, by what tools returned and not by claims.

    An agent that did nothing reached no goal. A long session is shortened in the middle.

    Attributes:
        goal: the goal of every session, in plain words; when it and `goal_field` are left out, it is what the
            session itself asks for.
        goal_field: the member of the sample's metadata that holds its own goal, in place of `goal`.

    Raises:
        ConfigurationError: `goal` and `goal_field` are both given.
    """

    name: ClassVar[str] = "goal_reached"

    goal: str = ""
    goal_field: str | None = None

    def __post_init__(self) -> None:
        _one_of_both(self.name, "goal", self.goal, self.goal_field)

    @property
    def scale(self) -> Scale:
        return Scale(0.0, 1.0)

    async def judge(self, case: JudgeCase) -> Score:
        """Ask for yes or no.

        Raises:
            ModelError: the judge model did not answer.
            JudgeError: the sample has no such goal, or no judge model was named.
        """
        own = _own(case, self.name, self.goal_field)
        session = session_text(case, self.numbers_of(case))
        if not session:
            return Score(0.0, passed=False, label="no", explanation="the agent did nothing")
        material = {"Goal": own, "Session": session} if own else {"Session": session}
        goal = _GOAL_IN_MATERIAL if own else self.goal.strip() or _GOAL_IN_SESSION
        question = Question("goal_reached", material, YES_NO, {"goal": goal}, self.media_of(case))
        return await decided(self, case, question)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyKeptJudge(LlmJudge):
    """Pass if a model finds no breach of the policy in what the agent did and said.

    An agent that did nothing is unscored, and so is a session without a policy. A long session is shortened in
    the middle.

    Attributes:
        policy: the rules, in plain words; when it and `policy_field` are left out, they are what the session's
            system prompt says.
        policy_field: the member of the sample's metadata that holds its own rules, in place of `policy`.

    Raises:
        ConfigurationError: `policy` and `policy_field` are both given.
    """

    name: ClassVar[str] = "policy_kept"

    policy: str = ""
    policy_field: str | None = None

    def __post_init__(self) -> None:
        _one_of_both(self.name, "policy", self.policy, self.policy_field)

    @property
    def scale(self) -> Scale:
        return Scale(0.0, 1.0)

    async def judge(self, case: JudgeCase) -> Score:
        """Ask for yes or no.

        Raises:
            ModelError: the judge model did not answer.
            JudgeError: there is no policy, or no judge model was named.
        """
        own = _own(case, self.name, self.policy_field)
        if not own and not self.policy.strip():
            own = _system_prompt(case)
        session = session_text(case, self.numbers_of(case))
        if not session:
            return Score.unscored("the agent did nothing, which keeps and breaks no policy")
        material = {"Policy": own, "Session": session} if own else {"Session": session}
        policy = _POLICY_IN_MATERIAL if own else self.policy.strip()
        question = Question("policy_kept", material, YES_NO, {"policy": policy}, self.media_of(case))
        return await decided(self, case, question)


def _one_of_both(judge: str, name: str, text: str, member: str | None) -> None:
    if text.strip() and member is not None:
        raise ConfigurationError(f"judge {judge!r}: {name} and {name}_field are both given; give one of them")


def _own(case: JudgeCase, judge: str, member: str | None) -> str:
    """What the sample's metadata say; "" when they are not asked."""
    if member is None:
        return ""
    found = case.metadata.get(member)
    if not isinstance(found, str) or not found.strip():
        raise JudgeError(
            f"sample {case.sample_id!r}: judge {judge!r} wants the text metadata[{member!r}], and there is none"
        )
    return shown_text(found)


def _system_prompt(case: JudgeCase) -> str:
    spoken = [entry.message for entry in case.transcript if isinstance(entry, MessageEntry)]
    system = [message.text for message in (*spoken, *case.input) if message.role == "system"]
    if not system:
        raise JudgeError(
            f"sample {case.sample_id!r}: judge 'policy_kept' finds no policy: the session has no system prompt; "
            "give the judge policy=… or policy_field=…"
        )
    return shown_text("\n\n".join(dict.fromkeys(system)))


goal_reached = GoalReachedJudge
policy_kept = PolicyKeptJudge
