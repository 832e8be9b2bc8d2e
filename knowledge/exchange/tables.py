"""Reading a file of rows: XLSX, CSV or Markdown. Whatever is wrong with it is said in a sentence."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from pathlib import PurePath
from typing import Any

from django.utils.translation import gettext as _

from foundation.errors import Refused

MAX_BYTES = 10 * 1024 * 1024
MAX_UNPACKED = 100 * 1024 * 1024
MAX_ROWS = 2_000
MAX_COLUMNS = 60
MAX_SHEETS = 10
MAX_CELL = 30_000
#: What a spreadsheet would take for the beginning of a formula.
RISKY = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Table:
    """A table as it stands in a file.

    :ivar rows: number of the row in the file (as the program shows it, from 1) with its cells.
    :ivar notes: what the reader should know. :ivar sheet: its name, where the file holds several.
    """

    headers: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    notes: tuple[str, ...] = field(default=())
    sheet: str = ""


def _wrong(words: str, code: str) -> Refused:
    return Refused(words, code=code)


def read_table(file_name: str, data: bytes, *, sheet: str = "") -> Table:
    """The table of a file. :param sheet: of a workbook, the sheet of this name; else the first that holds a table.

    :raises Refused: when it is too big, no table, or of another format.
    """
    if not data:
        raise _wrong(_("The file is empty."), "empty")
    if len(data) > MAX_BYTES:
        raise _wrong(_("The file is bigger than %(size)d MB.") % {"size": MAX_BYTES // 1024 // 1024}, "too_big")
    ending = PurePath(file_name).suffix.lower()
    if ending in (".xlsx", ".xlsm") or data[:4] == b"PK\x03\x04":
        table = next((one for one in _xlsx(data) if not sheet or one.sheet == sheet), Table((), ()))
    elif ending == ".xls" or data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise _wrong(_("This is the old Excel format: save it as .xlsx or CSV and try again."), "old_excel")
    elif ending in (".md", ".markdown"):
        table = _markdown(_text(data))
    elif ending in (".csv", ".tsv", ".txt"):
        table = _csv(_text(data))
    else:
        raise _wrong(_("Only .xlsx, .csv and .md files can be read."), "unknown_format")
    if not table.rows:
        raise _wrong(_("There is no row below the headers."), "no_rows")
    return table


def read_tables(file_name: str, data: bytes) -> list[Table]:
    """The tables of a file: of a workbook one for each sheet that holds one, at most `MAX_SHEETS`.

    :raises Refused: as `read_table` does for the first.
    """
    first = read_table(file_name, data)
    return [one for one in _xlsx(data) if one.rows][:MAX_SHEETS] if first.sheet else [first]


def _text(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise _wrong(_("The file is not text in UTF-8, UTF-16 or GB18030."), "encoding")


# --- cells -----------------------------------------------------------------------------------------------------------------


def cell_text(value: Any, number_format: str = "") -> str:
    """A cell of a spreadsheet as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if value.time() == time(0) else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (int, float)):
        if number_format.rstrip('"').endswith("%"):
            return f"{value * 100:.10g}%"
        return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    return str(value).replace("\r\n", "\n").replace("\r", "\n")


def guarded(text: str) -> str:
    """A text as it is written to a CSV cell: what a spreadsheet would take for a formula begins with an apostrophe."""
    return f"'{text}" if text.startswith((*RISKY, "'")) else text


def unguarded(text: str) -> str:
    """The text of a CSV cell, without the apostrophe that `guarded` put before it."""
    return text[1:] if text.startswith("'") and text[1:].startswith((*RISKY, "'")) else text


# --- formats ---------------------------------------------------------------------------------------------------------------


def _shaped(lines: list[tuple[int, list[str]]], *, notes: tuple[str, ...] = ()) -> Table:
    """Find the header among the first lines: the first with at least two words, each short and none twice, that is about as wide as the
    table (a title, or who made the file and when, stands above it)."""
    lines = [(number, cells) for number, cells in lines if any(cell.strip() for cell in cells)]
    if not lines:
        raise _wrong(_("The file is empty."), "empty")
    fit = [index for index, (_number, cells) in enumerate(lines[:10]) if _is_header(cells)]
    widest = max(_filled(lines[index][1]) for index in fit) if fit else 0
    at = next((index for index in fit if _filled(lines[index][1]) * 5 >= widest * 3), 0)
    header = [re.sub(r"\s+", " ", cell).strip() for cell in lines[at][1]]
    while header and not header[-1]:
        header.pop()
    if len(header) > MAX_COLUMNS:
        raise _wrong(_("There are more than %(count)d columns.") % {"count": MAX_COLUMNS}, "too_wide")
    body = lines[at + 1 :]
    if len(body) > MAX_ROWS:
        raise _wrong(
            _("There are %(count)d rows; take over at most %(most)d at once: split the file.") % {"count": len(body), "most": MAX_ROWS},
            "too_long",
        )  # fmt: skip
    rows = []
    for number, cells in body:
        if any(len(cell) > MAX_CELL for cell in cells):
            raise _wrong(
                _("Row %(row)d holds a text of more than %(most)d characters.") % {"row": number, "most": MAX_CELL},
                "cell_too_long",
            )
        if _adds_up(cells):
            notes = (*notes, _("Row %(row)d adds up what stands above it: it is left out.") % {"row": number})
            continue
        width = [*cells, *[""] * (len(header) - len(cells))]
        rows.append((number, tuple(width[: len(header)])))
    if any(any(cell.strip() for cell in cells[len(header) :]) for _number, cells in body):
        notes = (*notes, _("Cells to the right of the last header are left out."))
    return Table(tuple(header), tuple(rows), notes)


#: How a row begins that adds up others: 合计, 小计（元）, 共 200 条, Total.
_SUM = re.compile(
    r"(?:本[页表])?(?:合\s*计|小\s*计|总\s*计|共\s*计|累\s*计|汇\s*总|总\s*数)(?:[（(][^）)]{0,6}[）)])?|共\s*\d+\s*[条行项个]|(?:grand |sub-?)?totals?|sum",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[-+¥$￥]?\s*[\d,.]+\s*[%条行项个元件]?|[-—–/]")


def _adds_up(cells: list[str]) -> bool:
    """Whether a row only adds up others: it says so, and beside it holds nothing but numbers."""
    words = [part for cell in cells if cell.strip() for part in re.split(r"[:：]\s*", cell.strip()) if part]
    return bool(words) and bool(_SUM.fullmatch(words[0])) and all(_NUMBER.fullmatch(one) for one in words[1:])


def _filled(cells: list[str]) -> int:
    return sum(bool(cell.strip()) for cell in cells)


def _is_header(cells: list[str]) -> bool:
    words = [cell.strip() for cell in cells if cell.strip()]
    return len(words) >= 2 and len(set(words)) == len(words) and all(len(word) <= 40 for word in words)


def _csv(text: str) -> Table:
    first = [line for line in text.split("\n") if line.strip()][:10]
    delimiter = max(
        ",\t;",
        key=lambda sign: (sum(sign in line for line in first), max((line.count(sign) for line in first), default=0)),
    )
    lines = []
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    try:
        csv.field_size_limit(MAX_CELL * 4)
        for cells in reader:
            lines.append((reader.line_num, [unguarded(cell) for cell in cells]))
            if len(lines) > MAX_ROWS + 20:
                break
    except csv.Error as error:
        raise _wrong(_("Line %(line)d is no CSV: a quotation mark is not closed, or stands in the wrong place.") % {"line": reader.line_num}, "malformed") from error  # fmt: skip
    return _shaped(lines)


def _xlsx(data: bytes) -> Iterator[Table]:
    """The tables of a workbook, sheet by sheet; empty and hidden sheets are passed over."""
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
                raise _wrong(
                    _("The file unpacks to more than %(size)d MB.") % {"size": MAX_UNPACKED // 1024 // 1024}, "too_big"
                )
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except Refused:
        raise
    except Exception as error:  # a damaged file fails in many ways, none of which is ours
        raise _wrong(_("The file is damaged or no Excel workbook."), "malformed") from error
    try:
        shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        several = len(shown) > 1
        for sheet in shown:
            lines = _with_merged(_sheet_lines(sheet), _merged(data, sheet))
            if any(_filled(cells) for _number, cells in lines):
                table = _shaped(lines)
                if table.rows or not several:
                    yield replace(table, sheet=sheet.title if several else "")
    finally:
        book.close()


def _sheet_lines(sheet: Any) -> list[tuple[int, list[str]]]:
    lines: list[tuple[int, list[str]]] = []
    try:
        for number, row in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS + 1), start=1):
            lines.append((number, [cell_text(cell.value, getattr(cell, "number_format", "") or "") for cell in row]))
            if len(lines) > 2 * MAX_ROWS + 20:
                break
    except Exception as error:
        raise _wrong(_("The file is damaged or no Excel workbook."), "malformed") from error
    return lines


_MERGE = re.compile(rb'<mergeCell ref="([A-Z]{1,3})(\d+):[A-Z]{1,3}(\d+)"')


def _merged(data: bytes, sheet: Any) -> list[tuple[int, int, int]]:
    """Cells that are merged downwards: column, first and last row, from 0 and from 1."""
    from openpyxl.utils import column_index_from_string

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        text = archive.read(str(sheet._worksheet_path).lstrip("/"))
    found = [
        (column_index_from_string(column.decode()) - 1, int(top), int(end)) for column, top, end in _MERGE.findall(text)
    ]
    return [one for one in found if one[2] > one[1]]


def _with_merged(lines: list[tuple[int, list[str]]], merged: list[tuple[int, int, int]]) -> list[tuple[int, list[str]]]:
    """What stands in a cell that is merged downwards holds for all of its rows that say anything."""
    rows = dict(lines)
    for column, top, end in merged:
        words = rows[top][column] if top in rows and column < len(rows[top]) else ""
        for number in range(top + 1, min(end, top + MAX_ROWS) + 1):
            cells = rows.get(number)
            if words and cells is not None and column < len(cells) and any(cell.strip() for cell in cells):
                cells[column] = words
    return lines


_HEADING = re.compile(r"^#{1,6}\s+(.*\S)\s*$")
_META = re.compile(r"^- ([^:：]{1,60})[:：] ?(.*)$")
_ENTRY = re.compile(r"^  - (.*)$")


def _markdown(text: str) -> Table:
    """Either a table with bars, or a heading for each item with its text below; `- name: value` lines under a heading are its fields."""
    lines = text.split("\n")
    bars = [(number, line) for number, line in enumerate(lines, start=1) if line.lstrip().startswith("|")]
    if len(bars) >= 3 and not any(_HEADING.match(line) and line.startswith("##") for line in lines):
        cells = [(number, _bar_cells(line)) for number, line in bars if not re.fullmatch(r"[\s|:-]+", line)]
        return _shaped(cells)
    headings = [number for number, line in enumerate(lines) if _HEADING.match(line)]
    levels = [len(line) - len(line.lstrip("#")) for line in lines if _HEADING.match(line)]
    if not headings:
        raise _wrong(_("There is neither a table nor a heading in it."), "no_rows")
    level = 2 if 2 in levels else max(set(levels), key=levels.count)
    names: list[str] = ["title", "body"]
    found: list[tuple[int, dict[str, str]]] = []
    current: dict[str, str] | None = None
    body: list[str] = []
    in_head, last = False, ""

    def finish() -> None:
        if current is not None:
            current["body"] = "\n".join(body).strip("\n")

    for number, line in enumerate(lines, start=1):
        heading = _HEADING.match(line)
        if heading and len(line) - len(line.lstrip("#")) == level:
            finish()
            current, body, in_head, last = {"title": unescaped(heading.group(1))}, [], True, ""
            found.append((number, current))
            continue
        if current is None:
            continue
        meta, entry = _META.match(line), _ENTRY.match(line)
        if in_head and meta and meta.group(1).strip():
            last = meta.group(1).strip()
            current[last] = unescaped(meta.group(2))
            if last not in names:
                names.append(last)
        elif in_head and entry and last:
            current[last] = "\n".join([one for one in (current[last], unescaped(entry.group(1))) if one])
        elif in_head and not line.strip():
            in_head = in_head and not (len(current) > 1 or body)
        else:
            in_head = False
            body.append(unescaped(line))
    finish()
    if len(found) > MAX_ROWS:
        raise _wrong(_("There are %(count)d rows; take over at most %(most)d at once: split the file.") % {"count": len(found), "most": MAX_ROWS}, "too_long")  # fmt: skip
    rows = tuple((number, tuple(one.get(name, "") for name in names)) for number, one in found)
    if any(len(cell) > MAX_CELL for _number, cells in rows for cell in cells):
        raise _wrong(_("An item holds a text of more than %(most)d characters.") % {"most": MAX_CELL}, "cell_too_long")
    return Table(tuple(names), rows)


def escaped(line: str) -> str:
    """A line of Markdown that is read as text again, whatever it begins with."""
    return f"\\{line}" if line.startswith(("#", "- ", "  - ", "\\")) else line


def unescaped(line: str) -> str:
    """The text of a line that `escaped` wrote."""
    return line[1:] if line.startswith("\\") and line[1:].startswith(("#", "- ", "  - ", "\\")) else line


def _bar_cells(line: str) -> list[str]:
    inner = line.strip().removeprefix("|").removesuffix("|")
    cells = re.split(r"(?<!\\)\|", inner)
    return [re.sub(r"<br\s*/?>", "\n", cell.replace("\\|", "|")).strip() for cell in cells]
