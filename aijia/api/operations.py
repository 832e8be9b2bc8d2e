"""Writes of the API's own rows: make and revoke tokens."""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from aijia.api.models import ApiToken, Scope
from foundation.errors import Refused, WrongState
from people.models import StaffMember

if TYPE_CHECKING:
    from people.models import User

MARK = "aijia_"
SHOWN = len(MARK) + 6
logger = logging.getLogger("aijia.api")


def digest_of(secret: str) -> str:
    """What is kept of a secret: 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def check_can_own(owner: StaffMember) -> None:
    """Only a colleague who works here and may sign in can own a token.

    :raises Refused: otherwise.
    """
    if owner.left_at is not None or owner.user is None or not owner.user.is_active:
        raise Refused(
            _("Only a colleague who works here and may sign in can own a token."), code="owner_cannot_sign_in"
        )


def create_token(
    *, name: str, owner: StaffMember, scopes: Iterable[str], expires_at: datetime, by: User, at: datetime
) -> tuple[ApiToken, str]:
    """Make a token. Administrators only (the admin checks that).

    :returns: the row, and the secret, which nobody can be shown again.
    :raises Refused: when the owner cannot own one, a scope is not known or none is given, or the time has passed.
    """
    check_can_own(owner)
    wanted = sorted(set(scopes))
    if not wanted or not set(wanted) <= set(Scope.values):
        raise Refused(_("Say what the token may be used for."), code="scopes_missing")
    if expires_at <= at:
        raise Refused(_("The expiry time must be in the future."), code="past")
    secret = MARK + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        name=name.strip(), owner=owner, scopes=wanted, prefix=secret[:SHOWN], digest=digest_of(secret), created_at=at,
        created_by=by, expires_at=expires_at,
    )  # fmt: skip
    logger.info("API token %s made for %s by %s: %s", token.prefix, owner.public_id, by.pk, " ".join(wanted))
    return token, secret


def revoke_token(*, token_id: int, by: User, at: datetime) -> ApiToken:
    """Make a token useless, at once and for ever.

    :raises WrongState: when it is revoked already.
    """
    with transaction.atomic():
        token = ApiToken.objects.select_for_update(of=("self",)).get(pk=token_id)
        if token.revoked_at is not None:
            raise WrongState(_("This token is revoked already."))
        token.revoked_at, token.revoked_by = at, str(by)[:64]
        token.save(update_fields=["revoked_at", "revoked_by"])
    logger.info("API token %s revoked by %s", token.prefix, by.pk)
    return token
