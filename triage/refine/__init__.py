"""What the place of a message says about its meaning, beyond its words: policy, not guesses. Pure.

An engine reads words; these rules correct it where side, place and what is owed decide. They stand in stages: of each stage the first rule that fits
is applied, and the next stage sees what it made. `tests/triage/test_refine.py` shows an example of each that fits and a near miss.
"""

from triage.refine.stages import refine, stages_for

__all__ = ["refine", "stages_for"]
