"""Readers of yes and no as lmms-eval 0.7.2 has them, one for each of its tasks that asks for them."""

from __future__ import annotations

from collections.abc import Callable


def mme(text: str) -> str | None:
    """MME: yes or no within the first four characters, so that "none" is a no."""
    text = text.lower().strip().replace(".", "")
    if text in ("y", "n"):
        return {"y": "yes", "n": "no"}[text]
    return next((word for word in ("yes", "no") if word in text[:4]), None)


def pope(text: str) -> str | None:
    """POPE: nothing but the word."""
    return text.lower() if text.lower() in ("yes", "no") else None


def tempcompass(text: str) -> str | None:
    """TempCompass: what the reply begins with, so that "Not" is a no."""
    return next((word for word in ("yes", "no") if text.lower().startswith(word)), None)


READERS: dict[str, Callable[[str], str | None]] = {
    "lmms-eval/mme": mme,
    "lmms-eval/pope": pope,
    "lmms-eval/tempcompass": tempcompass,
}
