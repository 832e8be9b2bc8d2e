"""Who did something: a person, or a named machine. Every write and every evidence entry names one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser


@dataclass(frozen=True)
class Actor:
    """The one who acts.

    :param kind: ``user`` (somebody signed in), ``person`` (somebody in a chat) or ``machine``.
    :param ref: a stable reference (public id of the person, primary key of the user, name of the machine).
    :param label: what people call the actor, for display in evidence.
    """

    kind: str
    ref: str
    label: str

    @classmethod
    def machine(cls, name: str) -> Actor:
        """A part of the product that acts by itself, such as ``triage`` or ``sweep``."""
        return cls(kind="machine", ref=name, label=name)

    @classmethod
    def of_user(cls, user: AbstractBaseUser | AnonymousUser) -> Actor:
        """A signed-in user."""
        label = getattr(user, "display_name", "") or user.get_username()
        return cls(kind="user", ref=str(user.pk), label=str(label))

    @classmethod
    def of_person(cls, person: Any) -> Actor:
        """Somebody in a conversation (a `people.Person`)."""
        return cls(kind="person", ref=str(person.public_id), label=str(person.name))

    def as_json(self) -> dict[str, str]:
        """The actor as a flat mapping for evidence and history."""
        return {"kind": self.kind, "ref": self.ref, "label": self.label}
