"""What the tests of roles and rights share."""

from __future__ import annotations

import pytest
from django.template.response import SimpleTemplateResponse

from aijia.site import Site


@pytest.fixture
def no_menu(monkeypatch: pytest.MonkeyPatch) -> None:
    """The menu stands around every page and names nobody's rows; `tests/house/test_crawl.py` and `tests/people/test_roles.py` render it for every role."""
    monkeypatch.setattr(Site, "get_sidebar_list", lambda *_asked: [])
    monkeypatch.setattr(Site, "get_app_list", lambda *_asked: [])


@pytest.fixture
def unrendered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Views decide, and their pages are not drawn: that the pages of a view can be drawn is shown by `tests/house/test_crawl.py`."""

    def render(answer: SimpleTemplateResponse) -> SimpleTemplateResponse:
        answer.content = b""
        return answer

    monkeypatch.setattr(SimpleTemplateResponse, "render", render)
