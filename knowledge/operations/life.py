"""The life of an item: write, desensitise, review, publish or plan, retire. Every step that changes what may be said leaves evidence."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef
from django.utils.translation import gettext as _

from cases.models import ServiceFlow
from evidence.operations import Subject, record
from foundation.actors import Actor
from foundation.errors import DomainError, NotAllowed, Refused, WrongState
from knowledge import index, policies, privacy
from knowledge.kinds import spec_of
from knowledge.models import (
    Audience,
    KnowledgeItem,
    KnowledgeKind,
    KnowledgePolicy,
    KnowledgeState,
    KnowledgeVersion,
    QualityFlag,
    ReviewReminder,
)
from knowledge.models.item import WORDS
from people.models import StaffMember

ZONE = ZoneInfo("Asia/Shanghai")
SCHEDULER = Actor.machine("knowledge")
#: What `edit_draft` may change beside the words.
_DRAFT_FIELDS = frozenset({*WORDS, "note", "sample"})
_ITEM_FIELDS = frozenset({"code", "flow", "owner", "review_by"})


def subject_of(item: KnowledgeItem) -> Subject:
    """The chain on which an item leaves its traces."""
    return Subject("knowledge", str(item.public_id))


def _record(version: KnowledgeVersion, action: str, *, actor: Actor, at: datetime, **body: Any) -> None:
    record(
        subject=subject_of(version.item), kind="knowledge_update", actor=actor, at=at,
        refs={"knowledge_item": str(version.item.public_id), "knowledge_version": str(version.public_id)},
        body={"action": action, "title": version.title, "version": version.number, "kind": version.kind, **body},
    )  # fmt: skip


def record_import(version: KnowledgeVersion, *, file_name: str, row: int, actor: Actor, at: datetime) -> None:
    """Put on record that a draft came from a row of a file. Call it inside the transaction that writes the draft."""
    _record(version, "import", actor=actor, at=at, note=f"{file_name} #{row}")


def _locked(version_id: int) -> KnowledgeVersion:
    return (
        KnowledgeVersion.objects.select_for_update(of=("self",))
        .select_related("item__flow", "author")
        .get(pk=version_id)
    )


def _require(version: KnowledgeVersion, *states: str) -> None:
    if version.state not in states:
        raise WrongState(
            _("“%(title)s” is %(state)s; this cannot be done now.")
            % {"title": version.title, "state": version.get_state_display()}
        )


# --- writing -----------------------------------------------------------------------------------------------------------------


def create_item(
    *,
    kind: str,
    title: str,
    body: str = "",
    actor: Actor,
    at: datetime,
    author: StaffMember | None = None,
    owner: StaffMember | None = None,
    flow: ServiceFlow | None = None,
    code: str = "",
    review_by: date | None = None,
    note: str = "",
    **words: Any,
) -> KnowledgeVersion:
    """Begin an item with its first draft. What is missing may be filled in later, dates of a campaign excepted.

    :param words: `questions`, `fields`, `products`, `channels`, `audience`, `valid_from`, `valid_until`, `sample`.
    :raises Refused: when a campaign has no dates or another kind has some, or the own number is taken.
    """
    spec_of(kind)
    _check_dates(kind, words.get("valid_from"), words.get("valid_until"))
    with transaction.atomic():
        if code and KnowledgeItem.objects.filter(code=code).exists():
            raise Refused(_("Another item has the number %(code)s.") % {"code": code}, code="code_taken")
        item = KnowledgeItem.objects.create(
            code=code, kind=kind, title=title[:191], flow=flow, owner=owner or author, review_by=review_by
        )
        return KnowledgeVersion.objects.create(
            item=item, number=1, kind=kind, title=title[:191], body=body, author=author, changed_at=at, note=note[:255],
            **words,
        )  # fmt: skip


def _check_dates(kind: str, since: datetime | None, until: datetime | None) -> None:
    if kind == KnowledgeKind.CAMPAIGN:
        if since is None or until is None:
            raise Refused(_("A campaign needs its first and last moment."), code="dates_missing")
        if until <= since:
            raise Refused(_("A campaign has to end after it begins."), code="dates_wrong")
    elif since is not None or until is not None:
        raise Refused(
            _("Only a campaign has dates: make this a campaign, or leave them out."), code="dates_not_allowed"
        )


def edit_draft(
    *, version_id: int, actor: Actor, at: datetime, by: StaffMember | None = None, **changes: Any
) -> KnowledgeVersion:
    """Change a draft.

    Whoever changes its words is noted among its writers: nobody reviews what they wrote.

    :param changes: any of the words, `note`, `sample`; of the item `code`, `flow`, `owner`, `review_by`.
    :raises WrongState: when it is no draft any more. :raises Refused: when dates and kind do not fit.
    """
    unknown = set(changes) - _DRAFT_FIELDS - _ITEM_FIELDS
    if unknown:
        raise TypeError(f"no field of a draft: {sorted(unknown)}")
    with transaction.atomic():
        version = _locked(version_id)
        _require(version, KnowledgeState.DRAFT)
        _check_dates(
            version.kind, changes.get("valid_from", version.valid_from), changes.get("valid_until", version.valid_until)
        )
        before = {name: getattr(version, name) for name in WORDS}
        for name in _DRAFT_FIELDS & set(changes):
            setattr(version, name, changes[name])
        version.title, version.changed_at = version.title[:191], at
        if by is not None and before != {name: getattr(version, name) for name in WORDS}:
            version.writers = sorted({*version.writers, by.pk})
        version.save()
        _edit_item(version, {name: changes[name] for name in _ITEM_FIELDS & set(changes)})
        return version


def _edit_item(version: KnowledgeVersion, changes: Mapping[str, Any]) -> None:
    item = version.item
    # What the list shows follows the newest words only while nothing else is published.
    if not item.versions.published().exists() and item.title != version.title:
        item.title = version.title
    for name, value in changes.items():
        if name == "code" and value and KnowledgeItem.objects.filter(code=value).exclude(pk=item.pk).exists():
            raise Refused(_("Another item has the number %(code)s.") % {"code": value}, code="code_taken")
        setattr(item, name, value)
    item.save()


def new_version(
    *, item_id: int, actor: Actor, at: datetime, author: StaffMember | None, note: str = "", **changes: Any
) -> KnowledgeVersion:
    """Begin a new version of an item as a draft, from its published version or, without one, its newest.

    :raises WrongState: when another version is on its way already.
    """
    with transaction.atomic():
        item = KnowledgeItem.objects.select_for_update(of=("self",)).get(pk=item_id)
        if item.versions.unfinished().exists():
            raise WrongState(_("Another version of “%(title)s” is being worked on.") % {"title": item.title})
        old = item.versions.published().first() or item.versions.order_by("-number").first()
        number = (item.versions.aggregate(Max("number"))["number__max"] or 0) + 1
        words: dict[str, Any] = {name: getattr(old, name) for name in WORDS} if old else {"title": item.title}
        if old is not None:
            words["sample"] = old.sample.name
        words.update({name: value for name, value in changes.items() if name in _DRAFT_FIELDS})
        _check_dates(item.kind, words.get("valid_from"), words.get("valid_until"))
        try:
            return KnowledgeVersion.objects.create(
                item=item, number=number, kind=item.kind, author=author, changed_at=at, note=note[:255],
                kept=list(old.kept) if old else [], **words,
            )  # fmt: skip
        except IntegrityError as error:
            raise WrongState(_("Another version of “%(title)s” is being worked on.") % {"title": item.title}) from error


# --- personal data -------------------------------------------------------------------------------------------------------------


def _texts(version: KnowledgeVersion) -> dict[str, str]:
    found = {"title": version.title, "body": version.body}
    found.update({f"questions.{at}": str(one) for at, one in enumerate(version.questions)})
    for key, value in version.fields.items():
        if isinstance(value, list):
            found.update({f"fields.{key}.{at}": str(one) for at, one in enumerate(value)})
        else:
            found[f"fields.{key}"] = str(value)
    return found


def findings_of(version: KnowledgeVersion) -> list[privacy.Finding]:
    """What in a version looks like personal data and has not been kept on purpose."""
    kept = set(version.kept)
    found = [one for field, text in _texts(version).items() for one in privacy.detect(text, field=field)]
    return [one for one in found if one.key not in kept]


def settle_findings(*, version_id: int, decisions: Mapping[str, str], actor: Actor, at: datetime) -> KnowledgeVersion:
    """Carry out what an editor decided about findings: mask them in the draft, or keep them (a hotline, a shop's address).

    :param decisions: ``mask`` or ``keep`` by key of a finding.
    """
    with transaction.atomic():
        version = _locked(version_id)
        _require(version, KnowledgeState.DRAFT)
        found = findings_of(version)

        def clean(field: str, text: Any) -> str:
            return privacy.apply(str(text), [one for one in found if one.field == field], decisions)

        version.title, version.body = clean("title", version.title), clean("body", version.body)
        version.questions = [clean(f"questions.{at}", one) for at, one in enumerate(version.questions)]
        version.fields = {
            key: [clean(f"fields.{key}.{at}", one) for at, one in enumerate(value)]
            if isinstance(value, list)
            else clean(f"fields.{key}", value)
            for key, value in version.fields.items()
        }
        kept = [one.key for one in found if decisions.get(one.key) == "keep"]
        version.kept = sorted({*version.kept, *kept})
        version.changed_at = at
        version.save()
        if decisions:
            _record(
                version, "settle_personal_data", actor=actor, at=at,
                masked=sorted(one.kind for one in found if decisions.get(one.key) == "mask"),
                kept=sorted(one.kind for one in found if decisions.get(one.key) == "keep"),
            )  # fmt: skip
        _edit_item(version, {})
        return version


def keep_in_all(*, version_ids: Iterable[int], keys: Collection[str], actor: Actor, at: datetime) -> int:
    """Keep the same words in other drafts too, such as a hotline that stands in many: what an editor has looked at once is the same everywhere.

    :returns: in how many drafts they stood. A version that is no draft any more is passed over.
    """
    count = 0
    for version in KnowledgeVersion.objects.filter(pk__in=version_ids, state=KnowledgeState.DRAFT).order_by("pk"):
        mine = {one.key: "keep" for one in findings_of(version) if one.key in keys}
        if mine:
            settle_findings(version_id=version.pk, decisions=mine, actor=actor, at=at)
            count += 1
    return count


def desensitize(*, version_id: int, by: StaffMember | None, actor: Actor, at: datetime) -> KnowledgeVersion:
    """Say that a draft holds no personal data; from now on its words never change.

    :raises Refused: while there are findings that nobody has masked or kept, or something is missing that its kind needs.
    """
    with transaction.atomic():
        version = _locked(version_id)
        _require(version, KnowledgeState.DRAFT)
        policies.check_is_complete(version)
        found = findings_of(version)
        if found:
            kinds = ", ".join(sorted({one.words for one in found}))
            raise Refused(
                _("It may hold personal data: %(kinds)s. Mask or keep each first.") % {"kinds": kinds},
                code="personal_data",
            )
        version.desensitize(by=by, at=at)
        version.save()
        _record(version, "desensitize", actor=actor, at=at)
        return version


# --- review and publication -------------------------------------------------------------------------------------------------------


def review(*, version_id: int, by: StaffMember, actor: Actor, at: datetime) -> KnowledgeVersion:
    """Find a version right.

    :raises NotAllowed: when `by` is its author and may not review it (see `policies.check_can_review`).
    """
    with transaction.atomic():
        version = _locked(version_id)
        _require(version, KnowledgeState.DESENSITIZED)
        own = policies.check_can_review(version, by=by, at=at)
        version.approve(by=by, at=at, by_author=own)
        version.save()
        _record(version, "review", actor=actor, at=at, reviewer=by.name, self_review=own)
        return version


def send_back(*, version_id: int, by: StaffMember | None, reason: str, actor: Actor, at: datetime) -> KnowledgeVersion:
    """Give a version back to its author: it is retired, and a new draft with the same words follows.

    :returns: the new draft.
    :raises Refused: without a reason.
    """
    if not reason.strip():
        raise Refused(_("Say what has to be changed."), code="reason_missing")
    with transaction.atomic():
        version = _locked(version_id)
        _require(version, KnowledgeState.DESENSITIZED, KnowledgeState.REVIEWED)
        version.withdraw(at=at, reason="sent_back", note=reason)
        version.save()
        _record(version, "send_back", actor=actor, at=at, reason=reason)
        words = {name: getattr(version, name) for name in WORDS}
        draft = new_version(
            item_id=version.item_id, actor=actor, at=at, author=version.author, note=reason, sample=version.sample.name,
            **words,
        )  # fmt: skip
        draft.writers = version.writers
        draft.save(update_fields=["writers"])
        return draft


def withdraw(*, version_id: int, actor: Actor, at: datetime, reason: str = "") -> KnowledgeVersion:
    """Give up a version that is not published yet."""
    with transaction.atomic():
        version = _locked(version_id)
        _require(version, KnowledgeState.DRAFT, KnowledgeState.DESENSITIZED, KnowledgeState.REVIEWED)
        version.withdraw(at=at, reason="given_up", note=reason)
        version.save()
        _record(version, "withdraw", actor=actor, at=at, reason=reason)
        return version


def publish(*, version_id: int, actor: Actor, at: datetime) -> KnowledgeVersion:
    """Let a reviewed version be said from now on. The item's version before it is retired, and the search knows at once.

    A campaign that is published before its first moment is found from that moment on.

    :raises WrongState: when it is not reviewed. :raises Refused: when a campaign is over.
    """
    with transaction.atomic():
        version = _locked(version_id)
        _require(version, KnowledgeState.REVIEWED)
        policies.check_can_publish(version, at=at)
        _publish(version, actor=actor, at=at)
        return version


def _publish(version: KnowledgeVersion, *, actor: Actor, at: datetime) -> None:
    item = version.item
    before = (
        KnowledgeVersion.objects.select_for_update(of=("self",))
        .filter(item=item, state=KnowledgeState.PUBLISHED)
        .first()
    )
    if before is not None:
        before.item = item
        before.retire(at=at, reason="newer_version")
        before.save()
    version.publish(at=at)
    version.save()
    item.title, item.replaced_by = version.title, None
    if item.review_by is None or item.review_by <= at.astimezone(ZONE).date():
        item.review_by = at.astimezone(ZONE).date() + timedelta(days=KnowledgePolicy.current().review_after_days)
    item.save()
    index.put(version)
    _record(
        version, "publish", actor=actor, at=at, text=version.body, replaces=before.number if before else None,
        author=version.author.name if version.author else "", reviewer=version.reviewer.name if version.reviewer else "",
        self_review=version.self_reviewed,
    )  # fmt: skip


def schedule(*, version_id: int, publish_at: datetime | None, actor: Actor, at: datetime) -> KnowledgeVersion:
    """Plan the publication of a reviewed version, or (None) plan it no more.

    :raises Refused: when the instant is past, or after a campaign's end.
    """
    with transaction.atomic():
        version = _locked(version_id)
        _require(version, KnowledgeState.REVIEWED)
        if publish_at is not None:
            if publish_at <= at:
                raise Refused(_("That moment is past: publish it now instead."), code="past")
            policies.check_can_publish(version, at=publish_at)
        version.publish_at = publish_at
        version.save(update_fields=["publish_at"])
        _record(version, "schedule", actor=actor, at=at, publish_at=publish_at.isoformat() if publish_at else None)
        return version


def sweep_schedule(*, at: datetime, limit: int = 100) -> int:
    """Publish what was planned for now. One that may not be published any more is left with its plan taken away, and evidence of why."""
    count = 0
    for pk in KnowledgeVersion.objects.to_publish(at=at).order_by("publish_at").values_list("pk", flat=True)[:limit]:
        with transaction.atomic():
            version = _locked(pk)
            if version.state != KnowledgeState.REVIEWED or version.publish_at is None or version.publish_at > at:
                continue
            try:
                policies.check_can_publish(version, at=at)
            except DomainError as error:
                version.publish_at = None
                version.save(update_fields=["publish_at"])
                _record(version, "schedule_failed", actor=SCHEDULER, at=at, reason=str(error))
                continue
            _publish(version, actor=SCHEDULER, at=at)
            count += 1
    return count


def retire(
    *,
    item_id: int,
    actor: Actor,
    at: datetime,
    reason: str,
    note: str = "",
    replacement: KnowledgeItem | None = None,
) -> KnowledgeVersion:
    """Let an item be said no more, with a reason and, where there is one, what takes its place.

    :param reason: a code, such as ``outdated``, ``wrong``, ``ended``, ``duplicate``.
    :raises WrongState: when nothing of it is published. :raises Refused: when it would replace itself, or the replacement is not published.
    """
    with transaction.atomic():
        item = KnowledgeItem.objects.select_for_update(of=("self",)).get(pk=item_id)
        version = KnowledgeVersion.objects.select_for_update(of=("self",)).filter(
            item=item, state=KnowledgeState.PUBLISHED
        ).first()  # fmt: skip
        if version is None:
            raise WrongState(_("Nothing of “%(title)s” is published.") % {"title": item.title})
        if replacement is not None:
            if replacement.pk == item.pk:
                raise Refused(_("An item cannot replace itself."), code="same_item")
            if not replacement.versions.published().exists():
                raise Refused(_("The replacement is not published."), code="replacement_unpublished")
        version.item = item
        version.retire(at=at, reason=reason, note=note)
        version.save()
        item.replaced_by, item.review_by = replacement, None
        item.save()
        index.take_out(item.pk)
        QualityFlag.objects.filter(first=item).delete()
        QualityFlag.objects.filter(second=item).delete()
        _record(
            version, "retire", actor=actor, at=at, reason=reason, note=note,
            replacement=str(replacement.public_id) if replacement else None,
        )  # fmt: skip
        return version


def move_review_date(*, item_id: int, review_by: date, actor: Actor, at: datetime) -> KnowledgeItem:
    """Say that an item was looked at and is right, and when to look again.

    :raises NotAllowed: when the date is not in the future.
    """
    with transaction.atomic():
        item = KnowledgeItem.objects.select_for_update(of=("self",)).get(pk=item_id)
        if review_by <= at.astimezone(ZONE).date():
            raise NotAllowed(_("The next look has to be on a later day."), code="past")
        item.review_by = review_by
        item.save()
        item.reminders.filter(seen_at__isnull=True).update(seen_at=at)
        version = item.versions.published().first()
        if version is not None:
            version.item = item
            _record(version, "confirm", actor=actor, at=at, review_by=review_by.isoformat())
        return item


def sweep_review_dates(*, at: datetime, limit: int = 200) -> int:
    """Remind owners of items that have to be read again soon, once a date."""
    policy = KnowledgePolicy.current()
    today = at.astimezone(ZONE).date()
    rows = (
        KnowledgeItem.objects.review_due(on=today + timedelta(days=policy.remind_days_before))
        .filter(owner__isnull=False, owner__left_at__isnull=True)
        .exclude(Exists(ReviewReminder.objects.filter(item=OuterRef("pk"), review_by=OuterRef("review_by"))))
    )
    made = 0
    for item in rows.select_related("owner").distinct()[:limit]:
        assert item.owner is not None and item.review_by is not None
        _row, created = ReviewReminder.objects.get_or_create(
            item=item, review_by=item.review_by, defaults={"recipient": item.owner, "at": at}
        )
        made += created
    return made


# --- for installations, stories and measurements ---------------------------------------------------------------------------------------


def seed(
    *,
    kind: str,
    title: str,
    body: str,
    state: str = KnowledgeState.PUBLISHED,
    at: datetime,
    author: StaffMember | None = None,
    reviewer: StaffMember | None = None,
    flow: ServiceFlow | None = None,
    **words: Any,
) -> KnowledgeVersion:
    """Put an item where it stands in somebody's account (a demo company, a story, a benchmark), without walking its life.

    Not for people: what people write walks through review.
    """
    with transaction.atomic():
        item = KnowledgeItem.objects.create(kind=kind, title=title[:191], owner=author, flow=flow)
        version = KnowledgeVersion.objects.create(
            item=item, number=1, kind=kind, state=state, title=title[:191], body=body, author=author, changed_at=at,
            reviewer=reviewer, published_at=at if state in (KnowledgeState.PUBLISHED, KnowledgeState.RETIRED) else None,
            retired_at=at if state == KnowledgeState.RETIRED else None, **{"audience": Audience.CUSTOMER, **words},
        )  # fmt: skip
        if state == KnowledgeState.PUBLISHED:
            index.put(version)
        return version


def words_of(version: KnowledgeVersion, names: Sequence[str] = WORDS) -> dict[str, Any]:
    """What a version says, by field."""
    return {name: getattr(version, name) for name in names}
