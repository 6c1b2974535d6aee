"""How the HTML report looks (`page.css`) and what it does (`page.js`): both are put into the page itself.

Names of classes and ids in them are those that the modules named `page_…` and `markup` write.
"""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files


def asset(name: str) -> str:
    """The text of a file beside this module."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8").strip()


def digest(text: str) -> str:
    """By which a page's policy lets this script or style and no other in (Content Security Policy Level 3, 6.7)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}"
