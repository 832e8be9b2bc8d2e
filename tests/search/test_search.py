"""One box: parts of words, numbers, names and messages, of what one may see and of nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from aijia import roles
from aijia.search.finding import find
from aijia.search.grams import asked, pieces, plain
from aijia.search.index import rebuild, sweep_search
from aijia.search.models import SearchEntry
from cases.models import ServiceCase
from conversations.models import Conversation, Member, Message
from people.models import Customer, Person, StaffMember, Team, User, Visibility
from tests.builders import NINE, Company, say
from tests.knowledge.builders import published, team

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(ready: Company) -> Company:
    shop = ready
    ServiceCase.objects.update(title="洗衣机漏水")
    case = ServiceCase.objects.get()
    case.labels = ["SF1234567890", "订单 20260511-88"]
    case.save()
    say(shop.group, "wmchen", "洗衣机脱水的时候底下漏水，型号是 WM-Pro９８", at=NINE)
    say(shop.partner_group, "wmwang", "后天上午有空，可以上門", at=NINE)
    return shop


def boss() -> StaffMember:
    return StaffMember.objects.filter(name="何姐").order_by("pk")[0]


def texts(question: str, staff: StaffMember | None = None) -> list[str]:
    return [message.text for message in find(question, staff=staff or boss()).messages]


@pytest.mark.parametrize(
    "part",
    ["漏水", "脱水的时", "水", "底下漏水，型号", "pro98", "WM-PRO", "ｐｒｏ", "o9", "9", "型号 漏水", "洗衣机 pro"],
)
def test_any_part_of_what_was_said_finds_it(shop: Company, part: str) -> None:
    assert texts(part) == ["洗衣机脱水的时候底下漏水，型号是 WM-Pro９８"]


@pytest.mark.parametrize(
    "part",
    [
        "漏电",
        "水漏",
        "pro99",
        "型号 上门",
        "脱水时",
        "",
        "  ",
        "，",
        "'",
        '"',
        "%",
        "a'b\"c",
        "' OR 1=1",
        "*",
        "NOT 漏",
    ],
)
def test_what_is_not_there_is_not_found_and_nothing_breaks(shop: Company, part: str) -> None:
    assert texts(part) == []


def test_traditional_and_simplified_are_one(shop: Company) -> None:
    assert texts("上门") == texts("上門") == ["后天上午有空，可以上門"]


def test_cases_are_found_by_number_title_order_and_customer(shop: Company) -> None:
    for part in (shop.case.number, shop.case.number[-4:], "漏水", "sf1234", "567890", "20260511", "陈女"):
        assert [case.pk for case in find(part, staff=boss()).cases] == [shop.case.pk], part


def test_customers_and_people_are_found_by_part_of_the_name_and_by_the_whole_phone(shop: Company) -> None:
    customer = shop.case.customer
    customer.phone = "13800135678"
    customer.save()
    assert find("陈", staff=boss()).customers == [customer]
    assert shop.contact in find("女士", staff=boss()).people
    assert find("138 0013 5678", staff=boss(), phones=True).customers == [customer]
    assert find("13800135678", staff=boss()).customers == []
    assert find("3800135678", staff=boss(), phones=True).customers == []


def test_what_is_renamed_is_found_by_the_new_name_only(shop: Company) -> None:
    customer = shop.case.customer
    customer.name = "欧阳先生"
    customer.save()
    assert find("欧阳", staff=boss()).customers == [customer]
    assert [case.pk for case in find("欧阳", staff=boss()).cases] == [shop.case.pk]
    assert find("陈女士", staff=boss()).customers == []
    person = Person.objects.create(name="临时")
    person.delete()
    assert find("临时", staff=boss()).people == []


def test_the_newest_come_first_and_more_is_said(shop: Company) -> None:
    for number in range(12):
        say(shop.group, "wmchen", f"第{number}次催配件", at=NINE)
    found = find("催配件", staff=boss(), limit=5)
    assert [message.text for message in found.messages] == [f"第{number}次催配件" for number in range(11, 6, -1)]
    assert found.more == {"message"}


def test_the_sweep_and_the_command_find_what_was_saved_otherwise(shop: Company) -> None:
    before = set(SearchEntry.objects.values_list("kind", "ref", "grams"))
    SearchEntry.objects.all().delete()
    assert texts("漏水") == []
    assert sweep_search() == len(before) and sweep_search() == 0
    assert set(SearchEntry.objects.values_list("kind", "ref", "grams")) == before
    assert rebuild() == len(before)
    assert texts("漏水") and set(SearchEntry.objects.values_list("kind", "ref", "grams")) == before


def test_another_team_finds_nothing_of_it(shop: Company) -> None:
    mine, other = Team.objects.create(name="一组"), Team.objects.create(name="二组")
    for model in (ServiceCase, Conversation, Customer):
        model.objects.update(team=mine)  # type: ignore[attr-defined]
    stranger = StaffMember.objects.create(name="小江", team=other, visibility=Visibility.TEAM)
    friend = StaffMember.objects.create(name="小周", team=mine, visibility=Visibility.TEAM)
    for part in ("漏水", "陈女士", shop.case.number, "sf1234", "上门", "女士", "王师傅"):
        assert find(part, staff=stranger, phones=True).nothing, part
        assert not find(part, staff=friend).nothing, part
        assert find(part, staff=None).nothing, part
    assert find("漏水", staff=None, everything=True).messages


def test_who_sees_only_their_own_finds_only_that(shop: Company) -> None:
    """A handler with own visibility: what they own, and where they are a member; not the case and the customer of a colleague beside it."""
    alone = StaffMember.objects.create(name="小江", visibility=Visibility.OWN)
    for part in ("漏水", "上门", shop.case.number, "sf1234", "0511-8", "洗衣"):
        assert find(part, staff=alone).nothing, part
    person = Person.objects.create(name="小江", side="internal", staff=alone)
    Member.objects.create(conversation=shop.partner_group, person=person, joined_at=NINE)
    found = find("上门", staff=alone)
    assert [message.text for message in found.messages] == ["后天上午有空，可以上門"] and not found.cases
    assert not find("漏水", staff=alone).messages, "the customer's group is another's"
    assert [one.name for one in find("王师", staff=alone).people] == ["王师傅"]
    assert find("陈女", staff=alone).nothing
    Customer.objects.filter(pk=shop.case.customer_id).update(owner=alone)
    assert [one.name for one in find("陈女", staff=alone).customers] == ["陈女士"]


@pytest.mark.parametrize("question", ["", "   ", "\u3000", "？！", "%", "_", "'", '"*', "\x00", "a" * 1000])
def test_a_question_without_words_finds_nothing_and_breaks_nothing(shop: Company, question: str) -> None:
    assert find(question, staff=boss(), phones=True).nothing
    assert signed_in().get("/admin/find/", {"q": question}).status_code == 200


def test_a_common_word_does_not_hide_what_one_may_see(shop: Company) -> None:
    """The newest thousand are another team's."""
    other = Team.objects.create(name="二组")
    mine = StaffMember.objects.create(name="小江", team=other, visibility=Visibility.TEAM)
    own = Conversation.objects.create(account="test", external_id="own", kind="customer_group", team=other)
    say(own, "wmchen", "您好，漏水", at=NINE)
    first = Message.objects.last()
    assert first is not None
    rows = [
        Message(
            conversation=shop.group, account="test", source="x", external_id=f"b{number}", position=1000 + number,
            sender=first.sender, sender_side="customer", sent_at=NINE, received_at=NINE, text=f"漏水 {number}",
        ) for number in range(1000)
    ]  # fmt: skip
    Message.objects.bulk_create(rows)
    assert sweep_search() == 1000
    assert [message.conversation for message in find("漏水", staff=mine).messages] == [own]


def test_pieces_of_words() -> None:
    assert plain("ＡＢＣ　型號\n x") == "abc 型号 x"
    assert set(pieces("漏水a12", kind="message").split()) == {"\u2170me", "漏水", "水", "a12", "12", "2"}
    assert asked("水", kind="case") == [("\u2170ca", False), ("水", True)]
    assert asked("，", kind="case") == []


def signed_in(*, role: str = roles.HANDLER) -> Client:
    roles.keep_roles()
    user = User.objects.create_user(f"u{role}", password="x", is_staff=True)
    user.groups.set(Group.objects.filter(name=role))
    StaffMember.objects.create(user=user, name="小林")
    client = Client()
    client.force_login(user)
    return client


def test_the_page_groups_marks_and_escapes(shop: Company) -> None:
    say(shop.group, "wmchen", "<script>alert(1)</script> 漏水", at=NINE)
    page = signed_in().get("/admin/find/", {"q": "漏水"}).content.decode()
    assert "<mark>漏水</mark>" in page and "&lt;script&gt;alert(1)" in page and "<script>alert(1)" not in page
    assert page.index("服务单") and "消息" in page and shop.case.number in page
    assert 'id="find-box"' in page


def test_an_empty_page_says_what_to_do(shop: Company) -> None:
    client = signed_in()
    assert "两个字就够" in client.get("/admin/find/").content.decode()
    assert "换一部分" in client.get("/admin/find/", {"q": "不存在的东西"}).content.decode()
    assert client.get("/admin/find/", {"q": "漏" * 500, "kind": "nonsense"}).status_code == 200
    assert Client().get("/admin/find/", {"q": "漏水"}).status_code == 302


def test_knowledge_is_found_by_a_piece_of_it_and_not_by_something_near(shop: Company) -> None:
    author, reviewer, _other = team()
    published(author, reviewer, title="七天无理由退货", body="签收七天内，商品未安装使用的，支持七天无理由退货。")
    for question, found in (
        ("退货", 1),
        ("无理由退货怎么办", 1),
        ("七天", 1),
        ("不存在", 0),
        ("张七丰", 0),
        ("火星人", 0),
    ):
        knowledge = find(question, staff=boss(), at=NINE + timedelta(days=1)).knowledge
        assert len(knowledge) == found, (question, [hit.version.title for hit in knowledge])


def test_the_query_count_does_not_grow(shop: Company, django_assert_max_num_queries: Any) -> None:
    client = signed_in()
    for number in range(30):
        say(shop.group, "wmchen", f"漏水 {number}", at=NINE)
    client.get("/admin/find/", {"q": "漏水"})
    with django_assert_max_num_queries(40):
        client.get("/admin/find/", {"q": "漏水"})


def test_customers_are_found_by_the_end_of_their_phone(shop: Company) -> None:
    customer = shop.case.customer
    customer.phone = "138 0013 5678"
    customer.save()
    other = Customer.objects.create(name="别人", phone="13900005678")

    def found(question: str, **more: Any) -> set[str]:
        return {one.name for one in find(question, staff=shop.handler, phones=True, **more).customers}

    assert found("5678") == {customer.name, other.name}
    assert found("05678") == {other.name}
    assert found("678") == set() == found("尾号5679")
    assert {one.name for one in find("5678", staff=shop.handler).customers} == set()
    StaffMember.objects.filter(pk=shop.handler.pk).update(visibility="own")
    shop.handler.refresh_from_db()
    assert found("5678") == set()


def test_how_many_there_are_is_counted_among_what_one_may_see(shop: Company) -> None:
    for number in range(12):
        say(shop.group, "wmchen", f"第{number}次催配件", at=NINE)
        say(shop.partner_group, "wmwang", f"第{number}次催配件，师傅", at=NINE)
    assert find("催配件", staff=boss(), limit=5).counts["message"] == 24
    nobody = StaffMember.objects.create(name="空手", team=Team.objects.create(name="空组"), visibility=Visibility.TEAM)
    assert find("催配件", staff=nobody).counts == dict.fromkeys(("case", "customer", "person", "message"), 0)
    page = signed_in().get("/admin/find/", {"q": "催配件"}).content.decode()
    assert '消息 <span class="aj-muted">24</span>' in page


def test_both_ways_of_looking_find_the_same(shop: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """Along the rows that somebody sees, where these are few, and along the index, where they are many."""
    for number in range(30):
        say(shop.group, "wmchen", f"漏水 {number}", at=NINE)
    mine = Team.objects.create(name="一组")
    Conversation.objects.filter(pk=shop.group.pk).update(team=mine)
    friend = StaffMember.objects.create(name="小周", team=mine, visibility=Visibility.TEAM)
    for staff in (boss(), friend):
        for part in ("漏水", "漏水 2", "水", "上门", "没有"):
            few = find(part, staff=staff)
            monkeypatch.setattr("aijia.search.finding.FEW", 3)
            many = find(part, staff=staff)
            monkeypatch.undo()
            assert (few.messages, few.counts, few.cases, few.people) == (
                many.messages,
                many.counts,
                many.cases,
                many.people,
            )
    assert len(find("上门", staff=boss()).messages) == 1 and not find("上门", staff=friend).messages
