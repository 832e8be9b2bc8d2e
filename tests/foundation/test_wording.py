"""Colon, list and brackets as the language of the reader writes them."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from foundation.wording import bracketed, listed, told


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "sent: hello (refused, late)"), ("zh-hans", "sent：hello（refused、late）")],
)
def test_each_language_has_its_own_signs(language: str, said: str) -> None:
    with override(language):
        assert told("sent", "hello") + bracketed(listed(["refused", "late"])) == said
        assert bracketed("") == ""
