"""What a sandbox is made from, and what a provider can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from agentbench_sdk.sandbox.limits import DEFAULT_LIMITS, Limit, Limits

WORK_FOLDER = "/work"


@dataclass(frozen=True, slots=True)
class SandboxSpec:
    """What a sandbox is made from.

    Attributes:
        files: content by path relative to the work folder, written at the start.
        executable: those of `files` that get the x bit.
        archive: a tar archive unpacked into the work folder before `files`, as `Sandbox.snapshot` gives it.
        work_folder: absolute path of the work folder inside.
        folders: further writable folders, absolute paths inside; empty at the start.
        env: variables beside PATH, HOME, LANG, TZ and TMPDIR; nothing of the host's environment is seen.
        limits: for each command that names none of its own.
        image: container image; only providers whose capabilities say `images` accept one.
        build_context: folder with a Dockerfile that the image is built from; as for `image`.
    """

    files: Mapping[str, bytes] = field(default_factory=dict)
    executable: frozenset[str] = frozenset()
    archive: bytes = b""
    work_folder: str = WORK_FOLDER
    folders: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = DEFAULT_LIMITS
    image: str | None = None
    build_context: Path | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can do; checked before a run starts.

    Attributes:
        isolated: commands see and change nothing of the host.
        limits: what it enforces. A limit outside this set is not silently ignored: who needs it is refused.
        images: runs container images and builds them.
        starts_slowly: starting one takes so long that some are worth being kept ready.
    """

    isolated: bool
    limits: frozenset[Limit]
    images: bool = False
    starts_slowly: bool = False
