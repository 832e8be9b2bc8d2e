"""Taking over a file that an editor looked at: every row becomes a draft, none is published by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from foundation.actors import Actor
from foundation.errors import DomainError, Stale, WrongState
from knowledge import clock
from knowledge.exchange.columns import guess
from knowledge.exchange.plan import CHANGE, CREATE, Plan, Step, build_plan, draft_words
from knowledge.exchange.tables import Table, read_table, read_tables
from knowledge.models import ImportRun, ImportState, KnowledgeState
from knowledge.operations import life
from people.models import StaffMember

KEEP = timedelta(days=1)


def begin_import(
    *, file_name: str, data: bytes, kind: str, by: StaffMember | None, actor: Actor, at: datetime
) -> ImportRun:
    """Take in a file to look at what it would change. Nothing of it becomes knowledge yet. Every sheet of a workbook is looked at by itself.

    :returns: the run of its first sheet; `sheets_of` has the others.
    :raises Refused: when it cannot be read.
    """
    first: ImportRun | None = None
    with transaction.atomic():
        for table in read_tables(file_name, data):
            columns: dict[str, object] = {"fields": guess(table)}
            if table.sheet:
                columns |= {"sheet": table.sheet, "file": first.pk if first is not None else 0}
            run = ImportRun.objects.create(
                file_name=file_name[-191:], content=data, kind=kind, columns=columns, by=by, created_at=at
            )
            first = first or run
    assert first is not None
    return first


def sheets_of(run: ImportRun) -> list[ImportRun]:
    """The runs of all sheets of the file of a run, in order; empty where it has one only."""
    if not run.sheet:
        return []
    first = run.columns.get("file") or run.pk
    found = list(ImportRun.objects.filter(Q(pk=first) | Q(columns__file=first)).order_by("pk").defer("content"))
    return found if len(found) > 1 else []


def table_of(run: ImportRun) -> Table:
    """The table of a run as it stands in its file."""
    return read_table(run.file_name, bytes(run.content), sheet=run.sheet)


def plan_of(run: ImportRun) -> Plan:
    """What a file would change now.

    :raises WrongState: when it was taken over or discarded.
    """
    if run.state != ImportState.CHECKED:
        raise WrongState(_("This file was taken over or discarded already."))
    on = run.created_at.astimezone(clock.zone()).date()
    return build_plan(table_of(run), run.columns["fields"], kind=run.kind, on=on)


def map_columns(*, run_id: int, fields: Sequence[str], kind: str) -> ImportRun:
    """Say what the columns of a file hold, and of which kind rows are that name none."""
    with transaction.atomic():
        run = ImportRun.objects.select_for_update().get(pk=run_id)
        if run.state != ImportState.CHECKED:
            raise WrongState(_("This file was taken over or discarded already."))
        run.columns, run.kind = {**run.columns, "fields": list(fields)}, kind
        run.save(update_fields=["columns", "kind"])
        return run


def apply_import(*, run_id: int, seen: str, by: StaffMember | None, actor: Actor, at: datetime) -> Mapping[str, int]:
    """Take over a file: rows become drafts of new items, or new versions of known ones. Rows that are wrong are left out.

    Row by row, each whole or not at all, so that nothing else waits.

    :param seen: the fingerprint of the plan that somebody looked at.
    :returns: how many were created, changed, left as they are, and refused.
    :raises Stale: when something has changed since. :raises WrongState: when it was taken over already.
    """
    run = ImportRun.objects.get(pk=run_id)
    plan = plan_of(run)
    if plan.fingerprint() != seen:
        raise Stale(_("Something has changed since you looked. Please look again."))
    # Claimed by one: a second press of the button finds it taken.
    if not ImportRun.objects.filter(pk=run_id, state=ImportState.CHECKED).update(
        state=ImportState.APPLIED, applied_at=at
    ):
        raise WrongState(_("This file was taken over or discarded already."))
    counts, items, refused = plan.counts(), [], []
    for step in plan.steps:
        if step.do not in (CREATE, CHANGE):
            continue
        try:
            items.append(_carry_out(step, run, by=by, actor=actor, at=at))
        except DomainError as error:
            counts[step.do] -= 1
            counts["wrong"] += 1
            refused.append({"row": step.row, "why": str(error)})
    run.state, run.applied_at, run.content = ImportState.APPLIED, at, b""
    run.summary, run.items = {**counts, "refused": refused[:50]}, items
    run.save()
    return counts


def _carry_out(step: Step, run: ImportRun, *, by: StaffMember | None, actor: Actor, at: datetime) -> int:
    words = draft_words(step)
    note = words.pop("note", "") or run.file_name
    with transaction.atomic():
        if step.item is None or step.base is None:
            words.setdefault("title", step.title)
            about = {key: value for key, value in step.about.items() if value is not None}
            version = life.create_item(kind=step.kind, actor=actor, at=at, author=by, note=note, **words, **about)
        else:
            draft = step.base if step.base.state == KnowledgeState.DRAFT else None
            if draft is None:
                draft = life.new_version(item_id=step.item.pk, actor=actor, at=at, author=by, note=note)
            version = life.edit_draft(
                version_id=draft.pk, actor=actor, at=at, by=by, **{**words, **step.about, "note": note}
            )
        life.record_import(version, file_name=run.file_name, row=step.row, actor=actor, at=at)
    return version.item_id


def discard_import(*, run_id: int, actor: Actor, at: datetime) -> None:
    """Do nothing with a file, and forget its content."""
    ImportRun.objects.filter(pk=run_id, state=ImportState.CHECKED).update(state=ImportState.DISCARDED, content=b"")


def sweep_imports(*, at: datetime) -> int:
    """Forget files that nobody took over within a day."""
    rows = ImportRun.objects.filter(state=ImportState.CHECKED, created_at__lt=at - KEEP)
    return rows.update(state=ImportState.DISCARDED, content=b"")
