"""Whether knowledge is any good: use, rejections, gaps, duplicates and contradictions."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from foundation.actors import Actor
from foundation.errors import WrongState
from knowledge import contradictions, index, privacy
from knowledge.contradictions import Said
from knowledge.models import (
    ANSWERING_KINDS,
    DailyUse,
    Gap,
    GapState,
    KnowledgeItem,
    KnowledgeKind,
    KnowledgeVersion,
    Outcome,
    Proposal,
    ProposalSource,
    QualityFlag,
)
from knowledge.operations import proposals
from knowledge.operations.life import ZONE
from knowledge.rendering import answer_text
from knowledge.search import find
from knowledge.text import about, content, content_of, normalise, subjects

#: Likeness of titles and of texts from which two items seem to be about the same thing.
ALIKE = 0.6
SAME = 0.82


def record_use(*, versions: Iterable[KnowledgeVersion], outcome: str, at: datetime) -> None:
    """Count what became of a text that cites these versions (`Outcome`)."""
    date = at.astimezone(ZONE).date()
    for version in versions:
        if DailyUse.objects.filter(version=version, date=date, outcome=outcome).update(count=F("count") + 1):
            continue
        try:
            with transaction.atomic():
                DailyUse.objects.create(version=version, date=date, outcome=outcome, count=1)
        except IntegrityError:
            DailyUse.objects.filter(version=version, date=date, outcome=outcome).update(count=F("count") + 1)


def record_verdict(
    *,
    draft_ref: str,
    versions: Iterable[KnowledgeVersion],
    outcome: str,
    proposed: str,
    final: str,
    reason: str,
    names: Iterable[str],
    actor: Actor,
    at: datetime,
    voice: str = "",
) -> list[Proposal]:
    """Learn from what a person decided about a text.

    A rejection proposes an update of what was cited, a better wording a safe example; both wait for an editor, masked.

    :param names: names of people that may stand in the texts. :param voice: in which brand voice the text speaks.
    """
    cited = list(versions)
    record_use(versions=cited, outcome=outcome, at=at)
    made = []
    if outcome == Outcome.REJECTED:
        for version in cited:
            made.append(
                proposals.propose(
                    source=ProposalSource.REJECTED_DRAFT, source_ref=draft_ref, kind=version.kind, item=version.item,
                    title=version.title, body=version.body, names=names, note=reason, actor=actor, at=at,
                )
            )  # fmt: skip
    elif outcome == Outcome.EDITED and final.strip() and _reworded(proposed, final):
        title = cited[0].title if cited else proposals.abstracted(proposed)[:60]
        made.append(
            proposals.propose(
                source=ProposalSource.EDITED_DRAFT, source_ref=draft_ref, kind=KnowledgeKind.TONE_EXAMPLE, title=title,
                body=proposals.abstracted(final), names=names, note=reason, voice=voice, actor=actor, at=at,
            )
        )  # fmt: skip
    return made


_FACTS = re.compile(
    r"\d+|[一二两三四五六七八九十半]+(?=[点个天月日号周年楼层])|周[一二三四五六日天]|上午|下午|晚上|早上|今天|明天|后天|[\W_]"
)


def _reworded(proposed: str, final: str) -> bool:
    """Whether a text was put in other words: another time, number or mark of punctuation alone teaches nobody how to say it."""
    return _FACTS.sub("", normalise(final)) != _FACTS.sub("", normalise(proposed))


def record_finding(
    *, code: str, about: str, words: str, text: str, names: Iterable[str], times: int, actor: Actor, at: datetime
) -> Proposal:
    """Propose to the editors what quality found in a text that was sent by hand. The same finding again raises the count of one proposal.

    :param code: what was wrong, as a code; `about` in a sentence. :param words: the words that were wrong. :param text: all that was said.
    :param times: how often it was found.
    """
    digest = hashlib.sha256(normalise(words).encode()).hexdigest()[:24]
    return proposals.propose(
        source=ProposalSource.QA_FINDING, source_ref=f"{code}:{digest}"[:64], kind=KnowledgeKind.QA_FINDING,
        title=about, body=proposals.abstracted(text), names=names, note=f"×{times}", actor=actor, at=at,
    )  # fmt: skip


# --- gaps ----------------------------------------------------------------------------------------------------------------------


_PERSONAL = re.compile(
    r"(?:我是|我叫|电话|手机|号码|地址|订单|单号|姓名|[:：号是])*【[^】]*】(?:女士|先生|小姐|[，,。])*"
)


def _about(question: str) -> str:
    return about(normalise(_PERSONAL.sub(" ", question)))


def fingerprint(question: str) -> str:
    """What a question is about, in order of the alphabet: equal for the same question in slightly other words."""
    plain = _about(question)
    words = {min(names) if names else word for word, names in subjects(plain).items()}
    return " ".join(sorted(words))[:191] or plain.strip()[:191]


def record_gap(*, question: str, at: datetime, names: Iterable[str] = ()) -> Gap:
    """Count a question that knowledge could not answer. Its wording is masked before it is stored.

    The same question, or one that is about nearly the same, counts up one row; a gap that was settled opens anew.

    :param names: names of people that may stand in it.
    """
    safe = re.sub(r"\s+", " ", privacy.mask_all(proposals.abstracted(question), names=names)).strip()[:255]
    print_ = fingerprint(safe)
    for _attempt in range(2):
        with transaction.atomic():
            row = _same_gap(safe, print_)
            if row is not None:
                row.count += 1
                row.last_at = max(row.last_at, at)
                if safe not in row.examples and safe != row.question:
                    row.examples = [*row.examples, safe][-5:]
                row.save(update_fields=["count", "last_at", "examples"])
                return row
            try:
                with transaction.atomic():
                    return Gap.objects.create(question=safe, fingerprint=print_, first_at=at, last_at=at)
            except IntegrityError:
                continue
    raise WrongState("the gap is being written elsewhere")


def _same_gap(question: str, print_: str) -> Gap | None:
    rows = Gap.objects.select_for_update(of=("self",)).filter(state=GapState.OPEN)
    exact = rows.filter(fingerprint=print_).first()
    if exact is not None:
        return exact
    mine = content_of(_about(question))
    best: tuple[float, int] | None = None
    recent = Gap.objects.filter(state=GapState.OPEN).order_by("-last_at").values_list("pk", "question")
    for pk, other in recent[:500]:
        theirs = content_of(_about(other))
        share = 2 * len(mine & theirs) / (len(mine) + len(theirs)) if mine and theirs else 0.0
        if share >= ALIKE and (best is None or share > best[0]):
            best = (share, pk)
    return rows.filter(pk=best[1]).first() if best else None


def propose_from_gap(*, gap: Gap, actor: Actor, at: datetime) -> Proposal:
    """Ask the editors for an item that answers a gap."""
    return proposals.propose(
        source=ProposalSource.GAP, source_ref=str(gap.public_id), kind=KnowledgeKind.CUSTOMER_WORDING, title=gap.question,
        body="", note=f"×{gap.count}", actor=actor, at=at,
    )  # fmt: skip


def settle_gap(*, gap_id: int, actor: Actor, at: datetime, item: KnowledgeItem | None = None) -> Gap:
    """Say that an item answers a gap now, or (without one) that none is needed.

    :raises WrongState: when it is settled already.
    """
    with transaction.atomic():
        row = Gap.objects.select_for_update(of=("self",)).get(pk=gap_id)
        if row.state != GapState.OPEN:
            raise WrongState("settled")
        row.state = GapState.ANSWERED if item is not None else GapState.DISMISSED
        row.item, row.handled_by, row.handled_at = item, actor.label[:64], at
        row.save()
        return row


# --- duplicates and contradictions ------------------------------------------------------------------------------------------------


def likeness(first: str, second: str) -> float:
    """How much two texts share of what they are about (0..1, Dice)."""
    one, other = content(first), content(second)
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def compare(first: KnowledgeVersion, second: KnowledgeVersion) -> tuple[str, float, str] | None:
    """Whether two versions say the same or contradict each other: kind of flag, likeness and where; None if neither."""
    if first.products and second.products and not set(first.products) & set(second.products):
        return None
    if first.channels and second.channels and not set(first.channels) & set(second.channels):
        return None
    titles = max(
        (likeness(str(one), str(other)) for one in _heads(first) for other in _heads(second)),
        default=0.0,
    )
    texts = answer_text(first), answer_text(second)
    bodies = likeness(*texts)
    one, other = Said.of(_heads(first), texts[0]), Said.of(_heads(second), texts[1])
    where = contradictions.difference(one, other)
    if where:
        if contradictions.about_the_same(one, other):
            return QualityFlag.Kind.CONTRADICTION, max(titles, bodies), where[:255]
        return None
    if (bodies >= SAME or (titles >= SAME and bodies >= ALIKE)) and contradictions.may_say_the_same(one, other):
        return QualityFlag.Kind.DUPLICATE, max(titles, bodies), ""
    return None


def _heads(version: KnowledgeVersion) -> list[str]:
    return [version.title, *map(str, version.questions)]


def similar_to(
    version: KnowledgeVersion, *, at: datetime, limit: int = 5
) -> list[tuple[KnowledgeVersion, str, float, str]]:
    """What is published and seems to say the same as a version, or the contrary: version, kind of flag, likeness, where."""
    kinds = ANSWERING_KINDS if version.kind in ANSWERING_KINDS else {version.kind}
    said = answer_text(version)[:200]
    near: dict[int, KnowledgeVersion] = {}
    # What is titled in other words is found by its text, and what is worded in other words by its title or another way to ask.
    for question in (f"{version.title}\n{said}", *_heads(version)[:4], said):
        near |= {hit.version.item_id: hit.version for hit in find(question, at=at, kinds=kinds, limit=12)}
    found = []
    for item_id, other in near.items():
        if item_id == version.item_id:
            continue
        seen = compare(version, other)
        if seen is not None:
            found.append((other, *seen))
    return sorted(found, key=lambda row: -row[2])[:limit]


def flag_version(*, version: KnowledgeVersion, at: datetime) -> int:
    """Flag what seems to say the same as a published version, or the contrary; flags that no longer hold go.

    What somebody dismissed stays so until the two differ elsewhere."""
    seen = {other.item_id: (kind, share, where) for other, kind, share, where in similar_to(version, at=at)}
    with transaction.atomic():
        for row in [*version.item.flags.all(), *version.item.flagged_by.all()]:
            other = row.second_id if row.first_id == version.item_id else row.first_id
            if other not in seen and row.dismissed_at is None:
                row.delete()
        for other, (kind, share, where) in seen.items():
            first, second = sorted((version.item_id, other))
            if first == other:
                # What the flag says stands in the order of its two sides, whichever of them was published last.
                where = " ≠ ".join(reversed(where.split(" ≠ ")))
            # What was found to be no contradiction may become one by other words.
            QualityFlag.objects.filter(first_id=first, second_id=second, dismissed_at__isnull=False).exclude(
                kind=kind, detail=where
            ).update(dismissed_at=None, dismissed_by="", at=at)
            QualityFlag.objects.update_or_create(
                first_id=first, second_id=second, defaults={"kind": kind, "likeness": share, "detail": where},
                create_defaults={"kind": kind, "likeness": share, "detail": where, "at": at},
            )  # fmt: skip
    return len(seen)


def sweep_quality(*, at: datetime, limit: int = 500) -> int:
    """Look for duplicates and contradictions of what is in force and has not been compared yet, however long ago it was published.

    A campaign waits for its first minute.

    :returns: how many versions were looked at.
    """
    rows = KnowledgeVersion.objects.in_force(at=at).filter(kind__in=ANSWERING_KINDS, compared_at__isnull=True)
    count = 0
    for version in rows.select_related("item__flow").order_by("published_at", "pk")[:limit]:
        flag_version(version=version, at=at)
        KnowledgeVersion.objects.filter(pk=version.pk).update(compared_at=at)
        count += 1
    return count


def compare_again(*, flow_id: int | None = None) -> int:
    """Let the next sweep compare anew what is published (about a flow whose configuration has changed, or everything).

    :returns: how many versions will be looked at.
    """
    rows = KnowledgeVersion.objects.published()
    if flow_id is not None:
        rows = rows.filter(item__flow_id=flow_id)
    return rows.update(compared_at=None)


def dismiss_flag(*, flag_id: int, actor: Actor, at: datetime) -> None:
    """Say that two items may both stand."""
    QualityFlag.objects.filter(pk=flag_id).update(dismissed_at=at, dismissed_by=actor.label[:64])


def sweep_index(*, at: datetime) -> int:
    """Make the index anew where the rules of its terms have changed (synonyms, spellings, a new release).

    :returns: how many items it holds then; 0 where nothing had to be done.
    """
    return index.rebuild(at=at) if index.needs_rebuild() else 0
