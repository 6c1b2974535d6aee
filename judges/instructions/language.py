"""Which language a text is in, by the library langdetect, as in IFEval's scorer; seeded, so that it repeats."""

from __future__ import annotations

import threading

from agentbench_sdk.errors import JudgeError

_LOADING = threading.Lock()


def is_language(text: str, code: str) -> bool:
    """Whether a text is in a language (ISO 639-1); one that has no language at all counts as in any.

    Raises:
        JudgeError: langdetect is not installed.
    """
    try:
        from langdetect import DetectorFactory, LangDetectException, detect
    except ImportError as error:
        raise JudgeError(
            "an instruction on the reply's language needs an optional dependency: "
            "pip install 'agentbench-sdk[instructions]'"
        ) from error
    with _LOADING:  # its profiles are loaded at the first call, into one place
        DetectorFactory.seed = 0
        try:
            return bool(detect(text) == code)
        except LangDetectException:
            return True
