"""Material is judged, and notices that are owed are settled, by the API as by the admin."""

from __future__ import annotations

import re
import shlex
from datetime import timedelta
from pathlib import Path
from string import Template
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.utils import timezone

from aijia import pump
from aijia.roles import keep_roles
from cases import operations as cases
from cases.models import Material, ServiceFact, WaitingItem, Writeback
from cases.operations import Fact
from evidence.models import Entry
from people.models import StaffMember, User
from review.models import Draft
from tests.api.conftest import Caller, Make
from tests.builders import ME, Company, say
from tests.cases.test_who_may import PEOPLE

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def piece(shop: Company, *, key: str = "one") -> Material:
    """A photo that somebody asked for, and that has come."""
    now = timezone.now()
    wait = cases.open_wait(
        case=shop.case, state="waiting_customer_material", on=shop.contact, on_role="customer_contact", need=f"照片 {key}",
        need_kind="material", proof="image", fact=Fact(ME, now, now),
    )  # fmt: skip
    message = say(shop.group, "wmchen", "", at=now, key=key, attachments=("image",))
    cases.receive_materials(
        wait_id=wait.pk, attachments=list(message.attachments.all()), fact=Fact(ME, now, now, message)
    )
    return Material.objects.get(wait=wait)


def debt(shop: Company) -> Writeback:
    return cases.owe_writeback(
        case=shop.case, to=shop.partner_group, about="completed", words="已修好", at=timezone.now()
    )


def test_good_material_completes_its_item(shop: Company, handler: Caller) -> None:
    row = piece(shop)
    listed = handler.rows("/materials/", state="received", wait=str(row.wait.public_id))  # type: ignore[union-attr]
    assert [one["id"] for one in listed] == [str(row.public_id)] and listed[0]["case"]["number"] == shop.case.number
    answer = handler.post(f"/materials/{row.public_id}/judge/", {"good": True})
    assert answer.status_code == 200
    said = answer.json()
    assert (said["state"], said["judged_by"], said["reason"]) == ("accepted", shop.handler.name, "")
    assert WaitingItem.objects.get(pk=row.wait_id).close_reason == "accepted"
    again = handler.post(f"/materials/{row.public_id}/judge/", {"good": False, "reason": "糊了"})
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
    assert Material.objects.get(pk=row.pk).state == "accepted"
    entry = Entry.objects.filter(kind="review").latest("pk")
    assert "API: ERP" in entry.actor["label"], "on record in the name of the token's owner and of the token"


def test_material_that_is_not_good_is_asked_for_again_with_the_reason(shop: Company, handler: Caller) -> None:
    row = piece(shop)
    for body in ({}, {"good": False}, {"good": False, "reason": "  "}, {"good": "perhaps", "reason": "x"}):
        answer = handler.post(f"/materials/{row.public_id}/judge/", body)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid"), body
        assert Material.objects.get(pk=row.pk).state == "received"
    done = handler.post(f"/materials/{row.public_id}/judge/", {"good": False, "reason": "型号看不清"}).json()
    assert (done["state"], done["reason"]) == ("rejected", "型号看不清")
    item = handler.get(f"/waits/{row.wait.public_id}/").json()  # type: ignore[union-attr]
    assert (item["state"], item["close_reason"]) == ("cancelled", "material_rejected")
    pump.drain(timezone.now() + timedelta(minutes=1), channel=False)
    assert "型号看不清" in Draft.objects.filter(reply_kind="material_request", state="pending").latest("pk").text


def test_a_notice_that_was_told_by_telephone_is_settled(shop: Company, handler: Caller) -> None:
    row = debt(shop)
    assert str(row.public_id) in [one["id"] for one in handler.rows("/writebacks/", state="open")]
    answer = handler.post(f"/writebacks/{row.public_id}/settle/", {"told": True, "reason": "电话里说了"})
    assert answer.status_code == 200
    said = answer.json()
    assert (said["state"], said["delivered_by"], said["settle_reason"]) == (
        "delivered",
        shop.handler.name,
        "电话里说了",
    )
    assert ServiceFact.objects.filter(kind="told", ref=row.public_id.hex).count() == 1
    assert handler.post(f"/writebacks/{row.public_id}/settle/", {"told": True}).status_code == 409


def test_a_notice_is_waived_only_with_a_reason(shop: Company, handler: Caller) -> None:
    row = debt(shop)
    for body in ({}, {"told": False}, {"told": False, "reason": " "}, {"told": None}):
        assert handler.post(f"/writebacks/{row.public_id}/settle/", body).status_code == 400
        assert Writeback.objects.get(pk=row.pk).state == "open"
    done = handler.post(f"/writebacks/{row.public_id}/settle/", {"told": False, "reason": "服务商自己结的单"}).json()
    assert (done["state"], done["delivered_at"], done["settle_reason"]) == ("waived", None, "服务商自己结的单")
    assert not ServiceFact.objects.filter(kind="told", ref=row.public_id.hex).exists()


def test_what_is_owed_too_long_is_a_filter(shop: Company, handler: Caller) -> None:
    row, fresh = debt(shop), debt(shop)
    Writeback.objects.filter(pk=row.pk).update(due_at=timezone.now() - timedelta(hours=1))
    assert [one["id"] for one in handler.rows("/writebacks/", overdue="true")] == [str(row.public_id)]
    assert str(fresh.public_id) in [one["id"] for one in handler.rows("/writebacks/", overdue="false")]
    assert handler.get("/writebacks/", overdue="perhaps").status_code == 400


def test_a_repeated_call_judges_once(shop: Company, handler: Caller) -> None:
    row, key = piece(shop), {"Idempotency-Key": "judge-1"}
    first = handler.post(f"/materials/{row.public_id}/judge/", {"good": True}, **key)
    second = handler.post(f"/materials/{row.public_id}/judge/", {"good": True}, **key)
    assert (first.status_code, second.status_code, second.json()) == (200, 200, first.json())
    assert second.headers["Idempotent-Replay"] == "true"
    assert Entry.objects.filter(kind="review", actor__label="林悦 (API: ERP)").count() == 1


@pytest.mark.parametrize("who", [who for who, (role, _sees, _may) in PEOPLE.items() if role])
def test_who_may_judge_and_settle_is_the_same_table_as_in_the_admin(shop: Company, make: Make, who: str) -> None:
    role, sees, may = PEOPLE[who]
    keep_roles()
    user = User.objects.create_user("somebody", password="x", is_staff=True)
    user.groups.set(Group.objects.filter(name=role))
    caller = make(StaffMember.objects.create(name=who, user=user, visibility=sees, is_supervisor=role == "主管"))
    steps: tuple[tuple[str, Any, Any], ...] = (
        ("judge/", piece(shop), {"good": True}), ("settle/", debt(shop), {"told": False, "reason": "x"}),
    )  # fmt: skip
    for name, row, body in steps:
        cache.clear()
        kind, before = type(row), row.state
        place = "materials" if kind is Material else "writebacks"
        answer = caller.post(f"/{place}/{row.public_id}/{name}", body)
        row = kind.objects.get(pk=row.pk)
        assert (row.state != before) is may and (answer.status_code == 200) is may, (
            f"{who} {name}: {answer.status_code}"
        )


def examples(*titles: str) -> list[str]:
    """The commands under these headings of the documentation."""
    text = Path(__file__).parents[2].joinpath("docs/api.md").read_text()
    parts = {part.split("\n", 1)[0]: part for part in text.split("\n### ")}
    return [block for title in titles for block in re.findall(r"```bash\n(.*?)```", parts[title], re.DOTALL)]


def run(command: str, caller: Caller, **values: str) -> Any:
    """What a documented `curl` does, through the test client."""
    words = shlex.split(Template(command.replace("\\\n", " ")).substitute(values, AIJIA="", TOKEN=caller.secret))
    assert words.pop(0) == "curl"
    headers, body, address = {}, None, ""
    while words:
        match words.pop(0):
            case "-H":
                name, value = words.pop(0).split(": ", 1)
                headers[name] = value
            case "-d":
                body = words.pop(0)
            case "-o":
                words.pop(0)
            case address:
                assert address.startswith("/api/v1/"), address
    if body is None:
        return caller.client.get(address, headers=headers)
    return caller.client.post(address, data=body, content_type=headers.pop("Content-Type"), headers=headers)


def test_the_documented_examples_run(shop: Company, handler: Caller) -> None:
    kept = Material.objects.filter(attachment__blob__isnull=False).select_related("attachment").get()
    values = {
        "MATERIAL": piece(shop).public_id, "OTHER_MATERIAL": piece(shop, key="two").public_id, "WRITEBACK": debt(shop).public_id,
        "OTHER_WRITEBACK": debt(shop).public_id, "ATTACHMENT": kept.attachment.public_id,  # type: ignore[union-attr]
    }  # fmt: skip
    commands = examples("Check the material that came", "Settle what we owe to those who asked")
    assert len(commands) == 7
    for command in commands:
        answer = run(command, handler, **{name: str(value) for name, value in values.items()})
        assert answer.status_code == 200, (command, answer.content[:200])
    assert set(Material.objects.values_list("state", flat=True)) == {"received", "accepted", "rejected"}
    assert set(Writeback.objects.values_list("state", flat=True)) == {"open", "delivered", "waived"}


def test_material_is_booked_to_another_item(shop: Company, handler: Caller) -> None:
    row, other = piece(shop), piece(shop, key="two")
    answer = handler.post(
        f"/materials/{row.public_id}/move/", {"wait": str(other.wait.public_id), "reason": "是另一张"}
    )  # type: ignore[union-attr]
    assert (answer.status_code, answer.json()["wait"]) == (200, str(other.wait.public_id)), answer.content  # type: ignore[union-attr]
    again = handler.post(f"/materials/{row.public_id}/move/", {"wait": str(other.wait.public_id)})  # type: ignore[union-attr]
    assert again.json()["code"] == "not_its_item"
    assert handler.post(f"/materials/{row.public_id}/move/", {"wait": str(row.public_id)}).status_code == 404
    assert handler.post(f"/materials/{row.public_id}/move/", {}).status_code == 400
