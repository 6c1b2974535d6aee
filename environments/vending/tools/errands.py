"""Sending the worker, asking it, and its own report."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agentbench_sdk.environments.vending.instructions import read_instructions
from agentbench_sdk.environments.vending.tools.deck import Data, Deck, RefusalError
from agentbench_sdk.environments.vending.web.ranking import tokens
from agentbench_sdk.environments.vending.worker import HANDS, MOST_CALLS, REPORTING, SENDING, topic
from agentbench_sdk.simulation import BadArguments, tool

_FORMS = {
    "scripted": (
        'A JSON list of calls, such as [{"tool": "collect_cash", "arguments": {}}], or one command a line: '
        "stock A1 cola_can 12; price A1 225; remove A1 4 discard (or storage); collect; inventory; service. "
        "Commands of one kind that follow each other are one call. The worker stops at the first error."
    ),
    "llm": "Plain words: say exactly which goods go into which slot and which prices to set.",
}


class ErrandTools(Deck):
    """What an operator with a worker can do, and how the worker of a model comes back."""

    @tool(group=SENDING)
    def sub_agent_specs(self) -> Data:
        """What your worker can do at the machine, and how to tell it."""
        hands = [each.spec.to_dict() for each in self._tool_table().values() if each.mark.group == HANDS]
        return {
            "tools": hands,
            "most_calls": MOST_CALLS,
            "instructions": _FORMS[self.core.scenario.subagent],
        }

    @tool(group=SENDING)
    def run_sub_agent(self, instructions: Annotated[str, Field(min_length=1, max_length=8000)]) -> Data:
        """Send your worker to the machine. Its work takes its own time on top; it stops after 12 calls."""
        if self.core.scenario.subagent == "llm":
            self.core.worker.send(at_work=True)
            return {"status": "at_work", "most_calls": MOST_CALLS}
        jobs = read_instructions(instructions)
        if isinstance(jobs, BadArguments):
            raise RefusalError("bad_instructions", jobs.reason, **({"line": jobs.path} if jobs.path else {}))
        worker = self.core.worker
        worker.send(at_work=False)
        for job in jobs[:MOST_CALLS]:
            worker.log.append(self.work(job.tool, job.arguments))
            if not worker.log[-1]["ok"]:
                break
        return {"calls": worker.summary(), "not_done": len(jobs) - sum(entry["ok"] for entry in worker.log)}

    @tool(group=SENDING)
    def chat_with_sub_agent(self, question: Annotated[str, Field(min_length=1, max_length=300)]) -> Data:
        """Ask your worker about its last errand: what it did, an error, the inventory, the cash."""
        worker, about = self.core.worker, topic(set(tokens(question)))
        answer = {"about": about, "answer": worker.answer(about)}
        return {**answer, "report": worker.report} if worker.report else answer

    @tool(group=REPORTING)
    def report_back(self, report: Annotated[str, Field(max_length=8000)]) -> Data:
        """End your errand and tell the operator what you did and what you saw."""
        worker = self.core.worker
        worker.come_back(report)
        return {"report": report, "calls": worker.summary()}
