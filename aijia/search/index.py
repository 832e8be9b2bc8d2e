"""Keeping the index: at once when something is saved, by a sweep for what was saved past it, anew by command."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet
from django.db.models.signals import post_delete, post_save

from aijia.search.grams import pieces, plain
from aijia.search.models import Kind, SearchEntry
from cases.models import ServiceCase
from conversations.models import Attachment, Message, PictureState, PictureText
from foundation.masking import masked_text
from people.models import Customer, Identity, Person

CHUNK = 200


def _of_case(case: ServiceCase) -> str:
    return "\n".join([case.number, case.title, *(str(label) for label in case.labels), case.customer.name])


def _of_person(person: Person) -> str:
    names = [one.display_name for one in person.identities.all()]
    return "\n".join(dict.fromkeys([person.name, *names]))


def _in_pictures(messages: Iterable[Any]) -> dict[int, list[str]]:
    """What stands in the pictures of some messages, without phones and the numbers of persons and cards."""
    found: dict[int, list[str]] = {}
    rows = PictureText.objects.filter(
        state=PictureState.READ, blob__attachments__message__in=[one.pk for one in messages]
    )
    for row in rows.annotate(message_id=F("blob__attachments__message")).order_by("pk"):
        found.setdefault(row.message_id, []).append(masked_text(row.text))  # type: ignore[attr-defined]
    return found


WORDS: dict[str, Callable[[Any], str]] = {
    Kind.CASE: _of_case,
    Kind.CUSTOMER: lambda customer: str(customer.name),
    Kind.PERSON: _of_person,
    Kind.MESSAGE: lambda message: str(message.text),
}


def rows_of(kind: str) -> QuerySet[Any]:
    """Everything of a kind that has words."""
    rows: dict[str, Any] = {
        Kind.CASE: ServiceCase.objects.select_related("customer"),
        Kind.CUSTOMER: Customer.objects.filter(placeholder=False),
        Kind.PERSON: Person.objects.prefetch_related("identities"),
        Kind.MESSAGE: Message.objects.filter(
            ~Q(text="")
            | Exists(Attachment.objects.filter(message=OuterRef("pk"), blob__reading__state=PictureState.READ))
        ),
    }
    found: QuerySet[Any] = rows[kind]
    return found


def put(kind: str, things: Iterable[Any], *, are_new: bool = False) -> int:
    """Make these found by the words that they have now. Returns how many.

    :param are_new: they were made this moment, and no picture of them can have been read.
    """
    entries, things = [], list(things)
    shown = _in_pictures(things) if kind == Kind.MESSAGE and not are_new else {}
    for thing in things:
        text = plain("\n".join([WORDS[kind](thing), *shown.get(thing.pk, ())]))
        entries.append(SearchEntry(kind=kind, ref=thing.pk, text=text, grams=pieces(text, kind=kind)))
    SearchEntry.objects.bulk_create(
        entries, update_conflicts=True, unique_fields=["kind", "ref"], update_fields=["text", "grams"]
    )
    return len(entries)


def sweep_search(*, limit: int = 20_000) -> int:
    """Take in what was saved past the signals (copied in bulk, restored). Returns how many; commits every two hundred."""
    done = 0
    for kind in Kind.values:
        while done < limit:
            known = SearchEntry.objects.filter(kind=kind, ref=OuterRef("pk"))
            missing = list(rows_of(kind).filter(~Exists(known)).order_by("pk")[:CHUNK])
            done += put(kind, missing)
            if len(missing) < CHUNK:
                break
    return done


def rebuild() -> int:
    """Make the whole index anew."""
    done = 0
    for kind in Kind.values:
        SearchEntry.objects.filter(kind=kind)._raw_delete(connection.alias)  # type: ignore[attr-defined]
        last = 0
        while chunk := list(rows_of(kind).filter(pk__gt=last).order_by("pk")[:1000]):
            done += put(kind, chunk)
            last = chunk[-1].pk
    return done


def _saved(kind: str) -> Callable[..., None]:
    def hear(sender: Any, instance: Any, created: bool = False, **signal: Any) -> None:
        if signal.get("raw") or (kind == Kind.MESSAGE and (not created or not instance.text)):
            return
        if kind == Kind.CUSTOMER:
            if instance.placeholder:
                return
            if not created:  # its cases are found by its name, too
                put(Kind.CASE, ServiceCase.objects.filter(customer=instance).select_related("customer"))
        put(kind, [instance], are_new=created)

    return hear


def _picture_saved(sender: Any, instance: PictureText, **signal: Any) -> None:
    if not signal.get("raw") and instance.state == PictureState.READ:
        told = Message.objects.filter(attachments__blob=instance.blob_id).distinct().order_by("-pk")
        put(Kind.MESSAGE, told[:CHUNK])


def _identity_saved(sender: Any, instance: Identity, **signal: Any) -> None:
    if not signal.get("raw"):
        put(Kind.PERSON, Person.objects.filter(pk=instance.person_id).prefetch_related("identities"))


def _gone(kind: str) -> Callable[..., None]:
    def hear(sender: Any, instance: Any, **_signal: Any) -> None:
        SearchEntry.objects.filter(kind=kind, ref=instance.pk).delete()

    return hear


def listen() -> None:
    """Hear of whatever is saved or deleted. The index is no part of any rule: nothing else depends on it."""
    models: dict[str, type[Model]] = {
        Kind.CASE: ServiceCase, Kind.CUSTOMER: Customer, Kind.PERSON: Person, Kind.MESSAGE: Message,
    }  # fmt: skip
    for kind, model in models.items():
        post_save.connect(_saved(kind), sender=model, weak=False, dispatch_uid=f"search-saved-{kind}")
        post_delete.connect(_gone(kind), sender=model, weak=False, dispatch_uid=f"search-gone-{kind}")
    post_save.connect(_picture_saved, sender=PictureText, weak=False, dispatch_uid="search-picture")
    post_save.connect(_identity_saved, sender=Identity, weak=False, dispatch_uid="search-identity")
