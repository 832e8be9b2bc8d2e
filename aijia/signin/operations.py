"""Writes about second steps: begin and confirm, recovery codes, take off, reset on record."""

from __future__ import annotations

import secrets
from base64 import b32encode
from datetime import datetime
from urllib.parse import quote, urlencode

from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from aijia.signin.models import Authenticator, RecoveryCodes, SignInEvent
from aijia.signin.rules import is_required
from foundation.errors import NotAllowed, Refused, WrongState
from people.models import User

ISSUER = "Aijia"
CODES = 10
#: No letters or digits that look like one another.
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def digest_of_code(user_id: int, code: str) -> str:
    """What is kept of a recovery code: some 50 random bits under a key of this installation."""
    plain = "".join(code.lower().split()).replace("-", "")
    return salted_hmac("aijia.signin.recovery", f"{user_id}:{plain}", algorithm="sha256").hexdigest()


def begin(*, user: User) -> Authenticator:
    """The authenticator that somebody is setting up: the one begun before, or a new one with a fresh secret.

    :raises WrongState: when one is set up already.
    """
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if Authenticator.objects.filter(user=user, confirmed=True).exists():
            raise WrongState(_("The second step is set up already."))
        begun = Authenticator.objects.filter(user=user, confirmed=False).first()
        return begun or Authenticator.objects.create(
            user=user, name=ISSUER, confirmed=False, secret=secrets.token_bytes(20).hex()
        )


def address_of(device: Authenticator) -> str:
    """What the picture says that the phone takes (otpauth://)."""
    words = {"secret": secret_of(device), "issuer": ISSUER, "algorithm": "SHA1", "digits": 6, "period": 30}
    return f"otpauth://totp/{quote(f'{ISSUER}:{device.user.get_username()}')}?{urlencode(words)}"


def secret_of(device: Authenticator) -> str:
    """The secret as people type it where they cannot take the picture."""
    return b32encode(bytes.fromhex(device.secret)).decode().rstrip("=")


def confirm(*, user: User, digits: str, at: datetime) -> tuple[Authenticator, list[str]]:
    """The phone shows the right digits: from now on they are asked for. Returns the recovery codes, which are shown once.

    :raises Refused: when the digits are not right.
    :raises WrongState: when nothing is being set up.
    """
    with transaction.atomic():
        device = Authenticator.objects.select_for_update().filter(user=user, confirmed=False).first()
        if device is None:
            raise WrongState(_("The second step is set up already."))
        if device.verify_token(digits):
            device.confirmed = True
            device.save(update_fields=["confirmed"])
            SignInEvent.objects.create(user=user, what=SignInEvent.What.SET_UP, by=user, at=at)
            return device, make_codes(user=user, at=at)
    raise Refused(
        _("These digits are not right. Check the time of the phone and try the next ones."), code="wrong_code"
    )


def make_codes(*, user: User, at: datetime) -> list[str]:
    """New recovery codes; the old ones end. They are returned once and kept as digests only."""
    codes = ["".join(secrets.choice(_ALPHABET) for _place in range(10)) for _code in range(CODES)]
    with transaction.atomic():
        RecoveryCodes.objects.update_or_create(
            user=user,
            defaults={
                "name": "recovery", "confirmed": True, "made_at": at,
                "digests": [digest_of_code(user.pk, code) for code in codes],
            },
        )  # fmt: skip
        SignInEvent.objects.create(user=user, what=SignInEvent.What.CODES_MADE, by=user, at=at)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def verify(*, user: User, code: str, at: datetime) -> Authenticator | RecoveryCodes:
    """The device that accepts a code: six digits of the phone, or a recovery code.

    :raises Refused: when none does, or when it must wait after wrong ones.
    """
    plain = code.strip().replace(" ", "")
    kind: type[Authenticator] | type[RecoveryCodes] = (
        Authenticator if plain.isdigit() and len(plain) == 6 else RecoveryCodes
    )
    with transaction.atomic():
        device = kind.objects.select_for_update().filter(user=user, confirmed=True).first()
        allowed = device is not None and device.verify_is_allowed()[0]
        if device is not None and device.verify_token(plain):
            if isinstance(device, RecoveryCodes):
                SignInEvent.objects.create(user=user, what=SignInEvent.What.CODE_USED, by=user, at=at)
            return device
    if device is not None and not allowed:
        raise Refused(_("Too many wrong codes. Please wait a moment before the next try."), code="wait")
    raise Refused(_("This code is not right."), code="wrong_code")


def take_off(*, user: User, at: datetime) -> None:
    """Somebody gives up their own second step.

    :raises NotAllowed: when their role needs it.
    """
    if is_required(user):
        raise NotAllowed(_("Your role has to sign in with a second step."))
    with transaction.atomic():
        _remove(user)
        SignInEvent.objects.create(user=user, what=SignInEvent.What.TAKEN_OFF, by=user, at=at)


def reset(*, user: User, by: User, reason: str, at: datetime) -> None:
    """An administrator takes off a second step whose phone is lost. On record, with the reason.

    :raises NotAllowed: for one's own, which would make the second step worth nothing.
    :raises Refused: without a reason.
    """
    if user.pk == by.pk:
        raise NotAllowed(_("Nobody resets their own second step."))
    if not reason.strip():
        raise Refused(_("Please say why."), code="no_reason")
    with transaction.atomic():
        _remove(user)
        SignInEvent.objects.create(user=user, what=SignInEvent.What.RESET, by=by, at=at, reason=reason.strip()[:255])


def unlock(*, user: User, by: User, reason: str, at: datetime) -> int:
    """An administrator lets somebody sign in again who typed a wrong password too often. Returns how many locks were opened.

    :raises Refused: without a reason.
    """
    from axes.utils import reset as forget_tries

    if not reason.strip():
        raise Refused(_("Please say why."), code="no_reason")
    with transaction.atomic():
        SignInEvent.objects.create(user=user, what=SignInEvent.What.UNLOCKED, by=by, at=at, reason=reason.strip()[:255])
        return int(forget_tries(username=user.get_username()))


def _remove(user: User) -> None:
    Authenticator.objects.filter(user=user).delete()
    RecoveryCodes.objects.filter(user=user).delete()
