"""The second step in a real browser: set up, signed out, asked for, recovered with a code; the search box and the language on the way."""

from __future__ import annotations

import re

import pytest
from django_otp.oath import TOTP
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Product, open_page, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.slow]


def digits_for(page: Page, *, steps: int = 0) -> str:
    """What an authenticator app shows for the key on the page."""
    import base64
    import time

    page.locator("details summary").first.click()
    secret = page.locator("#secret").inner_text().replace(" ", "")
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    totp = TOTP(key)
    totp.time = time.time() + 30 * steps
    return f"{totp.token():06d}"


@pytest.fixture(scope="module")
def product(shared_product: Product) -> Product:
    return shared_product


def test_a_handler_protects_the_sign_in_and_gets_back_in_with_a_code(product: Product, browser: Browser) -> None:
    page = open_page(browser)
    sign_in(page, product, "zhoujie")
    page.keyboard.press("/")
    expect(page.locator("#find-box")).to_be_focused()
    page.keyboard.type("陈女")
    page.keyboard.press("Enter")
    expect(page.locator("#found mark").first).to_have_text("陈女")
    page.goto(f"{product.base}/admin/security/set-up/")
    expect(page.locator("svg").first).to_be_visible()
    code = digits_for(page)
    page.fill("#code", "000000")
    page.click("#second-step button")
    expect(page.locator("[role=alert]")).to_be_visible()
    page.wait_for_timeout(2500)  # a wrong code makes the next try wait
    page.fill("#code", code)
    page.click("#second-step button")
    codes = page.locator("#codes li").all_inner_texts()
    assert len(codes) == 10 and all(re.fullmatch(r"\w{5}-\w{5}", one) for one in codes)

    other = open_page(browser, viewport={"width": 390, "height": 844})
    sign_in(other, product, "zhoujie")
    expect(other).to_have_url(re.compile("/admin/security/verify/"))
    other.goto(f"{product.base}/admin/cases/servicecase/")
    expect(other).to_have_url(re.compile("/admin/security/verify/"))
    other.get_by_role("button", name="English").click()
    expect(other.get_by_role("button", name="Continue")).to_be_visible()
    assert other.evaluate("document.documentElement.scrollWidth") <= 390
    other.fill("#code", codes[0])
    other.get_by_role("button", name="Continue").click()
    expect(other).to_have_url(re.compile(r"/admin/cases/servicecase/$"))
