"""Writing a file that is whole or not there: beside its place first, then moved onto it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agentbench_sdk.errors import ConfigurationError


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A path to write to; the file takes the target's place when the block ends, and is removed when it fails.

    Raises:
        ConfigurationError: the file cannot be written.
    """
    begun = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        yield begun
        begun.replace(target)
    except OSError as error:
        raise ConfigurationError(
            f"{target}: cannot be written ({error.strerror or error}); name another file"
        ) from error
    finally:
        begun.unlink(missing_ok=True)
