"""What people see when something is wrong: a page of ours in their language with a way on, and never an inner word."""

from __future__ import annotations

import re

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from aijia import errors, urls
from people.models import StaffMember, User

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("inner words")


urlpatterns = [*urls.urlpatterns, path("broken", broken)]
handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500


def signed_in(**more: bool) -> Client:
    user = User.objects.create_user("lin", password="x", is_staff=True)
    StaffMember.objects.create(user=user, name="林悦")
    client = Client(raise_request_exception=False, **more)
    client.force_login(user)
    return client


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@override_settings(ROOT_URLCONF="tests.house.test_error_pages", DEBUG=False)
def test_errors_have_pages_in_both_languages(language: str) -> None:
    client = signed_in(enforce_csrf_checks=True)
    client.cookies["django_language"] = language
    wrong_host = client.get("/admin/", headers={"host": "a b"})
    answers = {
        400: wrong_host, 403: client.get("/admin/people/user/"), 404: client.get("/nothing-here"), 500: client.get("/broken"),
    }  # fmt: skip
    answers_csrf = client.post("/admin/password_change/", {"x": "y"})
    for status, answer in [*answers.items(), (403, answers_csrf)]:
        page = answer.content.decode()
        assert answer.status_code == status, (status, answer.status_code)
        assert f'<html lang="{language}">' in page and "inner words" not in page and "Traceback" not in page
        words = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.S)
        words = words.replace("English", "").replace("简体中文", "")
        assert bool(re.search("[\u4e00-\u9fff]", words)) == (language == "zh-hans"), words
        assert bool(re.search("[A-Za-z]{3}", words)) == (language == "en"), words
        assert 'href="/admin/"' in page
        assert "csrfmiddlewaretoken" in page or status == 400  # the switch of languages


@override_settings(DEBUG=False)
def test_programs_get_problems() -> None:
    client = signed_in(enforce_csrf_checks=True)
    answer = client.get("/api/v1/cases/", headers={"host": "a b"})
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


def test_even_a_page_that_cannot_be_rendered_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_more: object) -> HttpResponse:
        raise RuntimeError

    monkeypatch.setattr(errors, "render", fail)
    request = HttpRequest()
    request.path = "/admin/"
    assert errors.failed(request).status_code == 500


@pytest.mark.parametrize("url", ["/admin/login/", "/admin/security/set-up/"])
def test_signing_in_has_the_switch_of_languages(url: str) -> None:
    client = Client() if "login" in url else signed_in()
    page = client.get(url).content.decode()
    assert 'action="/i18n/setlang/"' in page and "English" in page
    answer = client.post("/i18n/setlang/", {"language": "en", "next": url})
    assert answer["Location"] == url
    page = client.get(url).content.decode()
    assert '<html lang="en"' in page and "简体中文" in page
