"""`instructions`: whether a reply keeps to instructions that a program can check: the IFEval family.

    checks      each instruction by its id, a pure function of the reply and the instruction's arguments
    sentences   how many sentences and words a text has
    language    which language a text is in (langdetect)
    rule        the judge

Source: Zhou et al. 2023, "Instruction-Following Evaluation for Large Language Models" (arXiv:2311.07911), and
the definitions of its official scorer; all its 25 instruction ids are here.
"""

from agentbench_sdk.judges.instructions.checks import CHECKS
from agentbench_sdk.judges.instructions.rule import instructions

__all__ = ["CHECKS", "instructions"]
