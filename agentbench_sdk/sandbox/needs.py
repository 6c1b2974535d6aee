"""What a world or a judge needs of a sandbox, compared with what a provider can do before a run starts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from agentbench_sdk.sandbox.limits import Limit
from agentbench_sdk.sandbox.spec import Capabilities


@dataclass(frozen=True, slots=True)
class SandboxNeeds:
    """What a sandbox must be able to do. What is not asked for here is the user's choice, who is told.

    Attributes:
        isolated: programs must not see or change the host; refuses a provider without isolation even where
            the user names it.
        limits: those without which the result would mean nothing.
        images: container images.
    """

    isolated: bool = False
    limits: frozenset[Limit] = frozenset()
    images: bool = False

    @classmethod
    def of(cls, needs: bool | Self) -> Self | None:
        """What an attribute `needs_sandbox` says: nothing (None), any sandbox, or these needs."""
        if isinstance(needs, bool):
            return cls() if needs else None
        return needs

    @classmethod
    def all_of(cls, needs: Iterable[Self | None]) -> Self | None:
        """What satisfies all of them; None where nobody needs a sandbox."""
        asked = [each for each in needs if each is not None]
        if not asked:
            return None
        return cls(
            isolated=any(each.isolated for each in asked),
            limits=frozenset().union(*(each.limits for each in asked)),
            images=any(each.images for each in asked),
        )

    def missing(self, able: Capabilities) -> list[str]:
        """What a provider lacks, in words."""
        lacks = ["isolation from the host"] if self.isolated and not able.isolated else []
        lacks += [f"a limit on {each.value.replace('_', ' ')}" for each in sorted(self.limits - able.limits)]
        return [*lacks, "container images"] if self.images and not able.images else lacks
