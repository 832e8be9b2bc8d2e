"""Who: users and staff of ours, customers and partners, and the identities by which a channel knows them."""

from people.models.parties import (
    Customer,
    Identity,
    IdentityCertainty,
    Partner,
    Person,
    Side,
)
from people.models.staff import StaffMember, Team, User, Visibility, staff_of

__all__ = [
    "Customer",
    "Identity",
    "IdentityCertainty",
    "Partner",
    "Person",
    "Side",
    "StaffMember",
    "Team",
    "User",
    "Visibility",
    "staff_of",
]
