"""The whole product as a newcomer starts it, and a real browser in front of it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@dataclass
class Product:
    """A running installation: web, worker and scheduler, in a folder of its own."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        kept = {
            key: value
            for key, value in os.environ.items()
            if key not in ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "WECOM_SANDBOX", "WECOM_API_BASE")
        }
        return {**kept, "AIJIA_VAR_DIR": str(self.folder), "PORT": str(self.port)}

    def start(self) -> None:
        log = (self.folder / "log.txt").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "scripts" / "serve.py")], cwd=ROOT, env=self.environment(), stdout=log,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        end = time.monotonic() + 300
        while time.monotonic() < end:
            assert self.process.poll() is None, self.log()
            try:
                if requests.get(f"{self.base}/healthz", timeout=2).status_code == 200:
                    return
            except requests.RequestException:
                time.sleep(0.3)
        raise AssertionError(f"the product does not answer:\n{self.log()}")

    def log(self) -> str:
        return (self.folder / "log.txt").read_text(errors="replace")[-4000:]

    def children(self, word: str) -> list[psutil.Process]:
        """Processes of this installation whose command has this argument."""
        assert self.process is not None
        family = psutil.Process(self.process.pid).children(recursive=True)
        return [child for child in family if word in child.cmdline()]

    def stop(self) -> int:
        """Ctrl-C. Returns the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(90)

    def manage(self, *arguments: str, stdin: str = "") -> str:
        done = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *arguments], cwd=ROOT, input=stdin, text=True, capture_output=True,
            env={**self.environment(), "WECOM_SANDBOX": "1"}, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product with its demo company; the tests of a module share it and follow one another."""
    running = Product(tmp_path_factory.mktemp("product"), free_port())
    try:
        running.start()
        yield running
    finally:
        if running.process is not None and running.process.poll() is None:
            running.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield made
        made.close()


def open_page(browser: Browser, **options: Any) -> Page:
    context = browser.new_context(
        viewport=options.pop("viewport", {"width": 1440, "height": 900}), timezone_id="Asia/Shanghai", locale="zh-CN",
        **options,
    )  # fmt: skip
    expect.set_options(timeout=60_000)
    page = context.new_page()
    page.set_default_timeout(60_000)
    return page


def sign_in(page: Page, product: Product, name: str) -> None:
    page.goto(f"{product.base}/admin/login/?next=/admin/")
    page.fill("#id_username", name)
    page.fill("#id_password", "aijia-demo")
    with page.expect_navigation(wait_until="load", timeout=180_000):
        page.click("button[type=submit]")
