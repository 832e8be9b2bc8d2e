"""Dates are written in the language of the page, and files are chosen by words that the product says, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.once]
STATIC = Path(__file__).resolve().parents[2] / "aijia" / "static" / "aijia"
PAGE = """<!doctype html><html lang="{lang}"><body>
<input type="datetime-local" id="due" aria-label="{due}"><label>x<input type="date" id="day" value="2027-05-09"></label>
<label class="aj-choose-file" data-none="-"><input type="file" id="file"><span data-name>-</span></label></body></html>"""


@pytest.mark.parametrize(
    ("lang", "due", "day", "typed"),
    [
        ("zh-hans", "跟进时间", "2027年5月9日", "2026年11月29日 15:00"),
        ("en", "Follow up at", "9 May 2027", "29 Nov 2026 15:00"),
    ],
)
def test_a_date_reads_as_the_page_does(
    lang: str, due: str, day: str, typed: str, tmp_path: Path, browser: Browser
) -> None:
    chosen = tmp_path / "问答.csv"
    chosen.write_text("x")
    page = browser.new_page(locale="de-DE")
    page.set_content(PAGE.format(lang=lang, due=due))
    page.add_style_tag(path=str(STATIC / "admin.css"))
    page.add_script_tag(path=str(STATIC / "fields.js"))
    said = [page.locator(f"#{name} + span").inner_text() for name in ("due", "day")]
    assert said == [due, day]
    page.locator("#due").fill("2026-11-29T15:00")
    page.locator("#day").focus()
    assert page.locator("#due + span").inner_text() == typed
    assert page.locator("#due").input_value() == "2026-11-29T15:00"
    # While one types, the browser's own writing is seen, and nothing over it.
    assert not page.locator("#day + span").is_visible()
    page.locator("#file").set_input_files(str(chosen))
    assert page.locator("[data-name]").inner_text() == "问答.csv"
