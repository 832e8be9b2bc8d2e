"""The description of the API is whole, valid and served from here."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from tests.api.conftest import ROOT, Caller, addresses, filled, operations
from tests.builders import Company

pytestmark = pytest.mark.once


def test_it_is_made_without_warnings_and_is_valid() -> None:
    GENERATOR_STATS.reset()
    schema = SchemaGenerator().get_schema(request=None, public=True)
    assert not GENERATOR_STATS._warn_cache and not GENERATOR_STATS._error_cache
    validate_schema(schema)


def test_every_operation_says_what_it_does_what_it_takes_and_what_refusals_it_knows() -> None:
    ids = set()
    for method, path, said in operations():
        assert said.get("summary") and said.get("description"), (method, path)
        assert said["operationId"] not in ids
        ids.add(said["operationId"])
        assert said["security"] and {} not in said["security"], path
        assert {"401", "403", "429"} <= set(said["responses"])
        if method == "post":
            assert {"400", "404", "409", "422"} <= set(said["responses"])
            assert "Idempotency-Key" in [one["name"] for one in said["parameters"]], path
        for parameter in said.get("parameters", []):
            if parameter["in"] == "path":
                assert parameter["schema"]["format"] == "uuid", path


@pytest.mark.django_db
def test_anybody_may_read_the_description_and_its_page_needs_no_other_server() -> None:
    client = Client()
    schema = client.get(f"{ROOT}/schema/", headers={"Accept": "application/json"})
    assert json.loads(schema.content)["openapi"].startswith("3.1")
    page = client.get(f"{ROOT}/docs/")
    assert page.status_code == 200
    text = page.content.decode()
    assert not re.findall(r"(?:src|href)=[\"'](?:https?:)?//", text)
    local = re.findall(r"(?:src|href)=[\"']/static/([^\"'?]+)", text)
    assert len(local) >= 3 and all(finders.find(name) for name in local)


@pytest.mark.django_db
def test_answers_are_as_they_are_described(shop: Company, handler: Caller) -> None:
    import jsonschema

    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    schema = json.loads(json.dumps(schema, default=str))
    ids, checked = addresses(shop), 0
    for method, path, said in operations():
        if method != "get" or path.endswith("/content/"):
            continue
        query = {"q": "整机保修期是多久？"} if path.endswith("/search/") else {}
        answer = handler.get(filled(path, ids), **query)
        assert answer.status_code == 200, path
        shape = json.loads(json.dumps(said["responses"]["200"]["content"]["application/json"]["schema"], default=str))
        jsonschema.Draft202012Validator({**shape, "components": schema["components"]}).validate(answer.json())
        checked += 1
    assert checked >= 26
