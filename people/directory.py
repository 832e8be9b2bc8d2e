"""Who is named in a text: all names we know, held in memory, found without asking the database for each."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from django.utils.functional import cached_property

from foundation.remembering import Remembered
from people.models import Customer, Partner, Person, Side

SHORTEST = 2


@dataclass(frozen=True)
class Directory:
    """Names by side. `customers` says whose name it is: one name may belong to several customers."""

    staff: frozenset[str] = frozenset()
    partner_people: frozenset[str] = frozenset()
    partners: frozenset[str] = frozenset()
    customers: dict[str, set[int]] = field(default_factory=dict)

    @cached_property
    def _lengths(self) -> dict[str, list[int]]:
        groups = {
            "staff": self.staff, "partner_people": self.partner_people, "partners": self.partners,
            "customers": self.customers.keys(),
        }  # fmt: skip
        return {name: sorted({len(one) for one in names if len(one) >= SHORTEST}) for name, names in groups.items()}

    def find(self, group: str, text: str) -> set[str]:
        """The names of a group that stand in a text: as many look-ups as the text has places and the group has lengths of names."""
        names = getattr(self, group)
        return {
            text[start : start + length]
            for length in self._lengths[group]
            for start in range(len(text) - length + 1)
            if text[start : start + length] in names
        }


def _load() -> Directory:
    staff, fitters, customers = set(), set(), defaultdict(set)
    for name, side, customer in Person.objects.values_list("name", "side", "customer_id").iterator(chunk_size=5000):
        if side == Side.INTERNAL:
            staff.add(name)
        elif side == Side.PARTNER:
            fitters.add(name)
        elif side == Side.CUSTOMER and customer is not None:
            customers[name].add(customer)
    partners = frozenset(Partner.objects.filter(people__isnull=False).values_list("name", flat=True))
    return Directory(frozenset(staff), frozenset(fitters), partners, dict(customers))


#: All names. A hundred thousand people take a few hundred milliseconds to read and some twenty megabytes.
directory = Remembered(_load, seconds=20)
directory.forget_on_change(Person, Partner, Customer)
