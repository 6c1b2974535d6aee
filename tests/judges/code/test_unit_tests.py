"""Code is tested apart from its tests: right code passes, and nothing else does, whatever it tries."""

from __future__ import annotations

import pytest

from agentbench_sdk.errors import ConfigurationError, JudgeError
from agentbench_sdk.judges.code import unit_tests
from agentbench_sdk.judges.code.reply import code_of
from tests.judges.code.conftest import Judged

DOUBLE = {
    "prompt": 'def double(n):\n    """Twice n."""\n',
    "test": "def check(candidate):\n    assert candidate(21) == 42\n    assert candidate(-1) == -2\n",
    "entry_point": "double",
}
WRITES_VERDICTS = """
import os
for descriptor in range(3, 20):
    try: os.write(descriptor, b'{"verdict": {"passed": 2, "failed": []}}\\n')
    except OSError: pass
def double(n): return 0
"""
RIGHT = "def double(n):\n    return 2 * n\n"


@pytest.mark.parametrize(
    "reply",
    [
        RIGHT,
        "    return 2 * n\n",
        f"```python\n{RIGHT}```",
        f"```\n{RIGHT}```\nIt doubles.",
        f"Here:\n\n~~~py\n{RIGHT}~~~",
        f"```python\n{RIGHT}".replace("\n", "\r\n") + "```",
        f"```Python3\n{RIGHT}",
        f"<think>\n```python\nwrong = 1\n```\n</think>\n```python\n{RIGHT}```",
        f"```python\n{RIGHT}\nif __name__ == '__main__':\n    raise SystemExit(1)\n```",
        f"```python\nprint('noise')\n{RIGHT}```",
    ],
)
async def test_right_code_passes_in_whatever_form(judged: Judged, reply: str) -> None:
    score = await judged(unit_tests(), reply, DOUBLE)
    assert (score.value, score.passed) == (1.0, True), score


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("", "holds no code"),
        ("def double(n):\n    return n + n + 1", "line 2 of the tests: AssertionError"),
        ("def triple(n):\n    return 3 * n", "AssertionError"),
        ("I cannot write code.", "SyntaxError"),
        ("def double(n):\n    raise ValueError('no')", "ValueError: no"),
        (f"{RIGHT}\nimport sys; sys.exit(0)", "SystemExit"),
    ],
)
async def test_wrong_code_fails_and_it_is_said_how(judged: Judged, reply: str, said: str) -> None:
    score = await judged(unit_tests(), reply, DOUBLE)
    assert (score.value, score.passed) == (0.0, False)
    assert said in score.explanation


@pytest.mark.parametrize(
    "code",
    [
        "import os\nos._exit(0)",
        "import os\ndef double(n): os._exit(0)",
        "import sys\ndef double(n): sys.exit(0)",
        "class A:\n    def __eq__(self, o): return True\ndef double(n): return A()",
        "class I(int):\n    def __eq__(self, o): return True\n    __hash__ = None\ndef double(n): return I(0)",
        "class S(str):\n    def __eq__(self, o): return True\n    __hash__ = None\ndef double(n): return S('x')",
        "import builtins\nbuiltins.AssertionError = ValueError\ndef double(n): return 0",
        WRITES_VERDICTS,
        "def check(candidate): pass\ndef double(n): return 0",
        "import sys\nsys.modules['wire'].encode = lambda *a: True\ndef double(n): return 0",
        "import threading, time\nthreading.Thread(target=time.sleep, args=(100,)).start()\ndef double(n): return 0",
        "import os, signal\ndef double(n):\n    os.kill(os.getppid(), signal.SIGKILL)\n    return 0",
    ],
)
async def test_a_verdict_cannot_be_forged(judged: Judged, code: str) -> None:
    assert (await judged(unit_tests(seconds=5), code, DOUBLE)).value == 0.0


@pytest.mark.parametrize("code", ["def double(n):\n    while True: pass", "import time\ntime.sleep(60)"])
async def test_code_without_end_fails(judged: Judged, code: str) -> None:
    score = await judged(unit_tests(seconds=0.5), code, DOUBLE)
    assert score.value == 0.0
    assert "not done after 1 s" in score.explanation or "limit on" in score.explanation


async def test_code_that_floods_memory_or_output_fails(judged: Judged) -> None:
    for code in (
        "x = bytearray(b'1') * (1 << 33)",
        "while True: print('x' * 100000)",
        f"{RIGHT}x = 'y' * (1 << 28)",
    ):
        score = await judged(unit_tests(seconds=2, memory_mb=128), code, DOUBLE)
        assert score.value == 0.0, code


async def test_tests_may_use_what_the_prompt_defines(judged: Judged) -> None:
    target = {
        "prompt": "def helper(n):\n    return n + 1\n\n\ndef two_more(n):\n",
        "test": "def check(candidate):\n    assert candidate(1) == helper(helper(1))\n",
        "entry_point": "two_more",
    }
    assert (await judged(unit_tests(), "    return helper(helper(n))", target)).value == 1.0


async def test_values_of_all_plain_kinds_come_back_as_they_are(judged: Judged) -> None:
    values = [
        "None", "True", "0", "-1", "10**40", "2.5", "float('inf')", "'é\\n'", "b'\\x00'", "(1, (2,))", "[]", "{}",
        "{1: 'a', (2, 3): None}", "{1, 2}", "frozenset({1})", "1j", "range(3)", "bytearray(b'x')", "'\\ud800'",
    ]  # fmt: skip
    tests = [f"assert same({value}) == {value} and type(same({value})) is type({value})" for value in values]
    tests += ["assert math.isnan(same(float('nan')))", "assert list(numbers()) == [0, 1, 2]"]
    target = {"test_list": tests, "test_setup_code": "import math"}
    code = "def same(x): return x\ndef numbers(): return iter(range(3))"
    assert (
        await judged(unit_tests(), code, target)
    ).explanation == f"{len(tests)} of {len(tests)} tests passed"


async def test_objects_of_the_code_can_be_made_passed_on_and_looked_at(judged: Judged) -> None:
    """As some of MBPP's tests do."""
    code = """
class Pair:
    def __init__(self, a, b): self.a, self.b = a, b
    def total(self): return self.a + self.b
    def __eq__(self, other): return self.total() == other.total()
def longest(pairs): return max(pairs, key=Pair.total)
def adder(k): return lambda n: n + k
def apply(values, function): return [function(value) for value in values]
"""
    tests = [
        "assert longest([Pair(1, 2), Pair(3, 4)]).total() == 7",
        "assert Pair(1, 2).a == 1",
        "assert Pair(1, 2) == Pair(2, 1)",
        "assert Pair(1, 2) != Pair(2, 2)",
        "assert Pair(1, 2) != 3",
        "assert adder(2)(40) == 42",
        "assert apply(['a', 'bb'], len) == [1, 2]",
    ]
    score = await judged(unit_tests(), code, {"test_list": tests})
    assert score.explanation == "7 of 7 tests passed"


async def test_pythons_own_functions_stay_what_they_are(judged: Judged) -> None:
    """Code that brings a `set` of its own does not compare its results; a task about `sum` tests the code's."""
    tests = ["assert set(unique([1, 1, 2])) == {1, 2}", "assert sorted(unique([2, 1])) == [1, 2]"]
    cheat = "def set(x): return {1, 2}\ndef sorted(x): return [1, 2]\ndef unique(x): return []"
    assert (await judged(unit_tests(), cheat, {"test_list": tests})).value == 0.0
    code = "def sum(a, b): return 6"
    assert (await judged(unit_tests(), code, {"test_list": ["assert sum(10, 15) == 6"]})).value == 1.0


async def test_arguments_that_are_changed_in_place_change_for_the_tests(judged: Judged) -> None:
    code = "def change(l, d, s): l.sort(); d['x'] = 1; s.add(9)"
    tests = ["l, d, s = [2, 1], {}, {1}\nchange(l, d, s)\nassert (l, d, s) == ([1, 2], {'x': 1}, {1, 9})"]
    assert (await judged(unit_tests(), code, {"test_list": tests})).value == 1.0


async def test_exceptions_can_be_expected(judged: Judged) -> None:
    code = "def strict(n):\n    if n < 0: raise ValueError('negative')\n    return {}[n]"
    tests = [
        "try:\n    strict(-1)\nexcept ValueError as error:\n    assert str(error) == 'negative'\nelse:\n    assert False",
        "try:\n    strict(1)\nexcept KeyError:\n    pass\nelse:\n    assert False",
    ]
    assert (await judged(unit_tests(), code, {"test_list": tests})).value == 1.0


async def test_what_cannot_be_told_is_unscored(judged: Judged) -> None:
    """A test that passes a function of its own cannot be run apart; that is not the code's fault."""
    score = await judged(
        unit_tests(), "def apply(f): return f(1)", {"test_list": ["assert apply(lambda n: n) == 1"]}
    )
    assert not score.is_scored
    assert "cannot be sent" in score.explanation


@pytest.mark.parametrize("target", ["text", None, {"test": "x"}, {"prompt": "x", "entry_point": "f"}, []])
async def test_a_target_of_another_form_is_refused(judged: Judged, target: object) -> None:
    with pytest.raises(JudgeError, match="unit_tests"):
        await judged(unit_tests(), RIGHT, target)  # type: ignore[arg-type]


async def test_broken_tests_are_nobodys_score(judged: Judged) -> None:
    with pytest.raises(JudgeError, match="broken"):
        await judged(unit_tests(), RIGHT, {**DOUBLE, "prompt": "import missing_module\n" + DOUBLE["prompt"]})


@pytest.mark.parametrize(
    "options", [{"seconds": 0}, {"seconds": True}, {"seconds": "5"}, {"memory_mb": 1}, {"compat": "nobody"}]
)
def test_options_are_checked(options: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match="judge 'unit_tests'"):
        unit_tests(**options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("", ""),
        ("x = 1", "x = 1"),
        ("```\n```", ""),
        ("```py\nx\n```\n```py\ny\n```", "x\n"),
        ("text ```not a fence``` x", "text ```not a fence``` x"),
        ("````\n```\nx\n```\n````", "```\nx\n```\n"),
        ("~~~\nx\n```\n~~~", "x\n```\n"),
        ("1.\n   ```python\n   x = 1\n   ```", "   x = 1\n"),
    ],
)
def test_the_first_fenced_block_is_the_code(reply: str, code: str) -> None:
    assert code_of(reply) == code
