"""What a customer answers to questions about itself, and to what it is to agree to: the script, and no more."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from agentbench_sdk.environments.telecom.users.questions import Consent, Topic
from agentbench_sdk.environments.telecom.users.script import Script
from agentbench_sdk.environments.telecom.users.speech import Voice

_NUMBER = re.compile(r"(?<!\d)\(?(\d{3})\)?[-. ](\d{3})[-. ](\d{4})(?!\d)")


class Answers:
    """Speaks for one customer."""

    def __init__(self, script: Script, voice: Voice) -> None:
        self._script = script
        self._voice = voice
        self._told: set[str] = set()

    def to_questions(self, asked: tuple[Topic, ...], text: str) -> Iterator[str]:
        """Answers to all questions of one text."""
        if "identity" in asked:
            asked = tuple(topic for topic in asked if topic not in {"name", "number"})
        topics = [
            topic
            for topic in asked
            if topic != "customer_id" or self._script.customer_id or asked == (topic,)
        ]
        if "number" in topics and not self._script.number and self._script.customer_id:
            topics.append("customer_id")
        for topic in dict.fromkeys(topics):
            answer = self._to(topic, text)
            if topic in self._told and topic in _PERSONAL and (remark := self._voice.say("told_before")):
                yield remark
            self._told.add(topic)
            yield answer

    def to_offer(self, offer: Consent, *, priced: bool) -> str:
        """Whether the customer agrees."""
        voice, script = self._voice, self._script
        if offer == "refuel":
            if not script.refuel_gb:
                return voice.say("refuel_no")
            key = "refuel_price" if script.price_first and not priced else "refuel_yes"
            return voice.say(key, gb=f"{script.refuel_gb:g}")
        if offer == "pay":
            return voice.say("pay_yes" if script.pays else "pay_no")
        return voice.say(_PLAIN_OFFERS[offer])

    def _to(self, topic: Topic, text: str) -> str:
        answer = _ANSWERS.get(topic)
        return answer(self, text) if answer else self._voice.say("unknown")

    def _value(self, topic: str, value: str) -> str:
        return self._voice.say(topic, value=value) if value else self._voice.say("unknown")

    def _number(self, text: str) -> str:
        script = self._script
        if script.number:
            return self._voice.say("number", value=script.number)
        about = [
            part for part in script.known if _NUMBER.search(part) or (script.ending and script.ending in part)
        ]
        return " ".join([self._voice.say("unknown_number"), *about])

    def _model(self, text: str) -> str:
        script = self._script
        about = [
            part
            for part in script.known
            if (script.model and script.model in part) or (script.ending and script.ending in part)
        ]
        return " ".join(about) or self._voice.say("unknown")

    def _identity(self, text: str) -> str:
        """Whether what the text says of the customer is right; numbers decide, then the name."""
        script = self._script
        mine = {_digits(number) for number in (script.number, script.contact) if number}
        named = {_digits("".join(match.groups())) for match in _NUMBER.finditer(text)}
        if named and mine and not named <= mine:
            return self._voice.say("is_wrong")
        if named or (script.name and script.name.lower() in " ".join(text.lower().split())):
            return self._voice.say("is_right")
        return self._value("name", script.name)

    def _problem(self, text: str) -> str:
        return self._script.reason or self._voice.say("unknown")


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)


_PERSONAL: Final = frozenset({"name", "number", "birth", "customer_id", "place"})
_PLAIN_OFFERS: Final[Mapping[Consent, str]] = {
    "plan": "plan_no",
    "suspend": "suspend_no",
    "transfer": "transfer_meant",
    "ready": "ready",
    "proceed": "yes",
}
_ANSWERS: Final[Mapping[Topic, Callable[[Answers, str], str]]] = {
    "name": lambda self, text: self._value("name", self._script.name),
    "number": Answers._number,  # noqa: SLF001 - a table of this class's methods
    "birth": lambda self, text: self._value("birth", self._script.birth),
    "customer_id": lambda self, text: self._value("customer_id", self._script.customer_id),
    "model": Answers._model,  # noqa: SLF001
    "place": lambda self, text: self._script.place or self._voice.say("unknown"),
    "since": lambda self, text: self._value("since", self._script.since),
    "problem": Answers._problem,  # noqa: SLF001
    "identity": Answers._identity,  # noqa: SLF001
}
