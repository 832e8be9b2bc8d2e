"""Who: users and staff of ours, customers and partners, and the identities by which a channel knows them."""

from people.models.changes import PartyChange
from people.models.parties import (
    Customer,
    Identity,
    IdentityCertainty,
    Partner,
    Person,
    Side,
    Tag,
    register_acquaintance,
)
from people.models.staff import (
    DutyRoster,
    Shift,
    StaffMember,
    Team,
    User,
    Visibility,
    is_available,
    staff_of,
    who_is_available,
)

__all__ = [
    "Customer",
    "DutyRoster",
    "Identity",
    "IdentityCertainty",
    "Partner",
    "PartyChange",
    "Person",
    "Shift",
    "Side",
    "StaffMember",
    "Tag",
    "Team",
    "User",
    "Visibility",
    "is_available",
    "register_acquaintance",
    "staff_of",
    "who_is_available",
]
