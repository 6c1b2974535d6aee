"""The code that a reply holds: its first fenced block, or all of it where there is none."""

from __future__ import annotations

import re

# CommonMark's fences: three or more of a kind, an info string; the block ends with as many or with the text.
_FENCE = re.compile(
    r"^[ ]{0,3}(?P<fence>`{3,}|~{3,})[^\n`]*\n(?P<code>.*?)(?:^[ ]{0,3}(?P=fence)[`~]*[ \t]*$|\Z)",
    re.MULTILINE | re.DOTALL,
)


def code_of(reply: str) -> str:
    """The first fenced block of a reply, with plain line ends; the reply itself where no fence opens one.

    >>> code_of("Here:\\n```python\\nx = 1\\n```\\nDone.")
    'x = 1\\n'
    >>> code_of("    return 1\\n")
    '    return 1\\n'
    """
    text = reply.replace("\r\n", "\n").replace("\r", "\n")
    found = _FENCE.search(text)
    return text if found is None else found["code"]


def evalscope_code(reply: str) -> str:
    """As EvalScope 1.14.1 reads it: backticks with a word and a bare line end only, else the whole reply."""
    found = re.search(r"```\w*\n(.*?)```", reply, re.DOTALL)
    return reply if found is None else found[1]
