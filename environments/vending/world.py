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
from agentbench_sdk.environments.vending.policies import POLICIES
from agentbench_sdk.environments.vending.scenario import SCENARIOS, VendingScenario
from agentbench_sdk.environments.vending.streams import DOMAIN
from agentbench_sdk.environments.vending.suppliers.archetypes import check_implemented
from agentbench_sdk.environments.vending.tapes import Tapes
from agentbench_sdk.environments.vending.text import nfc
from agentbench_sdk.environments.vending.tools.deck import MINUTES, READING, WAIT, Data, RefusalError
from agentbench_sdk.environments.vending.tools.goods import GoodsTools
from agentbench_sdk.environments.vending.tools.letters import MailTools
from agentbench_sdk.environments.vending.tools.money import MoneyTools
from agentbench_sdk.environments.vending.tools.notebook import MemoryTools
from agentbench_sdk.environments.vending.tools.research import ResearchTools
from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.simulation import (
    Actor,
    BadArguments,
    BoundTool,
    Opening,
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
_MAX_TOKENS = 10**12  # of one report
_REMINDER = "Nothing was done: act by calling one of the tools."


class Vending(MemoryTools, GoodsTools, MoneyTools, ResearchTools, MailTools):
    """One vending machine, run by mail and by hand.

    >>> world = Vending.create("tiny-7", seed=1)
    >>> world.call("agent", "wait_for_next_day", {}).ok
    True

    Attributes:
        debug: whether the invariants are checked after every event and call; costs time.
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
        _check_supported(scenario)
        self._tapes = Tapes(scenario, seed)
        self.core = Core.begin(scenario, seed, self._tapes)

    @classmethod
    def scenarios(cls) -> Mapping[str, Scenario]:
        """The named scenarios; "default" is smoke-30."""
        return {"default": SCENARIOS["smoke-30"], **SCENARIOS}

    @classmethod
    def policies(cls) -> Mapping[str, Policy]:
        """The reference agents."""
        return POLICIES

    def opening(self) -> Opening:
        """Role and briefing."""
        return Opening(_SYSTEM, briefing(self.core.scenario))

    # --- calls --------------------------------------------------------------------------------

    @property
    def ended(self) -> bool:
        return bool(self.core.end_reason)

    def execute(self, tool: BoundTool, arguments: dict[str, Any]) -> ToolResult:
        """Run a tool inside the day: clock first, then what happens meanwhile, then the effect."""
        core, name = self.core, tool.mark.name
        if self.ended:
            return self._run_over(name)
        started = core.now
        minutes = MINUTES.get(name, 0)
        core.tally.action(name, core.day)
        core.tally.invalid_streak = 0
        if started % DAY + minutes > SLEEP:
            problem = RefusalError(
                "not_enough_time_today", f"this takes {minutes} minutes; wait_for_next_day"
            )
            return self._answer(name, started, problem)
        if name == WAIT:
            sleep(core, debug=self.debug)
        else:
            advance(core, started + minutes, debug=self.debug)
        outcome: Data | RefusalError
        try:
            outcome = getattr(self, tool.method)(**{key: nfc(value) for key, value in arguments.items()})
        except RefusalError as refusal:
            outcome = refusal
        shown = outcome.code if isinstance(outcome, RefusalError) else outcome
        core.tally.repeat(name, _plain(arguments), shown)
        return self._answer(name, started, outcome)

    def reject(self, actor: Actor, name: str, code: str, problem: BadArguments) -> ToolResult:
        """Refuse a call: five minutes if the day has them.

        A call beyond the first of its message takes no time and is no action: it was never tried.
        """
        core = self.core
        shown = _clip(name, 64) if isinstance(name, str) else ""
        if self.ended:
            return self._run_over(shown)
        started = core.now
        extra = code == "too_many_calls"
        if extra:
            self._count_surplus()
        else:
            core.tally.action(shown if shown in MINUTES or shown == WAIT else "", core.day)
            if started % DAY + READING <= SLEEP:
                advance(core, started + READING, debug=self.debug)
            self._count_invalid()
        details = {"path": _clip(problem.path, 200), "reason": _clip(problem.reason, 300)}
        refusal = RefusalError("bad_arguments" if extra else code, details["reason"], **details)
        return self._answer(shown, started, refusal)

    def hear(self, actor: Actor, text: str) -> str | None:
        """Answer plain text: nothing is done by it, and it counts as a rejected call."""
        if self.ended:
            return None
        self.core.tally.action("", self.core.day)
        self._count_invalid()
        self._check_caps()
        return f"{_REMINDER} {self._notice()}".strip()

    def abandon(self, reason: str) -> None:
        """End the run early; the remaining days pass with nothing but waiting, where the scenario says so."""
        if not self.ended:
            self._stop(f"abandoned: {reason}")

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

    def _count_invalid(self) -> None:
        self.core.tally.add("invalid_calls")
        self.core.tally.invalid_streak += 1

    def _count_surplus(self) -> None:
        """However many calls a message holds too much, it counts once in a row.

        The streak of a message whose first call was executed is 0 here; any other was counted already.
        """
        tally = self.core.tally
        tally.add("invalid_calls")
        tally.add("surplus_calls")
        tally.invalid_streak = max(tally.invalid_streak, 1)

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
        error = None
        if refusal is not None:
            error = {"code": refusal.code, "message": refusal.message, "details": refusal.details}
        envelope = {
            "ok": refusal is None,
            "tool": name,
            "data": None if refusal is not None else outcome,
            "error": error,
            "clock": self._tapes.calendar.clock(now),
            "minutes_spent": now - started,
            "notices": [notice] if (notice := self._notice()) else [],
        }
        code = refusal.code if refusal is not None else ""
        return ToolResult(canonical_json(envelope).decode(), ok=refusal is None, error=code)

    # --- scores -------------------------------------------------------------------------------

    def outcome(self) -> Outcome:
        """Score in cents and all metrics; host side only."""
        return Outcome(
            reward=float(scores.primary(self.core)),
            unit="cents",
            end_reason=self.core.end_reason,
            components={},
            metrics=scores.metrics(self.core),
        )

    def sketch(self) -> Sketch:
        """Begin a picture: bank, stock, prices, sales and incidents over the days."""
        from agentbench_sdk.environments.vending.picture import VendingSketch

        return VendingSketch(self.core)

    def truth(self) -> dict[str, Any]:
        """What the agent may never see: latents, kinds of suppliers, the weather to come."""
        tapes, days = self._tapes, self.core.scenario.days
        return {
            "latents": {
                sku: {
                    "ref": each.ref,
                    "elasticity": each.elasticity,
                    "base": each.base,
                    "cost": each.cost,
                }
                for sku, each in ((sku, tapes.truth.of(sku)) for sku in _skus())
            },
            "suppliers": {
                each.id: {
                    "name": each.name,
                    "address": each.address,
                    "archetype": each.archetype,
                    "carries": sorted(each.carries),
                }
                for each in tapes.roster.values()
            },
            "weather": [tapes.weather.name(day) for day in range(days)],
        }

    # --- state --------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        return cast(dict[str, Any], orjson.loads(self.core.state_bytes()))

    def load_state(self, state: Mapping[str, Any]) -> None:
        core = Core(self.core.scenario, self.seed, self._tapes)
        core.load(orjson.loads(canonical_json(state)))
        self.core = core

    def state_bytes(self) -> bytes:
        return self.core.state_bytes()

    def state_hash(self) -> str:
        """SHA-256 of "vending-state/1", a line feed and the canonical state."""
        return self.core.state_hash()

    def fork(self) -> Self:
        """An independent copy; only what follows from scenario and seed is shared."""
        twin = type(self).__new__(type(self))
        twin.scenario, twin.seed, twin.debug = self.scenario, self.seed, self.debug
        twin._tapes = self._tapes  # noqa: SLF001 - our own kind
        twin.core = self.core.fork()
        return twin


def _check_supported(scenario: VendingScenario) -> None:
    check_implemented(scenario.suppliers)
    for switched_on, name in (
        (scenario.subagent != "off", "subagent"),
        (scenario.impostor, "impostor"),
        (scenario.events, "events"),
    ):
        if switched_on:
            raise ConfigurationError(
                f"scenario of vending: {name}: this version has no rules for it; leave it switched off"
            )


def _skus() -> list[str]:
    from agentbench_sdk.environments.vending.catalogue import products

    return list(products())


def _plain(value: Any) -> Any:
    """Arguments as plain JSON."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.model_dump() if hasattr(value, "model_dump") else value


def _clip(text: str, length: int) -> str:
    """A text that is safe to encode, shortened."""
    return text.encode("utf-8", "replace").decode()[:length]
