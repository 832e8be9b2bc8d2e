"""The page of what was found."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from aijia.search.finding import COUNTED, Found, find
from aijia.search.grams import plain
from aijia.search.models import Kind, SearchEntry
from conversations.models import Message
from people.models import staff_of

ALONE, BESIDE = 60, 8
#: The right that the screen of a kind asks for; cases and messages are seen by every colleague, as far as they see them.
RIGHTS = {
    Kind.CUSTOMER: "people.view_customer", Kind.PERSON: "people.view_person", "knowledge": "knowledge.view_knowledgeitem",
}  # fmt: skip


def marked(text: str, words: list[str], *, width: int = 90) -> SafeString:
    """A part of a text around the first word that was asked for, with every such word marked."""
    low = text.lower()
    places = [low.find(word) for word in words if low.find(word) >= 0]
    start = max(0, min(places) - width // 3) if places else 0
    part = text[start : start + width]
    spans: list[tuple[int, int]] = []
    for word in sorted(words, key=len, reverse=True):
        place = part.lower().find(word)
        while word and place >= 0:
            if not any(begin < place + len(word) and place < end for begin, end in spans):
                spans.append((place, place + len(word)))
            place = part.lower().find(word, place + 1)
    made, last = "…" if start else "", 0
    for begin, end in sorted(spans):
        made += f"{escape(part[last:begin])}<mark>{escape(part[begin:end])}</mark>"
        last = end
    made += escape(part[last:]) + ("…" if start + width < len(text) else "")
    return mark_safe(made)  # noqa: S308 (every part is escaped)


def find_view(request: HttpRequest) -> HttpResponse:
    """Everything that holds the words, by kind."""
    question, only = request.GET.get("q", "").strip()[:100], request.GET.get("kind", "")
    user: Any = request.user
    kinds = frozenset(kind for kind in (*Kind.values, "knowledge") if kind not in RIGHTS or user.has_perm(RIGHTS[kind]))
    if only in kinds:
        kinds = frozenset({only})
    staff = staff_of(user)
    found = find(
        question, staff=staff, everything=staff is None and user.is_superuser, kinds=kinds,
        limit=ALONE if only else BESIDE, phones=user.has_perm("people.view_customer"),
    )  # fmt: skip
    context = {
        **admin.site.each_context(request), "title": _("Search"), "question": question, "only": only, "found": found,
        "counts": {kind: f"{COUNTED}+" if count > COUNTED else count for kind, count in found.counts.items()}, **_rows(found),
    }  # fmt: skip
    return TemplateResponse(request, "search/found.html", context)


def _said(message: Message, words: list[str]) -> tuple[SafeString, bool]:
    """The words of a message around what was asked for; whether they stand in a picture of it, and not in what was written."""
    text = " ".join(message.text.split())
    if all(word in plain(text) for word in words):
        return marked(text, words), False
    entry = SearchEntry.objects.filter(kind=Kind.MESSAGE, ref=message.pk).first()
    return marked(entry.text if entry is not None else text, words), entry is not None


def _rows(found: Found) -> dict[str, Any]:
    words = found.words
    return {
        "cases": [(case, marked(f"{case.number} {case.title or case.flow.name}", words), [
            marked(str(label), words) for label in case.labels if any(word in str(label).lower() for word in words)
        ]) for case in found.cases],
        "customers": [(one, marked(one.name, words)) for one in found.customers],
        "people": [(one, marked(one.name, words)) for one in found.people],
        "said": [(one, *_said(one, words)) for one in found.messages],
        "knowledge": found.knowledge,
    }  # fmt: skip
