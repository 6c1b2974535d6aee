"""A session with a simulated user: who speaks when, who sees what, and how it ends."""

from collections.abc import Awaitable, Callable, Sequence

import pytest

from agentbench_sdk.errors import RateLimitedError
from agentbench_sdk.messages import Message, ToolCall, Usage
from agentbench_sdk.models import Capabilities, ModelRequest, ModelResponse
from agentbench_sdk.sessions import (
    Episode,
    Limits,
    MessageEntry,
    SessionPlan,
    SessionResult,
    ToolEntry,
    ToolLoop,
    UserPlan,
    WorldEntry,
    run_session,
)
from agentbench_sdk.testing.lamp import BYE, GREETING, Lamp

Line = str | Message | Exception
Asked = list[ModelRequest]


def call(name: str, arguments: str = "{}", *, text: str = "") -> Message:
    return Message.assistant(text, tool_calls=[ToolCall(f"id-{name}", name, arguments)])


NOTE = call("note", '{"text": "tried"}')
PRESS = call("press")


def lines(script: Sequence[Line]) -> tuple[Callable[[ModelRequest, int], Awaitable[ModelResponse]], Asked]:
    """A model that says these lines in turn, the last one for ever, and what it was asked."""
    asked: Asked = []

    async def generate(request: ModelRequest, turn: int) -> ModelResponse:
        asked.append(request)
        line = script[min(turn, len(script) - 1)]
        if isinstance(line, Exception):
            raise line
        message = Message.assistant(line) if isinstance(line, str) else line
        return ModelResponse(message, usage=Usage(10, 5))

    return generate, asked


class Talk:
    """A conversation of two scripts about a lamp, and what came of it."""

    def __init__(self, agent: Sequence[Line], user: Sequence[Line], *, presses: int = 1) -> None:
        self._agent, self.agent_asked = lines(agent)
        self._user, self.user_asked = lines(user)
        self.world = Lamp.create({"presses": presses})
        self.result: SessionResult

    async def held(
        self,
        *,
        limits: Limits | None = None,
        agent: ToolLoop | None = None,
        user_can: Capabilities | None = None,
    ) -> "Talk":
        side = self.world.user_side()
        assert side is not None
        user = UserPlan(side, self._user, capabilities=user_can or Capabilities())
        plan = SessionPlan(
            (), agent or ToolLoop(), environment=self.world, user=user, limits=limits or Limits()
        )
        self.result = await run_session(plan, self._agent)
        return self

    @property
    def ended(self) -> tuple[str, str]:
        return self.result.ending.status, self.result.ending.reason

    @property
    def spoken(self) -> list[tuple[str, str]]:
        return [(e.speaker, e.message.text) for e in self.result.transcript if isinstance(e, MessageEntry)]


def view(request: ModelRequest) -> list[tuple[str, str]]:
    return [(message.role, message.text) for message in request.messages]


async def test_the_agent_has_greeted_and_the_user_speaks_first() -> None:
    talk = await Talk(["What is it?"], ["It is dark.", BYE]).held()
    assert view(talk.user_asked[0]) == [("system", "You own a lamp that is dark."), ("user", GREETING)]
    assert view(talk.agent_asked[0])[1:] == [("assistant", GREETING), ("user", "It is dark.")]
    assert talk.ended == ("completed", "user_stop")
    assert talk.result.ending.detail == f"the user ended the session with {BYE}"


async def test_each_side_sees_its_own_calls_and_the_other_sides_words_alone() -> None:
    talk = await Talk([NOTE, "Press it."], ["It is dark.", PRESS, f"Fine. {BYE}"]).held()
    assert [role for role, _ in view(talk.agent_asked[1])] == [
        "system",
        "assistant",
        "user",
        "assistant",
        "tool",
    ]
    assert view(talk.user_asked[2])[1:] == [
        ("user", GREETING),
        ("assistant", "It is dark."),
        ("user", "Press it."),
        ("assistant", ""),
        ("tool", "the lamp is lit"),
    ]
    assert [tool.name for tool in talk.user_asked[0].tools] == ["press", "look"]
    assert [tool.name for tool in talk.agent_asked[0].tools] == ["note"]


async def test_the_transcript_attributes_every_call_to_its_side() -> None:
    talk = await Talk([NOTE, "Press it."], ["It is dark.", PRESS, BYE]).held()
    calls = [(e.actor, e.name) for e in talk.result.transcript if isinstance(e, ToolEntry)]
    assert calls == [("agent", "note"), ("user", "press")]
    assert talk.spoken[1:4] == [("environment", GREETING), ("user", "It is dark."), ("agent", "")]
    assert talk.result.transcript.usage("user") == Usage(30, 15)
    assert talk.result.usage == Usage(20, 10)  # the agent's alone


async def test_the_world_hears_what_is_said_and_is_scored() -> None:
    talk = await Talk(["Press it."], ["It is dark.", PRESS, f"It is lit. {BYE}"]).held()
    assert talk.world.state()["heard"] == [
        f"agent: {GREETING}",
        "user: It is dark.",
        "agent: Press it.",
        f"user: It is lit. {BYE}",
    ]
    assert talk.result.outcome is not None
    assert (talk.result.outcome.reward, talk.result.outcome.end_reason) == (1.0, "user_stop")


async def test_a_marker_beside_a_tool_call_or_in_other_letters_ends_nothing() -> None:
    talk = await Talk(["Well?"], [call("look", text=BYE), BYE.lower(), BYE]).held()
    assert [text for speaker, text in talk.spoken if speaker == "user"] == [BYE, BYE.lower(), BYE]


async def test_the_other_sides_tools_are_unknown() -> None:
    talk = await Talk([PRESS, "Well?"], [NOTE, "Hm.", BYE]).held()
    calls = [e for e in talk.result.transcript if isinstance(e, ToolEntry)]
    assert [(e.actor, e.error) for e in calls] == [("user", "unknown_tool"), ("agent", "unknown_tool")]
    assert talk.world.state()["pressed"] == 0


@pytest.mark.parametrize(
    ("agent", "user", "steps", "ended"),
    [
        # the user's first words are step 1, the agent's answer step 2 …
        (["a"], ["u"], 1, ("limit", "steps")),
        (["a"], ["u", "u", BYE], 5, ("limit", "steps")),  # a stop in the very step that reaches the limit
        (["a"], ["u", "u", BYE], 6, ("completed", "user_stop")),
        # … a message with calls and their results are a step each, never cut apart
        ([NOTE], ["u"], 2, ("limit", "steps")),
    ],
)
async def test_steps_are_deliveries(
    agent: list[Line], user: list[Line], steps: int, ended: tuple[str, str]
) -> None:
    talk = await Talk(agent, user).held(limits=Limits(steps=steps))
    assert talk.ended == ended


async def test_a_limit_of_steps_never_parts_a_call_from_its_result() -> None:
    talk = await Talk([NOTE], ["u"]).held(limits=Limits(steps=2))
    assert [e.content for e in talk.result.transcript if isinstance(e, ToolEntry)] == ["note 1"]


async def test_errors_of_both_sides_count_together_and_are_never_forgiven() -> None:
    talk = await Talk([PRESS, NOTE, "Well?"], [NOTE, "Hm.", NOTE]).held(limits=Limits(tool_errors=3))
    assert talk.ended == ("limit", "tool_errors")
    calls = [(e.actor, e.ok) for e in talk.result.transcript if isinstance(e, ToolEntry)]
    assert calls == [("user", False), ("agent", False), ("agent", True), ("user", False)]


async def test_the_calls_of_one_message_are_one_step() -> None:
    both = Message.assistant(tool_calls=[*NOTE.tool_calls, *NOTE.tool_calls])
    talk = await Talk([both, "Bye."], ["u", BYE]).held(limits=Limits(steps=6))
    assert talk.ended == ("completed", "user_stop")
    talk = await Talk([both, "Bye."], ["u", BYE]).held(limits=Limits(steps=5))
    assert talk.ended == ("limit", "steps")


async def test_a_user_that_says_what_is_not_so_is_asked_again() -> None:
    talk = await Talk(["Well?"], ["It is lit.", "It is dark.", BYE]).held()
    assert [text for speaker, text in talk.spoken if speaker == "user"] == ["It is dark.", BYE]
    repair = talk.user_asked[1].messages[-1].text
    assert "The lamp is dark." in repair
    assert view(talk.user_asked[2])[2] == ("assistant", "It is dark.")  # the repair leaves no trace
    objected = [e for e in talk.result.transcript if isinstance(e, WorldEntry) and e.event == "objected"]
    assert [(e.actor, e.content) for e in objected] == [("user", "The lamp is dark. It was: It is lit.")]


async def test_a_user_that_stays_with_it_ends_the_session_unscored() -> None:
    talk = await Talk(["Well?"], ["It is lit."]).held()
    assert talk.ended == ("failed", "user_fault")
    assert talk.result.outcome is None
    assert len(talk.user_asked) == 3


async def test_an_agents_message_that_may_not_pass_ends_the_session_scored() -> None:
    talk = await Talk(["The secret is 7."], ["It is dark."]).held()
    assert talk.ended == ("completed", "agent_error")
    assert talk.result.outcome is not None
    assert len(talk.user_asked) == 1


async def test_a_users_model_that_fails_is_no_fault_of_the_agent() -> None:
    talk = await Talk(["Well?"], ["Hm.", RateLimitedError("too many requests")]).held()
    assert talk.ended == ("failed", "rate_limited")
    assert talk.result.ending.detail.startswith("the user's model: ")


@pytest.mark.parametrize(("agent", "user"), [([" \n"], ["Hm."]), (["Well?"], [" "])])
async def test_silence_is_no_message(agent: list[Line], user: list[Line]) -> None:
    talk = await Talk(agent, user).held()
    assert talk.ended == ("failed", "empty_response")


async def test_a_user_without_native_tools_calls_them_in_text() -> None:
    tagged = '<tool_call>{"name": "press", "arguments": {}}</tool_call>'
    talk = await Talk(["Press."], ["Dark.", tagged, BYE]).held(user_can=Capabilities(tools=False))
    assert talk.world.state()["pressed"] == 1
    assert "press" in talk.user_asked[0].messages[0].text
    assert talk.user_asked[0].tools == ()


async def test_an_agent_of_its_own_may_speak_without_its_model_and_end_the_session() -> None:
    class Curt(ToolLoop):
        async def run(self, episode: Episode) -> None:
            reply = await episode.say("Press it.")
            await episode.call_tool("note", {"text": "pressed"})
            assert episode.history[-3].text == reply == "Done."
            episode.submit("solved")

    talk = await Talk(["never asked"], ["Dark.", PRESS, "Done."]).held(agent=Curt())
    assert talk.ended == ("completed", "answered")
    assert ("agent", "Press it.") in talk.spoken
    assert talk.agent_asked == []


async def test_words_beside_a_call_are_heard_by_the_world_and_not_by_the_user() -> None:
    talk = await Talk([call("note", '{"text": "x"}', text="Aside."), "Bye."], ["Dark.", BYE]).held()
    assert "agent: Aside." in talk.world.state()["heard"]
    assert "Aside." not in [text for request in talk.user_asked for _, text in view(request)]
