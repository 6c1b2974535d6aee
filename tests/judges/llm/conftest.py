"""Lets the tests of this folder share what they all need."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[3]))
