"""Each judge that asks a model, with a case for it, two verdicts that it takes, and what they are worth."""

from __future__ import annotations

import copy
import dataclasses
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from agentbench_sdk.judges.llm import (
    Criterion,
    Level,
    best_of_n,
    binary,
    goal_reached,
    honesty,
    pairwise,
    panel,
    policy_kept,
    rating,
    reference,
    rubric,
)
from agentbench_sdk.judging import Judge, JudgeCase, Score
from agentbench_sdk.messages import Message
from agentbench_sdk.models import ModelRequest, ModelResponse
from agentbench_sdk.models.base import FinishReason
from agentbench_sdk.sessions.transcript import MessageEntry, ToolEntry, Transcript

CRITERIA = [
    Criterion(
        name="accuracy", weight=3, levels=(Level(name="wrong"), Level(name="partly"), Level(name="right"))
    ),
    Criterion(name="tone", levels=(Level(name="rude"), Level(name="kind"))),
]


class JudgeModel:
    """Gives its replies in order, the last one for ever, or what a function makes of the request."""

    def __init__(
        self,
        *replies: str | Exception,
        by: Callable[[ModelRequest], str] | None = None,
        name: str = "judge-1",
        finish: FinishReason = "stop",
    ) -> None:
        self.replies, self.by, self.name, self.finish = list(replies), by, name, finish
        self.requests: list[ModelRequest] = []
        self.models: list[str | None] = []

    async def __call__(self, request: ModelRequest, *, model: str | None = None) -> ModelResponse:
        self.requests.append(request)
        self.models.append(model)
        if self.by is not None:
            reply: str | Exception = self.by(request)
        else:
            reply = self.replies[min(len(self.requests), len(self.replies)) - 1]
        if isinstance(reply, Exception):
            raise reply
        return ModelResponse(Message.assistant(reply), self.finish, model=self.name)

    @property
    def prompts(self) -> list[str]:
        """The first message of each question, second attempts left out."""
        return [each.messages[0].text for each in self.requests if len(each.messages) == 1]


async def judged(judge: Judge, case: JudgeCase, model: JudgeModel) -> Score:
    return await judge.judge(dataclasses.replace(case, ask=model))


@dataclass(frozen=True)
class Subject:
    """A judge under test.

    Attributes:
        make: makes the judge, with further options.
        case: makes a case in which the candidate said a text.
        good, other: two verdicts, far apart.
        path: where in a verdict the deciding member stands.
        value, other_value: what the verdicts are worth.
        questions: how many are asked of the model, second attempts left out.
    """

    name: str
    make: Callable[..., Any]
    case: Callable[[str], JudgeCase]
    good: dict[str, Any]
    other: dict[str, Any]
    path: tuple[str, ...]
    value: float
    other_value: float
    questions: int = 1

    def __repr__(self) -> str:
        return self.name

    def with_value(self, raw: str) -> str:
        """The good verdict, with this JSON text in place of the deciding value."""
        verdict = copy.deepcopy(self.good)
        place = verdict
        for name in self.path[:-1]:
            place = place[name]
        place[self.path[-1]] = "@@"
        return json.dumps(verdict).replace('"@@"', raw)

    @property
    def good_value(self) -> Any:
        value: Any = self.good
        for name in self.path:
            value = value[name]
        return value


def answered(answer: str, **rest: Any) -> JudgeCase:
    asked = (Message.user("When do you refund?"),)
    return JudgeCase("s1", answer, input=asked, model="openai/small", **rest)


def session(*said: str) -> Transcript:
    """A session of both sides, with a call of a tool after each text of the agent's."""
    entries: list[Any] = [
        MessageEntry("environment", Message.system("Never refund more than 10 dollars.")),
        MessageEntry("user", Message.user("My lamp is broken.")),
    ]
    for text in said:
        entries.append(MessageEntry("agent", Message.assistant(text, reasoning="secret plan")))
        arguments = json.dumps({"to": "ada@mailbox.example", "body": text, "amount_cents": 250})
        entries.append(ToolEntry("agent", "c1", "send_payment", arguments, f"paid for {text}", ok=True))
        entries.append(ToolEntry("user", "c2", "look", "{}", f"seen: {text}", ok=False))
        entries.append(MessageEntry("user", Message.user(f"You said: {text}")))
    return Transcript(entries)


def in_session(text: str) -> JudgeCase:
    return JudgeCase("s1", "bye", transcript=session(text), model="openai/small")


def rival(answer: str) -> JudgeCase:
    return answered(answer, target="Never.", metadata={"others": ["Never.", "Ask us."]})


def _verdict(**deciding: Any) -> dict[str, Any]:
    return {"reasoning": "It does.", **deciding}


def _levels(accuracy: str, tone: str) -> dict[str, Any]:
    return {
        "accuracy": {"reasoning": "It does.", "level": accuracy},
        "tone": {"reasoning": "Well.", "level": tone},
    }


def _rating(**options: Any) -> Any:
    return rating(criteria="Is it polite?", **options)


def _binary(**options: Any) -> Any:
    return binary(criteria="It is polite.", **options)


def _panel(**options: Any) -> Any:
    return panel(judges=[_binary(**options)], repeats=3)


SUBJECTS = [
    Subject("rating", _rating, answered, _verdict(rating=5), _verdict(rating=1), ("rating",), 1.0, 0.0),
    Subject("rating-session", lambda **o: _rating(transcript=True, **o), in_session, _verdict(rating=5),
            _verdict(rating=1), ("rating",), 1.0, 0.0),
    Subject("honesty", honesty, in_session, _verdict(rating=5), _verdict(rating=1), ("rating",), 1.0, 0.0),
    Subject("binary", _binary, answered, _verdict(verdict="yes"), _verdict(verdict="no"), ("verdict",), 1.0, 0.0),
    Subject("binary-session", lambda **o: _binary(transcript=True, **o), in_session, _verdict(verdict="yes"),
            _verdict(verdict="no"), ("verdict",), 1.0, 0.0),
    Subject("reference", reference, lambda text: answered(text, target="Within 14 days."),
            _verdict(verdict="correct"), _verdict(verdict="incorrect"), ("verdict",), 1.0, 0.0),
    Subject("rubric", lambda **o: rubric(criteria=CRITERIA, **o), answered, _levels("right", "kind"),
            _levels("wrong", "rude"), ("accuracy", "level"), 1.0, 0.0),
    Subject("rubric-session", lambda **o: rubric(criteria=CRITERIA, transcript=True, **o), in_session,
            _levels("right", "kind"), _levels("wrong", "rude"), ("tone", "level"), 1.0, 0.0),
    Subject("pairwise", lambda **o: pairwise(both_orders=False, **o), rival, _verdict(verdict="second"),
            _verdict(verdict="first"), ("verdict",), 1.0, 0.0),  # the answer of sample s1 stands second
    Subject("best_of_n", lambda **o: best_of_n(orders=1, **o), rival, _verdict(best=1), _verdict(best=2),
            ("best",), 1.0, 0.0),
    Subject("goal_reached", lambda **o: goal_reached(goal="The lamp is replaced.", **o), in_session, _verdict(verdict="yes"),
            _verdict(verdict="no"), ("verdict",), 1.0, 0.0),
    Subject("policy_kept", policy_kept, in_session, _verdict(verdict="yes"), _verdict(verdict="no"),
            ("verdict",), 1.0, 0.0),
    Subject("panel", _panel, answered, _verdict(verdict="yes"), _verdict(verdict="no"), ("verdict",), 1.0, 0.0,
            questions=2),
]  # fmt: skip


def broken_replies(subject: Subject) -> dict[str, str]:
    """Replies from which no verdict may be read, by what is wrong with them; the good verdict lurks in most."""
    good, other = json.dumps(subject.good), json.dumps(subject.other)
    found = {**_texts(good, other), **_values(subject), **_members(subject, good)}
    assert len(set(found.values())) == len(found)
    return found


def _texts(good: str, other: str) -> dict[str, str]:
    """What is wrong around the object, or with its text."""
    fence = "```"
    return {
        "empty": "",
        "blank": " \n\t ",
        "a word": "yes",
        "a number": "5",
        "a text": json.dumps("yes"),
        "true": "true",
        "null": "null",
        "prose": "I would say yes: 5 out of 5, correct, the first answer is best.",
        "score in prose": "score: 10",
        "rating in brackets": "Rating: [[5]]",
        "verdict in tags": "<verdict>yes</verdict>",
        "yaml": "reasoning: It does.\nrating: 5\nverdict: yes",
        "refusal": "I'm sorry, but I can't judge this.",
        "refusal with a brace": "I'm sorry {I can't}.",
        "list": f"[{good}]",
        "list of two": f"[{good}, {other}]",
        "two objects": f"{good}\n{other}",
        "two objects, other order": f"{other}\n{good}",
        "same object twice": f"{good}\n{good}",
        "objects glued": f"{good}{other}",
        "objects with a comma": f"{good},{other}",
        "two fences": f"{fence}json\n{good}\n{fence}\n{fence}json\n{other}\n{fence}",
        "object and fence": f"{good}\n{fence}json\n{other}\n{fence}",
        "two objects in a fence": f"{fence}json\n{good}\n{other}\n{fence}",
        "prose before": f"My verdict: {good}",
        "prose in a line before": f"My verdict:\n{good}",
        "prose after": f"{good}\nThat is all.",
        "taken back": f"{good}\nOn reflection the opposite is true.",
        "taken back before": f"The candidate wants me to say\n{good}\nbut I will not.",
        "quoted by the judge": f'The candidate asks for "{good}".',
        "fence in prose": f"Verdict:\n{fence}json\n{good}\n{fence}\nDone.",
        "fence after prose": f"Verdict:\n{fence}json\n{good}\n{fence}",
        "fence before prose": f"{fence}json\n{good}\n{fence}\nDone.",
        "open fence": f"{fence}json\n{good}",
        "closed fence alone": f"{good}\n{fence}",
        "other language": f"{fence}python\n{good}\n{fence}",
        "fence in one line": f"{fence}json {good}{fence}",
        "fence of two kinds": f"{fence}json\n{good}\n~~~",
        "thought only": f"<think>{good}</think>",
        "thought never closed": f"<think>{good}",
        "thought never closed, object after": f"<think>Hm.\n{good}",
        "thought after": f"{good}<think>No, the opposite.</think>",
        "thought between": f"{good}<think>No.</think>{other}",
        "thought before, prose after": f"<think>Hm.</think>I say {good}",
        "thought before, two objects": f"<think>Hm.</think>{good}{other}",
        "object, then a closing tag": f"{good}</think>",
        "object, closing tag, prose": f"{good}</think>I changed my mind.",
        "truncated by one": good[:-1],
        "truncated in the middle": good[: len(good) // 2],
        "truncated by a third": good[: 2 * len(good) // 3],
        "begun only": "{",
        "ended only": "}",
        "empty object": "{}",
        "one brace more": good + "}",
        "one brace before": "{" + good,
        "one bracket more": good + "]",
        "wrapped in a broken one": '{"outer": ' + good,
        "wrapped": json.dumps({"verdict": json.loads(good)}),
        "wrapped in a text": json.dumps(good),
        "wrapped in a member's text": json.dumps({"reasoning": good}),
        "half in another": good[:-1] + ", " + good + "}",
        "semicolon": good + ";",
        "comma after": good[:-1] + ",}",
        "comma first": "{," + good[1:],
        "single quotes": good.replace('"', "'"),
        "typographic quotes": good.replace('"', "“"),
        "no quotes": good.replace('"', ""),
        "wide braces": good.replace("{", "｛").replace("}", "｝"),
        "wide colon": good.replace(":", "："),
        "equals signs": good.replace(":", "="),
        "comment": good[:-1] + " // sure\n}",
        "block comment": "/* sure */" + good,
        "byte order mark": "\ufeff" + good,
        "zero width before": "\u200b" + good,
        "zero width inside": good.replace('":', '\u200b":'),
        "no-break space inside": good.replace(": ", ":\u00a0"),
        "nul byte": "\x00" + good,
        "raw line break in a text": good.replace("does", "do\nes"),
        "bad escape": good.replace("does", "do\\xes"),
        "python": f"dict({good})",
        "assignment": f"verdict = {good}",
        "javascript": f"JSON.parse('{good}')",
        "tool call": f'<tool_call>{{"name": "verdict", "arguments": {good}}}</tool_call>',
        "xml": f"<json>{good}</json>",
        "latex": f"\\boxed{{{good}}}",
        "bold": f"**{good}**",
        "inline code": f"`{good}`",
        "list item": f"- {good}",
        "quoted mail": f"> {good}",
        "log line": f"INFO {good}",
        "server's event": f"data: {good}",
        "html": good.replace('"', "&quot;"),
        "url": "%7B%22rating%22%3A5%7D",
        "base64": "eyJyYXRpbmciOiA1fQ==",
        "deep lists": "[" * 50_000,
        "deep objects": '{"a":' * 50_000,
        "many braces": "{" * 2_000 + good,
        "very long": good + " x" * 600_000,
        "concatenated letters": "".join(f"{letter} " for letter in good),
        "role tags": f"assistant: {good}",
        "special tokens": f"<|im_start|>assistant\n{good}<|im_end|>",
        "harmony": f"<|channel|>final<|message|>{good}",
        "braces in prose": f"In the set {{1, 2}} I choose {good}",
        "object of prose": "{I think it is good: yes}",
        "set": "{1, 2}",
        "template": '{"reasoning": "…", "rating": <whole number from 1 to 5>}',
    }


def _values(subject: Subject) -> dict[str, str]:
    """What is wrong with the deciding value."""
    value = subject.good_value
    raws = {
        "null": "null",
        "true": "true",
        "false": "false",
        "empty text": '""',
        "blank text": '" "',
        "list": f"[{json.dumps(value)}]",
        "empty list": "[]",
        "object": f'{{"value": {json.dumps(value)}}}',
        "empty object": "{}",
        "NaN": "NaN",
        "Infinity": "Infinity",
        "minus Infinity": "-Infinity",
        "huge exponent": "1e999",
        "huge": "1" + "0" * 400,
        "beyond what is parsed": "9" * 5_000,
        "minus huge": "-" + "9" * 30,
        "far above": "10",
        "hundred": "100",
        "zero": "0",
        "minus one": "-1",
        "fraction": "4.5",
        "almost": "4.999999",
        "tiny": "1e-320",
        "leading zero": "05",
        "plus sign": "+5",
        "hexadecimal": "0x5",
        "underscore": "1_0",
        "comma": "4,5",
        "percent": "100%",
        "out of": "5/5",
        "out of text": '"5/5"',
        "wide digit": "５",
        "wide digit text": '"５"',
        "arabic digit": "٥",
        "roman": '"Ⅴ"',
        "superscript": '"⁵"',
        "text with blank": json.dumps(f" {value}"),
        "text with stop": json.dumps(f"{value}."),
        "text with line break": json.dumps(f"{value}\n"),
        "text with more": json.dumps(f"{value} but {value}"),
        "upper case": json.dumps(str(value).upper() + ("!" if not isinstance(value, str) else "")),
        "number or word as text": json.dumps(str(value) if not isinstance(value, str) else f"'{value}'"),
        "cyrillic look-alike": json.dumps(str(value).replace("e", "е").replace("i", "і").replace("1", "l")
                                          .replace("5", "Ƽ").replace("o", "о")),
        "combining mark": json.dumps(f"{value}\u0301"),
        "zero width": json.dumps(f"{value}\u200b"),
        "unknown word": '"perhaps"',
        "all options": '"yes or no"',
        "yes of another form": '"affirmative"',
        "negated": '"not yes"',
        "emoji": '"👍"',
        "lone surrogate": r'"\ud800"',
        "unquoted": "perhaps",
        "undefined": "undefined",
        "nothing": "",
    }  # fmt: skip
    return {f"value: {name}": subject.with_value(raw) for name, raw in raws.items()}


def _members(subject: Subject, good: str) -> dict[str, str]:
    """What is wrong with the members."""
    verdict = subject.good
    first, *_ = verdict
    last = list(verdict)[-1]

    def without(name: str) -> str:
        return json.dumps({key: value for key, value in verdict.items() if key != name})

    def renamed(name: str, to: str) -> str:
        return json.dumps({to if key == name else key: value for key, value in verdict.items()})

    item = json.dumps({last: verdict[last]})[1:-1]
    return {
        "members: first missing": without(first),
        "members: last missing": without(last),
        "members: one more": json.dumps({**verdict, "confidence": 1}),
        "members: one more that is null": json.dumps({**verdict, "note": None}),
        "members: score too": json.dumps({**verdict, "score": 10}),
        "members: last twice": f"{good[:-1]}, {item}}}",
        "members: last twice, differing": f'{good[:-1]}, "{last}": null}}',
        "members: upper case": renamed(last, last.upper()),
        "members: with blank": renamed(last, f"{last} "),
        "members: look-alike": renamed(last, last.replace("e", "е").replace("a", "а").replace("o", "о")),
        "members: other language": renamed(last, "оценка"),
        "members: empty name": renamed(last, ""),
        "members: quoted name": renamed(last, f'"{last}"'),
        "members: first is a list": json.dumps({**verdict, first: [verdict[first]]}),
        "members: first is null": json.dumps({**verdict, first: None}),
        "members: first is a number": json.dumps({**verdict, first: 5}),
        "members: first is true": json.dumps({**verdict, first: True}),
        "members: all are objects": json.dumps({key: {} for key in verdict}),
        "members: schema": json.dumps({"type": "object", "properties": verdict}),
        "members: error": json.dumps({"error": "overloaded"}),
        "members: refusal": json.dumps({"refusal": "I cannot"}),
        "members: a list of them": json.dumps([[key, value] for key, value in verdict.items()]),
        "members: values alone": json.dumps(list(verdict.values())),
    }


def accepted_replies(good: dict[str, Any]) -> Iterable[tuple[str, str]]:
    """Replies that are a verdict, whatever they look like."""
    plain = json.dumps(good)
    tricky = copy.deepcopy(good)
    holder = tricky if "reasoning" in tricky else tricky["accuracy"]
    holder["reasoning"] = (
        'It wrote {"rating": 1, "verdict": "no"} and "score: 10", </think> ``` [1] 3/10 \ud83d'
    )
    yield "bare", plain
    yield "spaced", f"\n  {plain} \n"
    yield "indented", json.dumps(good, indent=2)
    yield "fenced", f"```json\n{plain}\n```"
    yield "fenced without a name", f"```\n{plain}\n```"
    yield "thought before", f'<think>{{"rating": 1}} no, "verdict": "no"</think>\n{plain}'
    yield "long thought", f"<thinking>1\n2\n{plain}\n</thinking>{plain}"
    yield "thought opened elsewhere", f"So it is no.\n</think>\n\n{plain}"
    yield "thought and fence", f"<think>Hm.</think>\n```json\n{plain}\n```"
    yield "escaped", json.dumps(good, ensure_ascii=True).replace("e", "\\u0065").replace("\\u0065", "e")
    yield "another order", json.dumps(dict(reversed(good.items())))
    yield "numbers, braces and tags in the reason", json.dumps(tricky)
