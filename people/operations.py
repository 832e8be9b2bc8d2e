"""Public writes about people: who an unknown sender is, and what we later learn."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from foundation.actors import Actor
from foundation.errors import Refused
from people.models import Customer, Identity, IdentityCertainty, Person, Side


def find_or_add_identity(*, account: str, external_id: str, name: str = "", side: str = Side.UNKNOWN) -> Identity:
    """The identity of a channel id, made with an unknown person if it has never been seen.

    :param side: what the channel says about the sender. It counts only for somebody new; a known identity keeps its person and side.
    """
    known = Identity.objects.select_related("person").filter(account=account, external_id=external_id).first()
    if known is not None:
        if name and not known.display_name:
            learn_name(identity=known, name=name)
        return known
    try:
        with transaction.atomic():
            person = Person.objects.create(name=name or external_id, side=side or Side.UNKNOWN)
            return Identity.objects.create(
                account=account,
                external_id=external_id,
                person=person,
                display_name=name,
                certainty=IdentityCertainty.UNKNOWN,
            )
    except IntegrityError:
        return Identity.objects.select_related("person").get(account=account, external_id=external_id)


def learn_name(*, identity: Identity, name: str) -> None:
    """Note the name that a channel gives for an identity. A person whose name people chose keeps it."""
    identity.display_name = name[:128]
    identity.save(update_fields=["display_name"])
    person = identity.person
    if person.name == identity.external_id or person.side == Side.UNKNOWN:
        person.name = name[:128]
        person.save(update_fields=["name"])


def identify(*, account: str, external_id: str, person: Person, certainty: str, name: str = "") -> Identity:
    """Say who a channel id is, and how sure that is. Used by contact sync, the demo company and the admin."""
    identity, _created = Identity.objects.update_or_create(
        account=account,
        external_id=external_id,
        defaults={"person": person, "certainty": certainty, "display_name": name or person.name},
    )
    return identity


def stop_promotion(*, customer_id: int, why: str, actor: Actor, at: datetime) -> bool:
    """Nothing is advertised to this customer until somebody allows it again. A later reason does not replace the first.

    :returns: whether it was allowed until now.
    """
    with transaction.atomic():
        customer = Customer.objects.select_for_update().get(pk=customer_id)
        if customer.promotion_stopped_at is not None:
            return False
        customer.promotion_stopped_at, customer.promotion_stopped_why = at, why[:255]
        customer._change_reason = f"{actor.label}: {why}"[:100]  # type: ignore[attr-defined]
        customer.save(update_fields=["promotion_stopped_at", "promotion_stopped_why"])
        return True


def allow_promotion(*, customer_id: int, reason: str, actor: Actor, at: datetime) -> None:
    """Let this customer be advertised to again; who and why stays in the history.

    :raises Refused: without a reason.
    """
    if not reason.strip():
        raise Refused(_("Say why."), code="reason_missing")
    with transaction.atomic():
        customer = Customer.objects.select_for_update().get(pk=customer_id)
        customer.promotion_stopped_at, customer.promotion_stopped_why = None, ""
        customer._change_reason = f"{actor.label}: {reason}"[:100]  # type: ignore[attr-defined]
        customer.save(update_fields=["promotion_stopped_at", "promotion_stopped_why"])
