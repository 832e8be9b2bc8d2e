"""What the desk's own scripts do with a page, in a real browser, without a server: folding what is long, and which presses count as a verdict."""

from __future__ import annotations

from pathlib import Path

import pytest
import unfold
from playwright.sync_api import Browser, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.once]
STATIC = Path(__file__).resolve().parents[2] / "aijia" / "static" / "aijia"
LONG = "<p>" + "压缩机的启动电容坏了，配件要从厂里调。" * 60 + "</p>"
FOLDED = """<!doctype html><html><body><div data-live-url="/" data-more="还有 {n} 条" data-whole="看全部" data-less="收起"></div>
<ul id="many" data-fold="3">%s</ul><ul id="few" data-fold="3">%s</ul><div id="part"><ol><li id="m1"><span data-clip="2">%s</span></li></ol></div>
<div id="short" data-clip="2">好的</div></body></html>"""
DRAFT = """<!doctype html><html><body><form id="decide"><div class="aj-behind"></div><textarea>好的</textarea>
<button value="approve" type="button">发</button><button value="take_over" type="button">接手</button></form>
<script>window.pressed = []; document.querySelectorAll("button").forEach(b => b.addEventListener("click", () => pressed.push(b.value)));
window.press = (key, more) => document.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, ...more}));</script></body></html>"""


@pytest.fixture
def page(browser: Browser) -> Page:
    """A page of one's own; `pages_are_closed` closes it."""
    return browser.new_context(viewport={"width": 600, "height": 900}).new_page()


def test_what_is_long_is_folded_until_somebody_opens_it(page: Page) -> None:
    rows = "".join(f"<li>第{number}条</li>" for number in range(10))
    page.set_content(FOLDED % (rows, "<li>一</li>" * 4, LONG))
    page.add_style_tag(path=str(STATIC / "work.css"))
    page.add_script_tag(path=str(STATIC / "long.js"))
    assert page.locator("#many li:visible").count() == 3
    assert page.locator("#few li:visible").count() == 4, "one row more is no reason for a button"
    page.get_by_role("button", name="还有 7 条").click()
    assert page.locator("#many li:visible").count() == 10
    assert page.locator("#short + button").count() == 0
    line, more = page.locator("#m1"), page.locator("#m1 button")
    low = line.evaluate("one => one.offsetHeight")
    assert more.inner_text() == "看全部"
    more.click()
    assert more.inner_text() == "收起" and line.evaluate("one => one.offsetHeight") > 3 * low
    # Something new comes, and this part of the page is made anew: what was opened stays so.
    page.evaluate(
        "words => { document.querySelector('#part').innerHTML = `<ol><li id='m1'><span data-clip='2'>${words}</span></li></ol>`;"
        " document.dispatchEvent(new CustomEvent('aijia:fresh')); }", LONG,
    )  # fmt: skip
    expect(page.locator("#m1 button")).to_have_text("收起")
    assert page.locator("#many li:visible").count() == 10
    page.locator("#m1 button").click()
    assert line.evaluate("one => one.offsetHeight") == low


def test_a_verdict_is_a_press_of_its_own(page: Page) -> None:
    page.set_content(DRAFT)
    # Within one turn of the script, however slow the machine: the second half of a double press on the draft before.
    script = (STATIC / "review.js").read_text()
    page.evaluate(f"() => {{ {script}; press('a'); press('t'); press('Enter', {{ctrlKey: true}}); }}")
    assert page.evaluate("pressed") == []
    page.wait_for_timeout(400)
    page.evaluate(
        "press('a', {repeat: true}); press('t', {repeat: true}); press('Enter', {ctrlKey: true, repeat: true})"
    )
    assert page.evaluate("pressed") == [], "a key that is held down decides nothing"
    page.evaluate("press('a')")
    assert page.evaluate("pressed") == ["approve"]
    page.evaluate("press('t')")
    assert page.evaluate("pressed") == ["approve", "take_over"]


def test_scroll_areas_are_named_in_the_reader_s_language_and_cells_in_sentence_case(page: Page) -> None:
    """The theme's own script, in the order in which pages load it: ours in the head, the theme's at the end."""
    theme = Path(unfold.__file__).parent / "static" / "unfold" / "js" / "simplebar" / "simplebar.js"
    page.set_content(
        f"""<!doctype html><html><head><style>td.before::before{{content:attr(data-label);text-transform:capitalize}}</style>
        <style>{(STATIC / "work.css").read_text()}</style><script>{(STATIC / "live.js").read_text()}</script></head>
        <body><a data-scrolls="可滚动内容"></a><div id="menu" data-simplebar style="height:2rem"><p>一</p><p>二</p><p>三</p></div>
        <table><tr><td class="before" data-label="who waits for whom">x</td></tr></table>
        <script>{theme.read_text()}</script></body></html>"""
    )
    expect(page.locator("#menu .simplebar-content-wrapper")).to_have_attribute("aria-label", "可滚动内容")
    cell = page.locator("td")
    expect(cell).to_have_attribute("data-label", "Who waits for whom")
    assert cell.evaluate("one => getComputedStyle(one, '::before').textTransform") == "none"
