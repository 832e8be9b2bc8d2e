"""Who calls: a token in the header, or the admin's session."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header

from aijia.api.models import ApiToken
from aijia.api.operations import digest_of
from foundation.actors import Actor
from people.models import StaffMember, staff_of

#: A use is noted at most this often: reading must not write each time.
NOTED_EVERY = timedelta(minutes=10)
WORDS = (b"bearer", b"token")


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <secret>` (`Token <secret>` is understood too)."""

    def authenticate_header(self, request: Any) -> str:
        """Without it a missing token would be answered with 403."""
        return "Bearer"

    def authenticate(self, request: Any) -> tuple[Any, ApiToken] | None:
        """The owner's user and the token; None when the header names none.

        :raises AuthenticationFailed: when the token is unknown, revoked, expired, or its owner may not act any more.
        """
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() not in WORDS:
            return None
        if len(parts) != 2:
            raise exceptions.AuthenticationFailed(_("The header does not hold one token."), code="token_malformed")
        secret, at = parts[1].decode("latin-1"), timezone.now()
        token = ApiToken.objects.select_related("owner__user").filter(digest=digest_of(secret)).first()
        if token is None:
            raise exceptions.AuthenticationFailed(_("This token is not known."), code="token_unknown")
        if token.revoked_at is not None:
            raise exceptions.AuthenticationFailed(_("This token was revoked."), code="token_revoked")
        if not token.is_usable(at=at):
            raise exceptions.AuthenticationFailed(_("This token has expired."), code="token_expired")
        user = token.owner.user
        if user is None or not user.is_active or token.owner.left_at is not None:
            raise exceptions.AuthenticationFailed(_("The owner of this token may not act any more."), code="owner_gone")
        _note_use(token, at)
        return user, token


def _note_use(token: ApiToken, at: datetime) -> None:
    """Note when a token was used, exact to ten minutes. A busy database is no reason to refuse the call."""
    before = at - NOTED_EVERY
    if token.last_used_at is not None and token.last_used_at >= before:
        return
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=before)
    try:
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=at)
    except OperationalError:
        return


def token_of(request: Any) -> ApiToken | None:
    """The token of a call, None for a session."""
    return request.auth if isinstance(request.auth, ApiToken) else None


def find_caller(request: Any) -> StaffMember | None:
    """The staff member who calls; asked once per call."""
    bare = request._request
    if not hasattr(bare, "_api_caller"):
        token = token_of(request)
        bare._api_caller = token.owner if token is not None else staff_of(request.user)
    found: StaffMember | None = bare._api_caller
    return found


def caller(request: Any) -> StaffMember:
    """The staff member who calls.

    :raises PermissionDenied: when it is nobody of ours.
    """
    staff = find_caller(request)
    if staff is None:
        raise exceptions.PermissionDenied(code="not_staff")
    return staff


def actor(request: Any) -> Actor:
    """The caller as evidence keeps them; a token is named beside its owner."""
    token, plain = token_of(request), Actor.of_user(request.user)
    return plain if token is None else Actor(plain.kind, plain.ref, f"{caller(request).name} (API: {token.name})")


def may(request: Any, scope: str) -> bool:
    """Whether this call may be used for something: a session for everything, a token for its scopes."""
    token = token_of(request)
    return token is None or scope in token.scopes
