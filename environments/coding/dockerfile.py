"""Reads a task's Dockerfile as far as it can be followed without building an image.

A Dockerfile that starts from a plain system or Python image and then only copies files, sets variables and
names a work folder describes nothing that the sandbox has not already. Anything else needs a container.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

DEFAULT_WORK_FOLDER = "/app"
_PLAIN = re.compile(r"(?:docker\.io/)?(?:library/)?(?:python|debian|ubuntu)(?::[\w.-]+)?$")
_WITHOUT_EFFECT = frozenset({"LABEL", "CMD", "EXPOSE", "MAINTAINER", "STOPSIGNAL", "HEALTHCHECK"})


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """What a Dockerfile says.

    Attributes:
        work_folder: absolute path.
        env: variables.
        copies: source below the build context and absolute target, in order.
        beyond: the first instruction that needs an image; "" when there is none.
    """

    work_folder: str
    env: Mapping[str, str]
    copies: tuple[tuple[str, str], ...]
    beyond: str = ""

    @property
    def needs_image(self) -> bool:
        """Whether only a container can follow it."""
        outside = any(not PurePosixPath(target).is_relative_to(self.work_folder) for _, target in self.copies)
        return outside or bool(self.beyond)

    def copied(self, context: Mapping[str, bytes]) -> dict[str, bytes]:
        """The files of the work folder: what the instructions copy into it from the build context."""
        found: dict[str, bytes] = {}
        for source, target in self.copies:
            for path, data in context.items():
                place = _place(source, target, path)
                if place is not None:
                    found[str(PurePosixPath(place).relative_to(self.work_folder))] = data
        found.pop("Dockerfile", None)
        return found


def read_dockerfile(text: str) -> Dockerfile:
    """Read a Dockerfile; never fails: what is not understood needs an image."""
    folder, beyond = DEFAULT_WORK_FOLDER, ""
    env: dict[str, str] = {}
    copies: list[tuple[str, str]] = []
    for line in _instructions(text):
        word, _, rest = line.partition(" ")
        word, rest = word.upper(), rest.strip()
        if word == "WORKDIR":
            folder = str(PurePosixPath(folder or "/", rest.strip('"')))
        elif word == "ENV":
            env |= _variables(rest)
        elif word in ("COPY", "ADD") and (pair := _copy(rest, folder)) is not None:
            copies += pair
        elif not (
            word in _WITHOUT_EFFECT or (word == "FROM" and _PLAIN.match(rest)) or _makes_folder(word, rest)
        ):
            beyond = beyond or line
    return Dockerfile(folder, env, tuple(copies), beyond)


def _instructions(text: str) -> list[str]:
    joined = re.sub(r"\\[ \t]*\n", " ", text)
    return [line for raw in joined.splitlines() if (line := raw.strip()) and not line.startswith("#")]


def _variables(rest: str) -> dict[str, str]:
    try:
        parts = shlex.split(rest)
    except ValueError:
        return {}
    if parts and "=" not in parts[0]:
        return {parts[0]: " ".join(parts[1:])}
    return dict(part.split("=", 1) for part in parts if "=" in part)


def _copy(rest: str, folder: str) -> list[tuple[str, str]] | None:
    """Sources with their targets; None for forms that need an image: other stages, owners, URLs, patterns."""
    try:
        parts = json.loads(rest) if rest.startswith("[") else shlex.split(rest)
    except ValueError:
        return None
    if len(parts) < 2 or any(
        part.startswith("--") or "://" in part or set("*?[$") & set(part) for part in parts
    ):
        return None
    *sources, target = parts
    place = str(PurePosixPath(folder, target))
    as_folder = target.endswith("/") or target in (".", "./") or len(sources) > 1
    return [
        (source.removeprefix("./").rstrip("/") or ".", place + ("/" if as_folder else ""))
        for source in sources
    ]


def _place(source: str, target: str, path: str) -> str | None:
    """Where a file of the context comes to lie; None when it is not copied."""
    if source == ".":
        return str(PurePosixPath(target, path))
    if path.startswith(f"{source}/"):
        return str(PurePosixPath(target, path.removeprefix(f"{source}/")))
    if path != source:
        return None
    return str(PurePosixPath(target, PurePosixPath(path).name)) if target.endswith("/") else target


def _makes_folder(word: str, rest: str) -> bool:
    return word == "RUN" and re.fullmatch(r"mkdir -p(?:\s+[\w./-]+)+", rest) is not None
