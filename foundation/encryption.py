"""Encrypted columns: Fernet with rotation, and a blind index to find a value without reading it."""

from __future__ import annotations

import base64
import hashlib
import hmac
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

PREFIX = "fx1:"


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def cipher() -> MultiFernet:
    """The cipher over all configured keys: the first encrypts, every one decrypts."""
    return _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS))


def encrypt(text: str) -> str:
    """The text as a token that only this installation can read."""
    return PREFIX + cipher().encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """The text of a token.

    :raises InvalidToken: when no configured key fits.
    """
    if not token.startswith(PREFIX):
        raise InvalidToken
    return cipher().decrypt(token[len(PREFIX) :].encode()).decode()


def blind_index(value: str) -> str:
    """A keyed digest by which equal values can be found while the values stay encrypted (64 hex characters).

    The key is derived from the *last* configured key, the oldest, so that adding a new first key keeps old digests findable.
    """
    key = hashlib.sha256(b"aijia blind index" + base64.urlsafe_b64decode(settings.FIELD_ENCRYPTION_KEYS[-1])).digest()
    return hmac.new(key, value.strip().encode(), hashlib.sha256).hexdigest()


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """A text column whose content is encrypted in the database. It cannot be filtered by value: use a blind index beside it."""

    description = "Encrypted text"

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return encrypt(value) if value else value

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return decrypt(value) if value else value
