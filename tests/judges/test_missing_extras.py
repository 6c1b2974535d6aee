"""A judge whose library is not installed says so in one sentence; the tests themselves have all of them."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

EXTRAS = ("math", "metrics", "instructions")
PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
WITHOUT = """
import asyncio, json, sys

for name in {blocked!r}:
    sys.modules[name] = None  # as where it is not installed: not found, and no import succeeds

import agentbench_sdk.judges as judges
from agentbench_sdk.errors import JudgeError, MissingExtraError
from agentbench_sdk.judging import JudgeCase

said = {{}}
for name in judges.__all__:
    try:
        getattr(judges, name)()
    except MissingExtraError as error:
        said[name] = str(error)
    except Exception:  # what needs options is refused for their sake
        continue
language = {{"instruction_id_list": ["language:response_language"], "kwargs": [{{"language": "de"}}]}}
try:
    asyncio.run(judges.instructions().judge(JudgeCase("s", "Guten Tag", None, metadata=language)))
except JudgeError as error:
    said["instructions"] = str(error)
print(json.dumps(said))
"""


def libraries(requirements: list[str]) -> set[str]:
    """Names without versions."""
    return {re.split(r"[^\w-]", each)[0] for each in requirements}


def test_the_tests_have_every_library_of_these_extras() -> None:
    group = [each for each in PROJECT["dependency-groups"]["test"] if isinstance(each, str)]
    for extra in EXTRAS:
        assert set(PROJECT["project"]["optional-dependencies"][extra]) <= set(group)


def test_each_judge_names_the_extra_that_it_misses() -> None:
    wanted = {
        "math": "math",
        **dict.fromkeys(("anls", "bleu", "cer", "edit_distance", "wer"), "metrics"),
        "instructions": "instructions",
    }
    found = PROJECT["project"]["optional-dependencies"]
    blocked = [each.replace("-", "_") for extra in EXTRAS for each in libraries(found[extra])]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(blocked=blocked)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert set(said) == set(wanted)
    for judge, extra in wanted.items():
        assert f"pip install 'agentbench-sdk[{extra}]'" in said[judge], judge
        assert "\n" not in said[judge]
