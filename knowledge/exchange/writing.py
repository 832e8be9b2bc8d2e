"""Writing knowledge out: XLSX, CSV and Markdown that an import reads back without loss, and that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from knowledge.exchange.columns import FIELDS, INFORMATION, field_specs, header_of
from knowledge.exchange.plan import text_of, values_of
from knowledge.exchange.tables import escaped, guarded
from knowledge.index import chunks
from knowledge.models import KnowledgeItem, KnowledgeState, KnowledgeVersion

FORMATS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
}


def exported(items: Iterable[int]) -> list[dict[str, str]]:
    """What is written of these items, in the order of their primary keys: what is published, else what is on its way, else the newest."""
    found: list[dict[str, str]] = []
    for part in chunks(sorted(set(items)), 400):
        rows = KnowledgeItem.objects.filter(pk__in=part).select_related("flow", "owner").in_bulk()
        best: dict[int, KnowledgeVersion] = {}
        for version in KnowledgeVersion.objects.filter(item__in=part).order_by("number"):
            known = best.get(version.item_id)
            if known is None or _rank(version) >= _rank(known):
                best[version.item_id] = version
        for pk in sorted(best):
            values = values_of(rows[pk], best[pk])
            found.append({key: text_of(value) for key, value in values.items()})
    return found


def _rank(version: KnowledgeVersion) -> int:
    if version.state == KnowledgeState.PUBLISHED:
        return 2
    return 0 if version.state == KnowledgeState.RETIRED else 1


def columns_of(rows: list[dict[str, str]]) -> list[str]:
    """The columns that are needed: all that are common, and those of the kinds that have something."""
    used = {key for row in rows for key, value in row.items() if value}
    own = [f"field:{key}" for key in field_specs() if f"field:{key}" in used]
    return [*FIELDS, *own, *INFORMATION]


def write(rows: list[dict[str, str]], format: str) -> bytes:
    """A file of rows in one of `FORMATS`."""
    return {"xlsx": _xlsx, "csv": _csv, "md": _markdown}[format](rows)


def _csv(rows: list[dict[str, str]]) -> bytes:
    out = io.StringIO()
    columns = columns_of(rows)
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([header_of(key) for key in columns])
    for row in rows:
        writer.writerow([guarded(row.get(key, "")) for key in columns])
    return out.getvalue().encode("utf-8-sig")


def _xlsx(rows: list[dict[str, str]]) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    columns = columns_of(rows)
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet("knowledge")
        head = book.add_format({"bold": True, "bg_color": "#DCFCE7", "valign": "top"})
        body: Any = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
        for place, key in enumerate(columns):
            sheet.write_string(0, place, header_of(key), head)
            sheet.set_column(place, place, {"body": 60, "title": 30, "questions": 30, "id": 12}.get(key, 16), body)
        for line, row in enumerate(rows, start=1):
            for place, key in enumerate(columns):
                if row.get(key):
                    sheet.write_string(line, place, row[key], body)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
    return out.getvalue()


def _markdown(rows: list[dict[str, str]]) -> bytes:
    parts = []
    for row in rows:
        lines = [f"## {escaped(row['title'])}", ""]
        for key in columns_of(rows):
            value = row.get(key, "")
            if key in ("title", "body") or not value:
                continue
            if "\n" in value:
                lines.append(f"- {header_of(key)}:")
                lines += [f"  - {escaped(one)}" for one in value.split("\n")]
            else:
                lines.append(f"- {header_of(key)}: {escaped(value)}")
        lines += ["", *(escaped(line) for line in row.get("body", "").split("\n")), ""]
        parts.append("\n".join(lines))
    return "\n".join(parts).encode()
