"""How named peers read answers, for scores that are to be comparable with theirs; never a default.

A peer's reader is a fact about that peer: it finds "C" in "I" where the peer does. The judges of the room above
read what a reply means, and come here only under their option `compat`.
"""
