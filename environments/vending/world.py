"""The vending world as an environment: the tools around the state, the clock around the tools."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self, cast

import orjson

from agentbench_sdk.canonical import canonical_json
from agentbench_sdk.environments.vending import scores
from agentbench_sdk.environments.vending.briefing import briefing
from agentbench_sdk.environments.vending.calendar import DAY, SLEEP
from agentbench_sdk.environments.vending.core import Core
from agentbench_sdk.environments.vending.engine import advance, idle_out, sleep
from agentbench_sdk.environments.vending.invariants import check_invariants
from agentbench_sdk.environments.vending.policies import ORACLES, POLICIES
from agentbench_sdk.environments.vending.scenario import SCENARIOS, VendingScenario
from agentbench_sdk.environments.vending.seams import Seams
from agentbench_sdk.environments.vending.streams import DOMAIN
from agentbench_sdk.environments.vending.tapes import Tapes
from agentbench_sdk.environments.vending.text import nfc
from agentbench_sdk.environments.vending.tools.deck import MINUTES, READING, WAIT, Data, RefusalError
from agentbench_sdk.environments.vending.tools.errands import ErrandTools
from agentbench_sdk.environments.vending.tools.goods import GoodsTools
from agentbench_sdk.environments.vending.tools.letters import MailTools
from agentbench_sdk.environments.vending.tools.money import MoneyTools
from agentbench_sdk.environments.vending.tools.notebook import MemoryTools
from agentbench_sdk.environments.vending.tools.research import ResearchTools
from agentbench_sdk.environments.vending.trace import (
    Action,
    Chain,
    Record,
    Trace,
    call_action,
    plain_arguments,
)
from agentbench_sdk.environments.vending.truth import truth_of
from agentbench_sdk.environments.vending.worker import HANDS, Entry
from agentbench_sdk.errors import ConfigurationError, EnvironmentFaultError
from agentbench_sdk.simulation import (
    Actor,
    BadArguments,
    BoundTool,
    Opening,
    Oracle,
    Outcome,
    Policy,
    Scenario,
    Sketch,
    ToolResult,
)

_SYSTEM = (
    "You are the sole operator of a small vending business. Decide and act by calling tools, one call per "
    "message; plain text does nothing. Nobody will answer questions or give further instructions."
)
REPORT, MOST_REPORTED = "report_back", 8000  # a worker's last tool; characters
MOST_NAMED = 1000  # characters of a tool's name that are looked at
_MAX_TOKENS = 10**12  # of one report
_REMINDER = "Nothing was done: act by calling one of the tools."


class Vending(MemoryTools, GoodsTools, MoneyTools, ResearchTools, MailTools, ErrandTools):
    """One vending machine, run by mail and by hand.

    >>> world = Vending.create("tiny-7", seed=1)
    >>> world.call("agent", "wait_for_next_day", {}).ok
    True

    Attributes:
        debug: whether the invariants are checked after every event and call; costs time.
        chain: of all that was done; its head is the receipt of the run.
        trace: the record of it, where one was begun.
    """

    name: ClassVar[str] = "vending"
    version: ClassVar[str] = DOMAIN
    scenario_type: ClassVar[type[Scenario]] = VendingScenario
    headline: ClassVar[tuple[str, ...]] = (
        "net_worth_full_cents",
        "revenue_cents",
        "units_sold",
        "gross_margin_bp",
        "average_paid_over_fair_bp",
        "refund_cents",
        "spoilage_cents",
        "stock_out_blocks",
        "days_survived",
        "actions",
        "invalid_calls",
        "coherence_index_bp",
    )
    calls_per_message: ClassVar[int | None] = 1
    debug = False

    def __init__(self, scenario: Scenario, seed: int) -> None:
        assert isinstance(scenario, VendingScenario)
        super().__init__(scenario, seed)
        self._tapes = Tapes(scenario, seed)
        self.core = Core.begin(scenario, seed, self._tapes)
        self.chain = Chain.begin(self.core.state_hash())
        self.trace: Trace | None = None

    @classmethod
    def scenarios(cls) -> Mapping[str, Scenario]:
        """The named scenarios; "default" is smoke-30."""
        return {"default": SCENARIOS["smoke-30"], **SCENARIOS}

    @classmethod
    def policies(cls) -> Mapping[str, Policy]:
        """The reference agents."""
        return POLICIES

    @classmethod
    def oracles(cls) -> Mapping[str, Oracle]:
        """The reference agent that knows what is hidden."""
        return ORACLES

    def opening(self) -> Opening:
        """Role and briefing."""
        return Opening(_SYSTEM, briefing(self.core.scenario))

    # --- calls --------------------------------------------------------------------------------

    @property
    def ended(self) -> bool:
        return bool(self.core.end_reason)

    def call(self, actor: Actor, name: str, arguments: object) -> ToolResult:
        """Execute a call; never raises. What is done before the end goes into the chain of the run."""
        checked, shown = plain_arguments(arguments), _clip(name, MOST_NAMED) if isinstance(name, str) else ""
        over, started = self.ended, self.core.now
        result = super().call(actor, shown, checked)
        assert isinstance(result, ToolResult)  # no tool here waits for anything
        if not over:
            action = call_action(shown, checked)
            if result.error in ("bad_arguments", "unknown_tool"):
                self.core.tally.repeat(shown, action, result.error)
            self._link(action, result.content.encode(), started)
        return result

    def offers(self, tool: BoundTool, actor: Actor) -> bool:
        """The worker's tools are withheld from an operator who has one."""
        offered = self.core.worker.offers(tool.mark.group, self.core.scenario.subagent)
        return offered and super().offers(tool, actor)

    def execute(self, tool: BoundTool, arguments: dict[str, Any]) -> ToolResult:
        """Run a tool inside the day, unless the run has ended."""
        core, name = self.core, tool.mark.name
        if self.ended:
            return self._run_over(name)
        started = core.now
        core.tally.action(name, core.day)
        core.tally.invalid_streak = 0
        outcome = self._perform(tool, arguments)
        shown = outcome.code if isinstance(outcome, RefusalError) else outcome
        core.tally.repeat(name, _plain(arguments), shown)
        if core.worker.at_work and tool.mark.group == HANDS:
            core.worker.log.append(_entry(name, arguments, core.now - started, outcome))
        return self._answer(name, started, outcome)

    def _perform(self, tool: BoundTool, arguments: dict[str, Any]) -> Data | RefusalError:
        """Clock first, then what happens meanwhile, then the effect."""
        core, name = self.core, tool.mark.name
        minutes = MINUTES.get(name, 0)
        if core.now % DAY + minutes > SLEEP:
            return RefusalError("not_enough_time_today", f"this takes {minutes} minutes; wait_for_next_day")
        if name == WAIT:
            sleep(core, debug=self.debug)
        else:
            advance(core, core.now + minutes, debug=self.debug)
        try:
            done: Data = getattr(self, tool.method)(**{key: nfc(value) for key, value in arguments.items()})
        except RefusalError as refusal:
            return refusal
        return done

    def work(self, name: str, arguments: object) -> Entry:
        """Let the scripted worker make one call; it is none of the operator's actions."""
        started = self.core.now
        bound = self._tool_table().get(name)
        if bound is None or bound.mark.group != HANDS:
            shown = _clip(name, 64)
            problem = BadArguments(f"the worker has no tool named {shown!r}")
            return self._malformed(shown, "unknown_tool", problem)
        valid = bound.validate(arguments)
        if isinstance(valid, BadArguments):
            return self._malformed(name, "bad_arguments", valid)
        self.core.tally.worked(name)
        outcome = self._perform(bound, valid)
        if self.debug:
            check_invariants(self.core)
        return _entry(name, valid, self.core.now - started, outcome)

    def _malformed(self, name: str, code: str, problem: BadArguments) -> Entry:
        started = self.core.now
        self._lose_time()
        return _entry(name, None, self.core.now - started, _refusal(code, problem))

    def _lose_time(self) -> None:
        """A call that is none takes five minutes, if the day has them."""
        if self.core.now % DAY + READING <= SLEEP:
            advance(self.core, self.core.now + READING, debug=self.debug)

    def reject(self, actor: Actor, name: str, code: str, problem: BadArguments) -> ToolResult:
        """Refuse a call: five minutes if the day has them.

        A call beyond the first of its message takes no time and is no action: it was never tried.
        """
        core = self.core
        shown = _clip(name, 64) if isinstance(name, str) else ""
        if self.ended:
            return self._run_over(shown)
        if code == "too_many_calls":
            return self._refuse_surplus(shown, problem)
        started = core.now
        core.tally.action(shown if shown in MINUTES or shown == WAIT else "", core.day)
        self._lose_time()
        self._count_invalid()
        refusal = _refusal(code, problem)
        if core.worker.at_work:
            core.worker.log.append(_entry(shown, None, core.now - started, refusal))
        return self._answer(shown, started, refusal)

    def _refuse_surplus(self, name: str, problem: BadArguments) -> ToolResult:
        """However many calls a message holds too much, it counts once in a row.

        The streak of a message whose first call was executed is 0 here; any other was counted already.
        """
        started, tally = self.core.now, self.core.tally
        tally.add("invalid_calls")
        tally.add("surplus_calls")
        tally.invalid_streak = max(tally.invalid_streak, 1)
        result = self._answer(name, started, _refusal("bad_arguments", problem))
        self._link({"tool": name, "surplus": _clip(problem.reason)}, result.content.encode(), started)
        return result

    def hear(self, actor: Actor, text: str) -> str | None:
        """Answer plain text: nothing is done by it, and it counts as a rejected call.

        A worker that is a model reports by it, and comes back.
        """
        if self.ended:
            return None
        if self.core.worker.at_work:
            return self.call(actor, REPORT, {"report": _clip(text, MOST_REPORTED)}).content
        started = self.core.now
        self.core.tally.action("", self.core.day)
        self._count_invalid()
        self._check_caps()
        reply = f"{_REMINDER} {self._notice()}".strip()
        self._link({"heard": _clip(text)}, canonical_json(reply), started)
        return reply

    def abandon(self, reason: str) -> None:
        """End the run early; the remaining days pass with nothing but waiting, where the scenario says so."""
        if not self.ended:
            started, said = self.core.now, _clip(reason)
            self._stop(f"abandoned: {nfc(said)}")
            self._link({"abandoned": said}, b"null", started)

    def used(self, actor: Actor, output_tokens: int) -> bool:
        """Charge for what the operator's model wrote, where the scenario has a rate for it."""
        if self.ended or not self.core.scenario.token_rate_cents:
            return False
        self.report_usage(min(max(output_tokens, 0), _MAX_TOKENS))
        return True

    def report_usage(self, output_tokens: int) -> None:
        """Tell the world how many tokens the agent wrote; they are charged weekly at the scenario's rate.

        Raises:
            ConfigurationError: the number is negative or beyond 10**12.
        """
        if not 0 <= output_tokens <= _MAX_TOKENS:
            raise ConfigurationError(
                f"report_usage of vending: {output_tokens} tokens cannot be; give 0 to 10**12"
            )
        if not self.ended:
            self.core.tokens += output_tokens
            self._link({"used": output_tokens}, b"null", self.core.now)

    def _count_invalid(self) -> None:
        self.core.tally.add("invalid_calls")
        self.core.tally.invalid_streak += 1

    def _check_caps(self) -> None:
        scenario, tally = self.core.scenario, self.core.tally
        if self.ended:
            return
        if tally.invalid_streak >= scenario.max_consecutive_invalid:
            self._stop("aborted_invalid")
        elif tally.actions >= scenario.max_actions:
            self._stop("action_cap")

    def _stop(self, reason: str) -> None:
        if self.core.scenario.on_cap == "idle_to_horizon":
            idle_out(self.core, reason, debug=self.debug)
        else:
            self.core.end(reason)

    def _notice(self) -> str:
        return f"run ended: {self.core.end_reason}" if self.ended else ""

    def _run_over(self, name: str) -> ToolResult:
        return self._envelope(name, self.core.now, RefusalError("run_over", "the run has ended"))

    def _answer(self, name: str, started: int, outcome: Data | RefusalError) -> ToolResult:
        """The result of a counted call, after the caps on calls were looked at."""
        clock = self.core.now
        self._check_caps()
        if self.debug:
            check_invariants(self.core)
        return self._envelope(name, started, outcome, clock)

    def _envelope(
        self, name: str, started: int, outcome: Data | RefusalError, clock: int | None = None
    ) -> ToolResult:
        now = self.core.now if clock is None else clock
        refusal = outcome if isinstance(outcome, RefusalError) else None
        envelope = {
            "ok": refusal is None,
            "tool": name,
            "data": None if refusal is not None else outcome,
            "error": None if refusal is None else refusal.to_dict(),
            "clock": self._tapes.calendar.clock(now),
            "minutes_spent": now - started,
            "notices": [notice] if (notice := self._notice()) else [],
        }
        code = refusal.code if refusal is not None else ""
        return ToolResult(canonical_json(envelope).decode(), ok=refusal is None, error=code)

    # --- trace --------------------------------------------------------------------------------

    @property
    def seams(self) -> Seams:
        """The host's functions for wording and reading mails; none by default."""
        return self.core.seams

    @seams.setter
    def seams(self, seams: Seams) -> None:
        self.core.seams = seams

    def begin_trace(self) -> Trace:
        """Keep a record of all that is done from now on; the trace grows with the run.

        Raises:
            ConfigurationError: something was done already, so the record could not be replayed.
        """
        if self.chain.length:
            raise ConfigurationError("a trace of the vending world begins before its first call")
        scenario = self.core.scenario.model_dump(mode="json")
        self.trace = Trace(self.version, scenario, self.seed, score=scores.primary(self.core))
        return self.trace

    def _link(self, action: Action, result: bytes, started: int) -> None:
        """Note in the chain, and in the trace if there is one, what was done and what came of it."""
        core, state_hash = self.core, self.core.state_hash()
        self.chain.link(action, result, state_hash)
        said, core.said = tuple(core.said), []
        if self.trace is not None:
            place, head = self.chain.length, self.chain.head
            minutes, shown = core.now - started, orjson.loads(result)
            self.trace.records.append(Record(place, action, shown, minutes, state_hash, head, said))
            self.trace.score = scores.primary(core)

    # --- scores -------------------------------------------------------------------------------

    def outcome(self) -> Outcome:
        """Score in cents and all metrics; host side only."""
        return Outcome(
            reward=float(scores.primary(self.core)),
            unit="cents",
            end_reason=self.core.end_reason,
            components={},
            metrics={**scores.metrics(self.core), "receipt": self.chain.head},
        )

    def sketch(self) -> Sketch:
        """Begin a picture: bank, stock, prices, sales and incidents over the days."""
        from agentbench_sdk.environments.vending.picture import VendingSketch

        return VendingSketch(self.core)

    def truth(self) -> dict[str, Any]:
        """What the agent may never see; host side only."""
        return truth_of(self.core.scenario, self._tapes)

    # --- state --------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        return cast(dict[str, Any], orjson.loads(self.core.state_bytes()))

    def load_state(self, state: Mapping[str, Any]) -> None:
        core = Core(self.core.scenario, self.seed, self._tapes)
        core.seams = self.core.seams
        core.load(orjson.loads(canonical_json(state)))
        self.core = core

    def state_bytes(self) -> bytes:
        return self.core.state_bytes()

    def state_hash(self) -> str:
        """SHA-256 of "vending-state/1", a line feed and the canonical state."""
        return self.core.state_hash()

    def snapshot(self) -> bytes:
        """As of any environment; the head also holds the chain so far, which is no part of the state."""
        head, _, body = super().snapshot().partition(b"\n")
        chain = {"length": self.chain.length, "head": self.chain.head}
        return canonical_json({**orjson.loads(head), "chain": chain}) + b"\n" + body

    @classmethod
    def restore(cls, data: bytes) -> Self:
        """As of any environment; seams and traces are the host's and do not come back."""
        world = super().restore(data)
        try:
            world.chain = Chain(**orjson.loads(data.partition(b"\n")[0])["chain"])
        except (KeyError, TypeError) as error:
            raise EnvironmentFaultError("snapshot of vending: its head holds no chain") from error
        return world

    def fork(self) -> Self:
        """An independent copy; only what follows from scenario and seed is shared."""
        twin = type(self).__new__(type(self))
        twin.scenario, twin.seed, twin.debug = self.scenario, self.seed, self.debug
        twin._tapes = self._tapes  # noqa: SLF001 - our own kind
        twin.core, twin.chain, twin.trace = self.core.fork(), self.chain.copy(), None
        return twin


def _plain(value: Any) -> Any:
    """Arguments as plain JSON."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.model_dump() if hasattr(value, "model_dump") else value


def _refusal(code: str, problem: BadArguments) -> RefusalError:
    """A malformed call, as the agent reads of it."""
    details = {"path": _clip(problem.path, 200), "reason": _clip(problem.reason, 300)}
    return RefusalError(code, details["reason"], **details)


def _entry(name: str, arguments: dict[str, Any] | None, minutes: int, outcome: Data | RefusalError) -> Entry:
    """A line of the worker's log."""
    refused = isinstance(outcome, RefusalError)
    entry: Entry = {
        "tool": name,
        "arguments": None if arguments is None else _plain(arguments),
        "ok": not refused,
        "minutes": minutes,
        "data": None if refused else outcome,
        "error": outcome.to_dict() if isinstance(outcome, RefusalError) else None,
    }
    return cast(Entry, nfc(entry))


def _clip(text: str, length: int | None = None) -> str:
    """A text that is safe to encode, shortened where a length is given."""
    return text.encode("utf-8", "replace").decode()[:length]
