"""System checks say what is wrong with the environment, each with a hint."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from aijia.checks import refuse_to_start


def found() -> dict[str, Any]:
    return {str(message.id): message for message in run_checks()}


def test_the_embedded_default_is_in_order() -> None:
    assert not [name for name in found() if name.startswith(("aijia.", "wecom_sandbox."))]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("FIELD_ENCRYPTION_KEYS", [], "aijia.E001"),
        ("FIELD_ENCRYPTION_KEYS", ["short"], "aijia.E002"),
        ("DELIVERY_CHANNEL", "nowhere.Channel", "aijia.E009"),
        ("WECOM_ARCHIVE_SOURCE", "channels_wecom.nothing", "aijia.E009"),
        ("WECOM_API_BASE", "qyapi.weixin.qq.com", "aijia.E010"),
        ("WECOM_CALLBACK_MAX_BYTES", 5, "aijia.W001"),
    ],
)
def test_a_wrong_setting_is_explained(settings: Any, name: str, value: Any, code: str) -> None:
    setattr(settings, name, value)
    assert found()[code].hint


def test_production_refuses_the_embedded_default(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PRODUCTION, settings.SECRET_KEY, settings.ALLOWED_HOSTS = True, "x", ["*"]
    settings.WECOM_API_BASE, settings.REDIS_URL = "http://127.0.0.1:8000/sandbox", ""
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.sqlite3")
    codes = {f"aijia.E00{number}" for number in (3, 4, 5, 6, 8)} | {"wecom_sandbox.E001"}
    assert codes <= found().keys()
    with pytest.raises(ImproperlyConfigured, match=r"aijia\.E003"):
        refuse_to_start()


@pytest.mark.parametrize(("at", "warned"), [("2026-11-20", False), ("2040-05-01", True)])
def test_an_unknown_year_of_holidays_is_an_alarm(at: str, warned: bool) -> None:
    with time_machine.travel(timezone.make_aware(datetime.fromisoformat(at)), tick=False):
        assert ("aijia.W002" in found()) is warned
