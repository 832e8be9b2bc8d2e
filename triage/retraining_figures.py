"""The figures of an old and a new model beside each other, for people and for the command line."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

#: Below so many held-back rows chance decides.
FEW = 40
NAMES = {
    "review_recall": _("held what had to be held"),
    "falsely_held": _("held without need"),
    "severe_sends": _("would have sent something grave"),
    "mode": _("outcome right"),
    "intent": _("intent right"),
    "business_class": _("business class right"),
    "service_context": _("stage of service right"),
    "wait": _("answered item right"),
}
_SMALLER_IS_BETTER = frozenset({"falsely_held", "severe_sends"})


def comparison(figures: dict[str, Any], part: str) -> list[tuple[str, float, float]]:
    """The figures of one part (``examples`` or ``project``): name, old, new. Grave sends are counted."""
    rows = []
    for name in NAMES:
        old, new = (figures.get(part, {}).get(which, {}).get(name) for which in ("old", "new"))
        if old is not None and new is not None:
            rows.append((name, _value(old), _value(new)))
    return rows


def _value(figure: Any) -> float:
    return float(len(figure)) if isinstance(figure, list) else float(figure)


def figure_rows(figures: dict[str, Any], part: str) -> list[tuple[str, str, str, str]]:
    """The same in words: name, old, new, and better, worse or same."""
    rows = []
    for name, old, new in comparison(figures, part):
        verdict = "same" if old == new else "better" if (new < old) == (name in _SMALLER_IS_BETTER) else "worse"
        shown = [f"{v:.0f}" if name == "severe_sends" else f"{v:.1%}" for v in (old, new)]
        rows.append((str(NAMES[name]), shown[0], shown[1], verdict))
    return rows
