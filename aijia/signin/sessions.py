"""When a session began, when somebody last clicked, and whether it is over."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from aijia.signin.rules import session_limits

BEGAN, CLICKED = "signin_began", "signin_clicked"
#: A click is noted at most this often: reading must not write each time.
NOTED_EVERY = timedelta(minutes=5)


def begin(sender: Any, request: Any, **_signal: Any) -> None:
    """Somebody signed in."""
    if request is not None and hasattr(request, "session"):
        now = timezone.now().timestamp()
        request.session[BEGAN], request.session[CLICKED] = now, now


def is_over(session: Any, *, at: datetime) -> bool:
    """Whether a session has lasted long enough, or nobody has clicked for too long. A session from before there were limits begins now."""
    idle, longest = session_limits()
    began, clicked = session.get(BEGAN), session.get(CLICKED)
    if began is None or clicked is None:
        session[BEGAN] = session[CLICKED] = at.timestamp()
        return False
    # What was noted may be older than the last click by as much as noting waits.
    patience = idle + min(NOTED_EVERY, idle / 2)
    now = at.timestamp()
    return bool(now - began >= longest.total_seconds() or now - clicked >= patience.total_seconds())


def note_click(session: Any, *, at: datetime) -> None:
    """Somebody clicked; written at most every five minutes."""
    if at.timestamp() - session.get(CLICKED, 0.0) >= NOTED_EVERY.total_seconds():
        session[CLICKED] = at.timestamp()
