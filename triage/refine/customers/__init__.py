"""What customers mean, where their words, or what they owe, leave less doubt than the engine had. Pure.

Two stages: their words (the first rule that fits, in the order below), then what is owed.
"""

from triage.refine.customers.acts import ACTS
from triage.refine.customers.agreeing import AGREEING
from triage.refine.customers.feelings import FEELINGS
from triage.refine.customers.place import PLACE

__all__ = ["CUSTOMERS_PLACE", "CUSTOMERS_WORDS"]

CUSTOMERS_WORDS = (*FEELINGS, *ACTS, *AGREEING)
CUSTOMERS_PLACE = PLACE
