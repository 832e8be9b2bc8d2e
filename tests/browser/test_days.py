"""A handler's and a supervisor's day at the desk, in a browser, mostly by keys."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Product, open_page, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.slow]


def queue(page: Page, product: Product, query: str = "") -> None:
    page.goto(f"{product.base}/admin/review/draft/{query}")
    page.wait_for_selector("[data-row]")


def released_after_a_leak(desk: Page, product: Product) -> bool:
    """Write a leak into the first simple draft and take it out again; true where it left and the next page came."""
    queue(desk, product, "?view=simple")
    desk.keyboard.press("j")
    expect(desk.locator(".aj-at")).to_have_count(1)
    desk.keyboard.press("Enter")
    desk.wait_for_selector("#decide")
    # A leak is marked while it is written, and a clean wording leaves and brings the next draft.
    first = desk.url
    desk.keyboard.press("e")
    words = desk.locator("#decide textarea").input_value()
    desk.keyboard.type("王师傅说的别跟客户说")
    expect(desk.locator("#findings .aj-m-stop").first).to_be_visible()
    expect(desk.locator(".aj-behind mark").first).to_be_attached()
    desk.fill("#decide textarea", words)
    expect(desk.locator("#findings .aj-m-stop")).to_have_count(0)
    desk.keyboard.press("Escape")
    desk.evaluate("window.before = true")
    desk.keyboard.press("a")
    # Another page, or the same one saying that this draft waits no more.
    desk.wait_for_function("() => !window.before || document.querySelector('#decide button[value=approve]').disabled")
    desk.wait_for_load_state()
    return desk.url != first


def all_simple_ones_leave(desk: Page, product: Product) -> int:
    """Release every simple draft that is in the queue; how many there were."""
    desk.goto(f"{product.base}/admin/review/draft/?view=simple")
    found = desk.locator("#bulk input[name=seen]").count()
    if found:
        desk.keyboard.press("X")
        expect(desk.locator("#bulkbar")).to_be_visible()
        with desk.expect_navigation(wait_until="load"):
            desk.keyboard.press("A")
    return found


def test_a_handlers_day(product: Product, browser: Browser) -> None:
    desk = open_page(browser)
    faults: list[str] = []
    desk.on("pageerror", lambda error: faults.append(str(error)))
    sign_in(desk, product, "linyue")
    # The desk's number is the queue's number of rows.
    drafts = desk.locator("[data-number=drafts] b")
    for _try in range(3):  # the product works on meanwhile: what comes between number and list is no fault
        desk.goto(f"{product.base}/admin/")
        waiting = int(drafts.inner_text())
        desk.click("[data-number=drafts]")
        desk.wait_for_selector("[data-row]")
        if desk.locator("[data-row]").count() == waiting:
            break
    expect(desk.locator("[data-row]")).to_have_count(waiting)
    # Who comes today, and the week: a sum leads to as many rows.
    desk.goto(f"{product.base}/admin/")
    expect(desk.locator("#visits li")).to_have_count(int(desk.locator("[data-number=visits] b").inner_text()))
    for _try in range(3):
        desk.goto(f"{product.base}/admin/")
        total = desk.locator("#week [data-total]").first
        opened = int(total.locator("b").inner_text())
        total.click()
        desk.wait_for_selector("#result_list tbody tr")
        if desk.locator("#result_list tbody tr").count() == opened:
            break
    expect(desk.locator("#result_list tbody tr")).to_have_count(opened)
    # One key searches everything, another narrows this list down, two lead anywhere.
    desk.keyboard.press("/")
    expect(desk.locator("#find-box")).to_be_focused()
    desk.keyboard.type("洗衣机")
    desk.keyboard.press("Enter")
    desk.locator("#found a[href*='message=']").first.click()
    expect(desk.locator(".aj-cause")).to_contain_text("洗衣机")
    desk.keyboard.press("g")
    desk.keyboard.press("q")
    desk.wait_for_selector("[data-row]")
    desk.keyboard.press("f")
    expect(desk.locator("#narrow input[name=q]")).to_be_focused()
    desk.keyboard.press("Escape")
    desk.locator("#narrow input[name=q]").blur()
    # From the queue to what one wants to do: prepared, not done.
    desk.keyboard.press("j")
    desk.keyboard.press("r")
    expect(desk.locator("#rejecting")).to_have_attribute("open", "")
    desk.keyboard.press("q")
    desk.wait_for_selector("[data-row]")
    # The keys: help, down, open.
    desk.keyboard.press("?")
    expect(desk.locator("#help")).to_be_visible()
    desk.keyboard.press("?")
    expect(desk.locator("#help")).to_be_hidden()
    # The product works on meanwhile: a draft that something newer replaced is no fault, the next one is taken.
    for _try in range(3):
        if released_after_a_leak(desk, product):
            break
    else:
        raise AssertionError(desk.locator("#standing, .messagelist, .aj-card.aj-main").all_inner_texts())
    # Several simple ones at once; what has come or changed meanwhile stays for the next time.
    found = [all_simple_ones_leave(desk, product) for _try in range(4)]
    assert found[0] >= 1
    assert found[-1] == 0
    # What was released into groups waits for a tap.
    desk.goto(f"{product.base}/admin/delivery/outbound/?state__exact=prepared")
    expect(desk.locator("button[value=done]").first).to_be_visible(timeout=60_000)
    address = desk.locator("form:has(button[value=done])").first.get_attribute("action")
    desk.locator(f"form[action='{address}'] button[value=done]").click()
    expect(desk.locator(f"form[action='{address}']")).to_have_count(0)
    # A note that mentions the supervisor.
    desk.goto(f"{product.base}/admin/cases/servicecase/?q=陈女士")
    desk.locator("#result_list tbody a").first.click()
    desk.fill("#notes textarea", "@何姐 请看一下")
    desk.click("#notes button[value=note]")
    expect(desk.locator("#notes")).to_contain_text("请看一下")
    assert faults == []


def test_a_supervisors_day(product: Product, browser: Browser) -> None:
    boss, desk = open_page(browser), open_page(browser)
    sign_in(boss, product, "hejie")
    sign_in(desk, product, "linyue")
    # The mention of the handler waits on the desk; seen, it is gone.
    mentioned = int(boss.locator("[data-number=mentions] b").inner_text())
    assert mentioned >= 1
    boss.click("[data-number=mentions]")
    boss.locator("#result_list tbody tr", has_text="请看一下").locator("a").first.click()
    boss.click("#notes button[value=seen]")
    boss.goto(f"{product.base}/admin/")
    expect(boss.locator("[data-number=mentions] b")).to_have_text(str(mentioned - 1))
    # Only a supervisor releases the complaint; while one has it the other sees so.
    boss.click("[data-number=supervisor_drafts]")
    boss.locator("a.aj-words").first.click()
    boss.wait_for_selector("#decide")
    desk.goto(boss.url)
    expect(desk.locator(".aj-banner:visible")).to_contain_text("何姐")
    expect(desk.locator("button[value=approve]")).to_have_count(0)
    boss.keyboard.press("r")
    boss.keyboard.press("3")
    boss.keyboard.type("先问清楚")
    boss.keyboard.press("Enter")
    boss.wait_for_load_state()
    # The stop: everybody sees it without loading anything anew, and it is lifted again.
    desk.goto(f"{product.base}/admin/cases/servicecase/")
    boss.click("[data-open=pause]")
    boss.fill("#pause input[name=reason]", "发错了，先停")
    boss.click("#pause .aj-stop")
    expect(boss.locator(".aj-banner:visible")).to_contain_text("发错了")
    expect(desk.locator(".aj-banner:visible")).to_contain_text("发错了", timeout=60_000)
    boss.locator(".aj-banner button").click()
    expect(boss.locator(".aj-banner:visible")).to_have_count(0)


def test_a_draft_that_is_open_says_what_happens_meanwhile(product: Product, browser: Browser) -> None:
    desk, sandbox = open_page(browser), open_page(browser)
    sign_in(desk, product, "xiaojiang")
    queue(desk, product, "?q=冯先生")
    desk.locator("a.aj-words").first.click()
    desk.wait_for_selector("#decide")
    # The Enter that ends a word of a Chinese input method rejects nothing.
    desk.keyboard.press("r")
    desk.keyboard.press("6")
    left_alone = "field => field.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true, cancelable: true, isComposing: true}))"
    assert desk.locator("#rejecting input[name=reason]").evaluate(left_alone)
    desk.keyboard.press("Escape")
    desk.keyboard.press("e")
    desk.keyboard.type("我先看下订单")
    words = desk.locator("#decide textarea").input_value()
    # The customer writes once more: it is said, shown in its place, and the words that were being written stay.
    sandbox.goto(f"{product.base}/sandbox/")
    sandbox.locator(".chat", has_text="冯先生").first.click()
    sandbox.locator("#as button", has_text="冯先生").first.click()
    sandbox.fill("#text", "算了，不用退差价了")
    sandbox.keyboard.press("Enter")
    expect(sandbox.locator("#text")).to_have_value("")
    desk.bring_to_front()
    expect(desk.locator("#news:visible, #standing .aj-banner:visible").first).to_be_visible(timeout=60_000)
    if desk.locator("#standing .aj-banner").count() == 0:
        expect(desk.locator("#news")).to_contain_text("不用退差价")
        expect(desk.locator("#thread .aj-new")).to_contain_text("不用退差价")
        desk.click("#news [data-reload]")
        desk.wait_for_selector("#decide")
        if desk.locator("#decide[data-check]").count():
            expect(desk.locator("#decide textarea")).to_have_value(words)
    # A colleague decides it elsewhere: the buttons are gone before one presses them.
    queue(desk, product, "?q=袁先生")
    desk.locator("a.aj-words").first.click()
    desk.wait_for_selector("#decide[data-check]")
    product.manage(
        "shell", "-v0",
        stdin="from django.utils import timezone; from review.models import Draft\n"
        "row = Draft.objects.pending().filter(conversation__name='袁先生').get()\nrow.supersede(at=timezone.now()); row.save()\n",
    )  # fmt: skip
    expect(desk.locator("#standing .aj-banner")).to_be_visible(timeout=60_000)
    expect(desk.locator("#decide button[value=approve]")).to_be_disabled()


def test_the_page_of_a_case_tells_what_happens_meanwhile(product: Product, browser: Browser) -> None:
    page, sandbox = open_page(browser), open_page(browser)
    sign_in(page, product, "hejie")
    page.goto(f"{product.base}/admin/cases/servicecase/?q=吴阿姨")
    page.locator("#result_list tbody a").first.click()
    page.wait_for_selector("#story")
    page.uncheck("#lanes input[value=internal]")
    page.fill("#notes textarea", "写到一半的备注")
    sandbox.goto(f"{product.base}/sandbox/")
    sandbox.locator(".chat", has_text="吴阿姨").first.click()
    sandbox.locator("#as button", has_text="吴阿姨").first.click()
    sandbox.fill("#text", "空调滴水的位置我晚点拍给你们")
    sandbox.keyboard.press("Enter")
    expect(sandbox.locator("#text")).to_have_value("")
    page.bring_to_front()
    expect(page.locator("#story")).to_contain_text("晚点拍给你们")
    expect(page.locator("#notes textarea")).to_have_value("写到一半的备注")
    assert page.locator("#story .aj-lane-internal:visible").count() == 0


def test_a_page_whose_session_has_ended_says_so_and_keeps_what_was_written(product: Product, browser: Browser) -> None:
    page = open_page(browser)
    sign_in(page, product, "hejie")
    page.goto(f"{product.base}/admin/cases/servicecase/?q=陈女士")
    page.locator("#result_list tbody a").first.click()
    page.fill("#notes textarea", "签退之前写的")
    page.context.clear_cookies()
    page.evaluate("document.dispatchEvent(new CustomEvent('aijia:ask'))")
    expect(page.locator("#still[role=alert]")).to_be_visible()
    with page.expect_popup() as opened:
        page.click("#still a")
    again = opened.value
    again.fill("#id_username", "hejie")
    again.fill("#id_password", "aijia-demo")
    with again.expect_navigation(wait_until="load"):
        again.click("button[type=submit]")
    # Here the line has gone, and what was written leaves with the new session.
    page.bring_to_front()
    expect(page.locator("#still")).to_have_count(0)
    old = page.locator("#notes [name=csrfmiddlewaretoken]").get_attribute("value")
    page.evaluate("document.dispatchEvent(new CustomEvent('aijia:ask'))")
    page.wait_for_function("old => document.querySelector('#notes [name=csrfmiddlewaretoken]').value !== old", arg=old)
    page.click("#notes button[value=note]")
    expect(page.locator("#notes li", has_text="签退之前写的")).to_be_visible()
