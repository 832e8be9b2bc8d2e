"""English: what a colleague or partner wrote becomes what a customer may read. Pure.

A text is taken apart into clauses, which `wording.take_apart` judges one by one. What is left is put together again for its reader (`relayed`,
`reported`): the news, what is asked of them, and what it is about, each by itself.
"""

from triage.wording_english.clauses import clauses, plain, sentences
from triage.wording_english.matters import matter_of
from triage.wording_english.reader import Reader, reader
from triage.wording_english.talk import gossips, names_a_sum, only_takes_note, opens_aside, talk_from, talks_on
from triage.wording_english.told import Relayed, relayed, reported

__all__ = [
    "Reader",
    "Relayed",
    "clauses",
    "gossips",
    "matter_of",
    "names_a_sum",
    "only_takes_note",
    "opens_aside",
    "plain",
    "reader",
    "relayed",
    "reported",
    "sentences",
    "talk_from",
    "talks_on",
]
