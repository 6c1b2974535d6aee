"""Real engines, where they are, with the image of the conformance tests."""

from tests.sandbox.conformance.conftest import busybox

__all__ = ["busybox"]
