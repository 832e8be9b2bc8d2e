"""Errors that a person or an API caller may see. The message is a sentence, the code is stable."""

from __future__ import annotations

from typing import Any


class DomainError(Exception):
    """An operation was refused. `message` is translated for people, `code` is for programs."""

    default_code = "refused"

    def __init__(self, message: Any, *, code: str | None = None, **params: Any) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.params = params

    def __str__(self) -> str:
        return str(self.message)


class WrongState(DomainError):
    """The thing exists but is not in a state that allows this."""

    default_code = "wrong_state"


class NotAllowed(DomainError):
    """This person may not do this."""

    default_code = "not_allowed"


class Stale(DomainError):
    """What the person looked at has changed since."""

    default_code = "stale"


class Refused(DomainError):
    """A rule of the house forbids it, such as a leak in a text."""

    default_code = "refused"


class Failure(DomainError):
    """Something outside did not work. `permanent` says whether trying again can help."""

    default_code = "failure"
    permanent = False


class TransientFailure(Failure):
    """Trying again later can help."""

    permanent = False


class PermanentFailure(Failure):
    """Trying again cannot help."""

    permanent = True
