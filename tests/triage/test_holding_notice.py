"""A complaint outside working hours is told when it will be answered, only where a supervisor switched that on; the answer itself waits."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from aijia import pump
from cases.models import WaitingItem
from cases.worktime import SHANGHAI, WorkCalendar
from conversations.models import Conversation, ConversationKind, Surface
from delivery import ports
from delivery.models import Outbound
from review.models import AutomationLevel, Draft, Level
from tests.builders import NINE, Company, conversation, say
from triage.holding import answer_by, when_words

pytestmark = pytest.mark.once

ELEVEN_AT_NIGHT = NINE + timedelta(hours=14)
COMPLAINT = "你们这服务太差了，我要投诉，到现在没人管"


@pytest.fixture
def shop(ready: Company, settings: object) -> Company:
    settings.DELIVERY_CHANNEL = "delivery.ports.CapturingChannel"  # type: ignore[attr-defined]
    ports._load.cache_clear()
    return ready


def switch_on() -> None:
    AutomationLevel.objects.create(reply_kind="holding_notice", level=Level.DIRECT)


def complain(where: Conversation, *, at: datetime, text: str = COMPLAINT) -> list[str]:
    """Says it and gives the texts to the customer that were released."""
    say(where, "wmchen", text, at=at)
    pump.drain(at, channel=False)
    return list(Outbound.objects.filter(purpose="holding_notice", conversation=where).values_list("text", flat=True))


def place(shop: Company, kind: str) -> Conversation:
    if kind == "customer_group":
        return shop.group
    return conversation(
        "wmprivate", ConversationKind.PRIVATE, Surface.KF, shop.contact, customer=shop.case.customer,
        kf_window_until=NINE + timedelta(days=2), kf_replies_left=5,
    )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["customer_group", "private"])
def test_at_night_the_notice_goes_and_names_when_and_the_answer_still_waits(shop: Company, kind: str) -> None:
    switch_on()
    (text,) = complain(place(shop, kind), at=ELEVEN_AT_NIGHT)
    assert "明早9:30" in text and not any(word in text for word in ("抱歉", "对不起", "退", "赔"))
    owed = WaitingItem.objects.open().get(case=shop.case, need_kind="answer")
    assert owed.due_at == datetime(2026, 5, 12, 9, 30, tzinfo=SHANGHAI) and owed.owner == shop.handler
    waiting = Draft.objects.get(state="pending")
    assert (
        waiting.reply_kind == "other" and waiting.required_right == "supervisor" and "complaint" in waiting.risk_topics
    )
    assert waiting.cause is not None and waiting.cause.decision.mode == "review"


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["customer_group", "private"])
def test_in_working_hours_nothing_goes_by_itself(shop: Company, kind: str) -> None:
    switch_on()
    assert complain(place(shop, kind), at=NINE + timedelta(hours=2)) == []
    assert Draft.objects.get().state == "pending"


@pytest.mark.django_db
@pytest.mark.parametrize("level", [None, Level.REVIEW])
def test_it_is_off_unless_somebody_switched_it_on(shop: Company, level: str | None) -> None:
    if level:
        AutomationLevel.objects.create(reply_kind="holding_notice", level=level)
    assert complain(shop.group, at=ELEVEN_AT_NIGHT) == []
    assert Draft.objects.count() == 1


@pytest.mark.django_db
def test_one_night_one_notice_and_the_next_night_another(shop: Company) -> None:
    switch_on()
    complain(shop.group, at=ELEVEN_AT_NIGHT)
    assert len(complain(shop.group, at=ELEVEN_AT_NIGHT + timedelta(hours=1), text="人呢？我要投诉你们！")) == 1
    assert len(complain(shop.group, at=ELEVEN_AT_NIGHT + timedelta(days=1), text="还是没人管，我要投诉到底")) == 2


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["你们装的热水器漏电，差点电到孩子，我要投诉", "再不处理我就打12315投诉"])
def test_an_alert_is_never_answered_by_a_notice(shop: Company, text: str) -> None:
    switch_on()
    assert complain(shop.group, at=ELEVEN_AT_NIGHT, text=text) == []


@pytest.mark.django_db
def test_nothing_goes_in_public_or_after_a_take_over(shop: Company) -> None:
    switch_on()
    public = conversation("wrpub", ConversationKind.COMMUNITY_GROUP, Surface.CUSTOMER_GROUP, shop.contact)
    assert complain(public, at=ELEVEN_AT_NIGHT) == []
    shop.case.automation_stopped_at = NINE
    shop.case.save(update_fields=["automation_stopped_at"])
    assert complain(shop.group, at=ELEVEN_AT_NIGHT) == []


@pytest.mark.parametrize(
    ("at", "zh", "en"),
    [
        (datetime(2026, 5, 11, 23, 0, tzinfo=SHANGHAI), "明早9:30", "9:30 tomorrow"),
        (datetime(2026, 5, 12, 1, 0, tzinfo=SHANGHAI), "今早9:30", "9:30 today"),
        (datetime(2026, 5, 15, 23, 0, tzinfo=SHANGHAI), "5月18日周一9:30", "9:30 on Monday 18 May"),
    ],
)
def test_the_time_is_said_as_people_say_it(at: datetime, zh: str, en: str) -> None:
    due = answer_by(WorkCalendar(), at=at)
    assert when_words(due, at=at, zone=SHANGHAI, english=False) == zh
    assert when_words(due, at=at, zone=SHANGHAI, english=True) == en
