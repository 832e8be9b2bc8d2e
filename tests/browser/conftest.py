"""The whole product as a newcomer starts it, and a real browser in front of it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
DATABASE = "aijia.sqlite3"


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

    def start(self, *, prepared: Callable[[Product], None] | None = None) -> None:
        """Start it and wait until it answers.

        :param prepared: called when tables and demo company are there and nothing works with them yet.
        """
        log = (self.folder / "log.txt").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "scripts" / "serve.py")], cwd=ROOT, env=self.environment(), stdout=log,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        end = time.monotonic() + 300
        while time.monotonic() < end:
            assert self.process.poll() is None, self.log()
            if prepared is not None and "is running" in self.log():
                prepared(self)
                prepared = None
            try:
                if requests.get(f"{self.base}/healthz", timeout=2).status_code == 200:
                    return
            except requests.RequestException:
                time.sleep(0.1)
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

    def count(self, table: str, where: str = "1", *values: str) -> int:
        """Rows in the database, asked beside the product: a process of Django's reads the whole product first."""
        with closing(sqlite3.connect(self.folder / DATABASE, timeout=60)) as rows:
            return int(rows.execute(f"SELECT count(*) FROM {table} WHERE {where}", values).fetchone()[0])

    def manage(self, *arguments: str, stdin: str = "") -> str:
        done = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *arguments], cwd=ROOT, input=stdin, text=True, capture_output=True,
            env={**self.environment(), "WECOM_SANDBOX": "1"}, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@dataclass
class FirstStart:
    """What the first start of the run left in its empty folder: tables and the demo company, as a newcomer has them."""

    folder: Path
    base: str = ""

    def keep(self, product: Product) -> None:
        """Keep it before anything is done with it: what is half done when it is copied would stay so in every copy."""
        copy_database(product.folder, self.folder)
        for name in ("secrets.env", "media"):
            copy = shutil.copytree if (product.folder / name).is_dir() else shutil.copy
            copy(product.folder / name, self.folder / name)
        with sqlite3.connect(self.folder / DATABASE) as rows:
            begun = rows.execute("SELECT count(*) FROM delivery_outbound WHERE state = 'sending'").fetchone()[0]
        rows.close()
        if begun:  # the machine stood still and the worker did not: the next module starts from nothing as well
            shutil.rmtree(self.folder)
            self.folder.mkdir()
            return
        self.base = product.base

    def give(self, product: Product) -> None:
        """Put it into the folder of a product that answers elsewhere."""
        shutil.copytree(self.folder, product.folder, dirs_exist_ok=True)
        with sqlite3.connect(product.folder / DATABASE) as rows:
            for name in ("callback_url", "toolbar_url"):
                rows.execute(
                    f"UPDATE wecom_sandbox_sandboxcorp SET {name} = replace({name}, ?, ?)", (self.base, product.base)
                )
        rows.close()


def copy_database(source: Path, target: Path) -> None:
    with sqlite3.connect(source / DATABASE) as old, sqlite3.connect(target / DATABASE) as new:
        old.backup(new)
    old.close()
    new.close()


@pytest.fixture(scope="session")
def first_start(tmp_path_factory: pytest.TempPathFactory) -> FirstStart:
    return FirstStart(tmp_path_factory.mktemp("first-start"))


def running(folder: Path, first_start: FirstStart) -> Iterator[Product]:
    """The product with its demo company, until nobody needs it any more.

    The first of a run starts from nothing. The others start from what that one made, before anything was done in it.
    """
    made = Product(folder, free_port())
    try:
        if first_start.base:
            first_start.give(made)
            made.start()
        else:
            made.start(prepared=first_start.keep)
        yield made
    finally:
        if made.process is not None and made.process.poll() is None:
            made.stop()


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, first_start: FirstStart) -> Iterator[Product]:
    """A product for the tests of a module, which follow one another."""
    yield from running(tmp_path_factory.mktemp("product"), first_start)


@pytest.fixture(scope="package")
def shared_product(tmp_path_factory: pytest.TempPathFactory, first_start: FirstStart) -> Iterator[Product]:
    """One product for the modules whose people and customers do not meet: an editor's day, the main job, the second step."""
    yield from running(tmp_path_factory.mktemp("shared"), first_start)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        yield made
        made.close()


@pytest.fixture(autouse=True)
def pages_are_closed(browser: Browser) -> Iterator[None]:
    """A page that stays open asks its product for news for ever."""
    yield
    for context in browser.contexts:
        context.close()


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
