"""How named peers read answers, for scores that are to be comparable with theirs; never a default.

A peer's reader is a fact about that peer: it finds "C" in "Because" where the peer does. The judges of the
room above read what a reply means; `peer_choice` and `peer_match` read what lmms-eval 0.7.2 makes of it.
A reader that guesses at random where it finds nothing finds nothing here: a guess is no answer.
"""

from agentbench_sdk.judges.peers.choices import peer_choice
from agentbench_sdk.judges.peers.matches import peer_match

__all__ = ["peer_choice", "peer_match"]
