"""Who is who, decided by people: merge customers or people that are one, confirm or reject identities, and take it back.

Messages stay as they were said and by whom they were said; what can still move moves. Every decision is a `PartyChange` with its reason.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.apps import apps
from django.core import serializers
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from foundation.actors import Actor
from foundation.errors import Refused, WrongState
from people.models import Customer, Identity, IdentityCertainty, PartyChange, Person, Side

Listener = Callable[[PartyChange, Actor, datetime, bool], None]
_listeners: list[Listener] = []
What = PartyChange.What


def register_change_listener(listener: Listener) -> None:
    """Let a higher room leave its traces (evidence of the cases that are touched), in the same transaction; last argument: it is undone."""
    if listener not in _listeners:
        _listeners.append(listener)


def _reason(reason: str) -> str:
    """:raises Refused: without one."""
    if not reason.strip():
        raise Refused(_("Please say why."), code="no_reason")
    return reason.strip()[:255]


def _relations(model: type[Model]) -> list[tuple[type[Model], str]]:
    """What points at a party and moves with it: not what is fixed for ever, not the record of changes itself."""
    found = []
    for relation in model._meta.related_objects:
        related: Any = relation.related_model
        if related in (PartyChange, model) or getattr(related, "is_immutable", False) or not relation.field.concrete:
            continue
        if relation.one_to_many or relation.one_to_one:
            found.append((related, relation.field.name))
    return found


def _move(kept: Model, gone: Model) -> tuple[list[dict[str, Any]], str]:
    """Point everything from `gone` at `kept`. Returns what was moved, and the rows that would have stood twice, which are taken out."""
    moved, dropped = [], []
    for model, field in _relations(type(kept)):
        keys = []
        for row in model._base_manager.select_for_update().filter(**{field: gone}).order_by("pk"):
            try:
                with transaction.atomic():
                    model._base_manager.filter(pk=row.pk).update(**{field: kept})
                keys.append(row.pk)
            except IntegrityError:
                dropped.append(row)
                model._base_manager.filter(pk=row.pk).delete()
        if keys:
            moved.append({"model": model._meta.label, "field": field, "keys": keys})
    return moved, serializers.serialize("json", dropped) if dropped else ""


def _locked(model: Any, *keys: int) -> list[Any]:
    rows = {row.pk: row for row in model.objects.select_for_update().filter(pk__in=keys).order_by("pk")}
    return [rows[key] for key in keys]


def _write(change: PartyChange, actor: Actor, at: datetime) -> PartyChange:
    change.actor, change.at = actor.as_json(), at
    change.save()
    for listener in _listeners:
        listener(change, actor, at, False)
    return change


def merge_customers(*, kept_id: int, gone_id: int, reason: str, actor: Actor, at: datetime) -> PartyChange:
    """Two customers are one: everything of the second becomes the first's; what the first lacks (phone, address) it takes over.

    :raises Refused: for one and the same, for the one that stands for the unknown, or without a reason.
    :raises WrongState: when one of them has been merged already.
    """
    words = _reason(reason)
    if kept_id == gone_id:
        raise Refused(_("These are one and the same already."), code="same")
    with transaction.atomic():
        kept, gone = _locked(Customer, kept_id, gone_id)
        if kept.placeholder or gone.placeholder:
            raise Refused(_("The customer who stands for unknown people is not merged."), code="placeholder")
        if kept.merged_into_id or gone.merged_into_id:
            raise WrongState(_("One of them has been merged already."))
        moved, dropped = _move(kept, gone)
        taken = [name for name in ("phone", "address", "note") if getattr(gone, name) and not getattr(kept, name)]
        for name in taken:
            setattr(kept, name, getattr(gone, name))
        kept.save()
        gone.merged_into = kept
        gone.save()
        before = {"kept": kept.pk, "gone": gone.pk, "gone_name": gone.name, "taken": taken}
        return _write(
            PartyChange(what=What.CUSTOMERS_MERGED, customer=kept, before=before, moved=moved, dropped=dropped, reason=words),
            actor, at,
        )  # fmt: skip


def merge_people(*, kept_id: int, gone_id: int, reason: str, actor: Actor, at: datetime) -> PartyChange:
    """Two persons are one human being: identities, memberships, roles and waits of the second become the first's.

    :raises Refused: for one and the same, for people of two sides or two customers, or without a reason.
    :raises WrongState: when one of them has been merged already.
    """
    words = _reason(reason)
    if kept_id == gone_id:
        raise Refused(_("These are one and the same already."), code="same")
    with transaction.atomic():
        kept, gone = _locked(Person, kept_id, gone_id)
        if kept.merged_into_id or gone.merged_into_id:
            raise WrongState(_("One of them has been merged already."))
        if gone.side not in (Side.UNKNOWN, kept.side) or gone.staff_id is not None:
            raise Refused(_("People of different sides are not one."), code="sides")
        if gone.customer_id is not None and gone.customer_id != kept.customer_id:
            raise Refused(_("They belong to two customers: merge the customers first."), code="customers")
        moved, dropped = _move(kept, gone)
        gone.merged_into = kept
        gone.save()
        before = {"kept": kept.pk, "gone": gone.pk, "gone_name": gone.name}
        return _write(
            PartyChange(
                what=What.PEOPLE_MERGED, customer=kept.customer, person=kept, before=before, moved=moved, dropped=dropped,
                reason=words,
            ), actor, at,
        )  # fmt: skip


def _of_identity(what: str, identity: Identity, reason: str, before: dict[str, Any]) -> PartyChange:
    person = identity.person
    return PartyChange(
        what=what, identity=identity, person=person, customer=person.customer, before=before, reason=reason
    )


def confirm_identity(*, identity_id: int, reason: str, actor: Actor, at: datetime) -> PartyChange:
    """Somebody made sure that this is that person.

    :raises WrongState: when it is verified already. :raises Refused: without a reason.
    """
    words = _reason(reason)
    with transaction.atomic():
        (identity,) = _locked(Identity, identity_id)
        if identity.certainty == IdentityCertainty.VERIFIED:
            raise WrongState(_("This identity is verified already."))
        before = {"person": identity.person_id, "certainty": identity.certainty}
        identity.certainty = IdentityCertainty.VERIFIED
        identity.save(update_fields=["certainty"])
        return _write(_of_identity(What.IDENTITY_CONFIRMED, identity, words, before), actor, at)


def reject_identity(*, identity_id: int, reason: str, actor: Actor, at: datetime) -> PartyChange:
    """This is somebody else: the identity gets an unknown person of its own. What was said under it stays.

    :raises Refused: without a reason.
    """
    words = _reason(reason)
    with transaction.atomic():
        (identity,) = _locked(Identity, identity_id)
        old = identity.person
        stranger = Person.objects.create(name=identity.display_name or identity.external_id, side=Side.UNKNOWN)
        before = {"person": old.pk, "certainty": identity.certainty, "made": stranger.pk}
        identity.person, identity.certainty = stranger, IdentityCertainty.UNKNOWN
        identity.save(update_fields=["person", "certainty"])
        change = _of_identity(What.IDENTITY_REJECTED, identity, words, before)
        change.person, change.customer = old, old.customer
        return _write(change, actor, at)


def assign_identity(*, identity_id: int, person_id: int, reason: str, actor: Actor, at: datetime) -> PartyChange:
    """This is that person: settles who an unknown sender is, and a conflict.

    :raises Refused: without a reason. :raises WrongState: when that person has been merged into another.
    """
    words = _reason(reason)
    with transaction.atomic():
        (identity,), (person,) = _locked(Identity, identity_id), _locked(Person, person_id)
        if person.merged_into_id:
            raise WrongState(_("One of them has been merged already."))
        before = {"person": identity.person_id, "certainty": identity.certainty}
        identity.person, identity.certainty = person, IdentityCertainty.VERIFIED
        identity.save(update_fields=["person", "certainty"])
        return _write(_of_identity(What.IDENTITY_ASSIGNED, identity, words, before), actor, at)


PLACE = ("side", "customer_id", "partner_id", "staff_id")


def place_person(
    *, person_id: int, side: str, customer_id: int | None, partner_id: int | None, staff_id: int | None, reason: str, actor: Actor,
    at: datetime,
) -> PartyChange:  # fmt: skip
    """Somebody is on another side, or belongs to another customer or partner, than was thought.

    :raises Refused: without a reason. :raises WrongState: when they have been merged into another.
    """
    words = _reason(reason)
    with transaction.atomic():
        (person,) = _locked(Person, person_id)
        if person.merged_into_id:
            raise WrongState(_("One of them has been merged already."))
        before = {name: getattr(person, name) for name in PLACE}
        for name, value in zip(PLACE, (side, customer_id, partner_id, staff_id), strict=True):
            setattr(person, name, value)
        person._change_reason = words[:100]
        person.save(update_fields=["side", "customer", "partner", "staff"])
        return _write(
            PartyChange(what=What.PERSON_PLACED, person=person, customer=person.customer, before=before, reason=words),
            actor,
            at,
        )


def undo(*, change_id: int, reason: str, actor: Actor, at: datetime) -> PartyChange:
    """Take a decision back: what it moved goes where it was, unless it has moved on since. A merge undone is a split.

    :raises WrongState: when it is undone already. :raises Refused: without a reason.
    """
    words = _reason(reason)
    with transaction.atomic():
        change = PartyChange.objects.select_for_update().get(pk=change_id)
        if change.undone_at is not None:
            raise WrongState(_("This decision is taken back already."))
        if change.what in (What.CUSTOMERS_MERGED, What.PEOPLE_MERGED):
            model: Any = Customer if change.what == What.CUSTOMERS_MERGED else Person
            kept, gone = _locked(model, change.before["kept"], change.before["gone"])
            if gone.merged_into_id != kept.pk:
                raise WrongState(_("It has been merged elsewhere since."))
            for part in change.moved:
                rows = apps.get_model(part["model"])._base_manager.filter(pk__in=part["keys"], **{part["field"]: kept})
                rows.update(**{part["field"]: gone})
            for row in serializers.deserialize("json", change.dropped) if change.dropped else ():
                row.save()
            for name in change.before.get("taken", []):
                if getattr(kept, name) == getattr(gone, name):
                    setattr(kept, name, "")
            kept.save()
            gone.merged_into = None
            gone.save()
        elif change.what == What.PERSON_PLACED:
            (person,) = _locked(Person, change.person_id or 0)
            for name in PLACE:
                setattr(person, name, change.before[name])
            person.save(update_fields=["side", "customer", "partner", "staff"])
        else:
            (identity,) = _locked(Identity, change.identity_id or 0)
            identity.person_id, identity.certainty = change.before["person"], change.before["certainty"]
            identity.save(update_fields=["person", "certainty"])
        change.undone_at, change.undone_by, change.undone_reason = at, actor.as_json(), words
        change.save(update_fields=["undone_at", "undone_by", "undone_reason"])
        for listener in _listeners:
            listener(change, actor, at, True)
        return change
