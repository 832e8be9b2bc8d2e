"""The editors' screens over HTTP: every page opens in both languages, buttons are POST and ask for the right, refusals change nothing."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from evidence.models import Entry
from foundation.actors import Actor
from knowledge import operations
from knowledge.models import BrandVoice, Gap, ImportRun, KnowledgeItem, KnowledgeVersion, Proposal, QualityFlag
from people.models import StaffMember, User
from tests.builders import company
from tests.knowledge.builders import ME, NINE, ZONE, campaign_words, colleague, draft, published, team

pytestmark = [pytest.mark.django_db, pytest.mark.once]
WRITER = ("view_knowledgeitem", "change_knowledgeversion", "desensitize_knowledgeversion", "exchange_knowledge")


def _client(staff: StaffMember) -> Client:
    client = Client()
    assert staff.user is not None
    client.force_login(staff.user)
    return client


def _with(*codenames: str) -> Client:
    user = User.objects.create_user(f"u{'-'.join(codenames)}"[:90], password="x", is_staff=True, display_name="某人")
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="knowledge", codename__in=codenames))
    return _client(StaffMember.objects.create(name="某人", user=user))


def _url(name: str, *args: object) -> str:
    return reverse(f"admin:knowledge_{name}", args=args)


def _do(client: Client, item: KnowledgeItem, do: str, **more: object) -> KnowledgeVersion | None:
    answer = client.post(_url("knowledgeitem_act", item.pk), {"do": do, **more})
    assert answer.status_code == 302, answer.status_code
    return item.versions.order_by("-number").first()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_of_the_editors_opens(language: str) -> None:
    author, reviewer, _other = team()
    client = _client(author)
    client.cookies["django_language"] = language
    shop, now = company(), timezone.now()
    version = published(author, reviewer, at=now)
    other = published(author, reviewer, at=now, body="整机保修两年，主要部件保修五年。")
    operations.flag_version(version=other, at=now)
    kinds = [
        {"kind": "material_list", "title": "材料", "flow": shop.flow, "fields": {"hints": ["清楚"]}},
        {"kind": "forbidden_commitment", "title": "不说", "body": "x", "fields": {"patterns": ["一定好"]}},
        campaign_words(now),
    ]
    items = [version.item, other.item, *(draft(author, at=now, **one).item for one in kinds)]
    new = operations.new_version(item_id=version.item_id, author=author, actor=ME, at=now, body="新的说法")
    operations.record_gap(question="能刷花呗吗", at=now)
    proposal = operations.propose(source="api", kind="policy", title="问13812345678", body="答", actor=ME, at=now)
    run = operations.begin_import(
        file_name="a.csv",
        data="标题,内容,什么\n保修期,两年,x\n新的,答,y".encode(),
        kind="policy",
        by=author,
        actor=ME,
        at=now,
    )
    pages = [
        *(_url(f"{name}_changelist") for name in ("knowledgeitem", "proposal", "gap", "qualityflag", "importrun", "knowledgepolicy")),
        *(f"{_url('knowledgeitem_changelist')}?{query}" for query in (
            "state=published", "state=draft", "state=none", "care=due", "care=unused", "care=rejected", "care=mine", "when=now",
            "when=next", "when=past", "q=保修", "file=1",
        )),
        *(_url(f"knowledgeitem_{name}") for name in ("add", "board", "calendar", "try")),
        *(f"{_url('knowledgeitem_add')}?kind={kind}" for kind in ("campaign", "material_list", "platform_rule", "contraindication")),
        *(_url("knowledgeitem_change", item.pk) for item in items),
        *(_url("knowledgeitem_edit", item.pk) for item in (version.item, items[2], items[4])),
        _url("knowledgeitem_diff", version.item_id), _url("gap_change", Gap.objects.get().pk), _url("proposal_change", proposal.pk),
        _url("qualityflag_change", QualityFlag.objects.get().pk), _url("importrun_add"), _url("importrun_export"),
        _url("importrun_change", run.pk), _url("knowledgeitem_history", version.item_id), _url("knowledgepolicy_add"),
    ]  # fmt: skip
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200, page
    text = client.get(_url("knowledgeitem_diff", version.item_id)).content.decode()
    assert "<ins>" in text and "<del>" in text
    text = client.get(_url("importrun_change", run.pk)).content.decode()
    assert "什么" in text and new.title in text
    for format in ("xlsx", "csv", "md"):
        assert len(client.get(_url("importrun_export"), {"format": format}).content) > 50


def test_an_item_is_written_checked_planned_and_retired_by_its_buttons() -> None:
    author, reviewer, _other = team()
    writer, checker = _client(author), _client(reviewer)
    form = {
        "title": "换新活动", "body": "活动满3000减300，热线400-820-1234，找13812345678。", "questions": "换新怎么参加\n换新活动规则",
        "valid_from": "2036-05-11T20:30", "valid_until": "2036-05-18T00:00", "field_terms": "每人一次", "field_link": "", "products": "",
        "channels": "", "audience": "customer", "owner": author.pk, "code": "", "review_by": "", "note": "",
    }  # fmt: skip
    assert "13812345678" in writer.post(_url("knowledgeitem_preview"), {**form, "kind": "campaign"}).content.decode()
    assert writer.post(f"{_url('knowledgeitem_add')}?kind=campaign", {**form, "valid_until": ""}).status_code == 200
    assert writer.post(f"{_url('knowledgeitem_add')}?kind=campaign", form).status_code == 302
    version = KnowledgeVersion.objects.get()
    item = version.item
    assert version.valid_from is not None and version.valid_from.isoformat() == "2036-05-11T12:30:00+00:00"
    _do(writer, item, "desensitize")
    version.refresh_from_db()
    assert version.state == "draft"
    found = {one.text: one.key for one in operations.findings_of(version)}
    _do(
        writer,
        item,
        "settle",
        **{f"finding-{found['13812345678']}": "mask", f"finding-{found['400-820-1234']}": "keep"},
    )
    _do(writer, item, "desensitize")
    version.refresh_from_db()
    assert (version.state, version.body) == ("desensitized", "活动满3000减300，热线400-820-1234，找【电话】。")
    _do(writer, item, "review")
    version.refresh_from_db()
    assert version.state == "desensitized"
    _do(checker, item, "review")
    _do(checker, item, "schedule", publish_at="2036-05-10T09:00")
    version.refresh_from_db()
    assert version.publish_at is not None and version.publish_at.isoformat() == "2036-05-10T01:00:00+00:00"
    _do(checker, item, "unschedule")
    _do(checker, item, "publish")
    version.refresh_from_db()
    assert version.state == "published"
    _do(checker, item, "confirm", review_by="2036-01-01")
    _do(checker, item, "retire", reason_code="ended", reason="办完了")
    version.refresh_from_db()
    assert (version.state, version.retire_reason, version.retire_note) == ("retired", "ended", "办完了")


def test_buttons_ask_for_the_right_and_a_get_changes_nothing() -> None:
    author, _reviewer, _other = team()
    version = draft(author)
    item = version.item
    looker, writer = _with("view_knowledgeitem"), _with(*WRITER)
    for do in (
        "desensitize",
        "settle",
        "withdraw",
        "new_version",
        "review",
        "publish",
        "schedule",
        "retire",
        "confirm",
        "nonsense",
    ):
        assert looker.post(_url("knowledgeitem_act", item.pk), {"do": do}).status_code == 403, do
    for do in ("review", "publish", "retire", "confirm", "send_back"):
        assert writer.post(_url("knowledgeitem_act", item.pk), {"do": do}).status_code == 403, do
    for page in (
        _url("knowledgeitem_add"),
        _url("knowledgeitem_edit", item.pk),
        _url("importrun_add"),
        _url("importrun_export"),
    ):
        assert looker.get(page).status_code == 403, page
    assert looker.get(_url("knowledgeitem_change", item.pk)).status_code == 200
    assert writer.get(_url("knowledgeitem_act", item.pk)).status_code == 302
    nobody = _client(colleague("外人", superuser=False))
    for page in (_url("knowledgeitem_change", item.pk), _url("knowledgeitem_board"), _url("knowledgeitem_calendar")):
        assert nobody.get(page).status_code == 403, page
    version.refresh_from_db()
    assert version.state == "draft" and item.versions.count() == 1


def test_many_are_desensitised_reviewed_and_published_at_once_and_those_with_findings_stay() -> None:
    author, reviewer, _other = team()
    versions = [draft(author, title=f"题{number}") for number in range(3)] + [
        draft(author, title="有电话", body="打13812345678")
    ]
    keys = [version.item_id for version in versions]
    for client, action in (
        (_client(author), "desensitize"),
        (_client(reviewer), "review"),
        (_client(reviewer), "publish"),
    ):
        answer = client.post(
            _url("knowledgeitem_changelist"), {"action": f"{action}_selected", "_selected_action": keys}, follow=True
        )
        assert answer.status_code == 200
    states = list(KnowledgeVersion.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["published"] * 3 + ["draft"]


def test_a_sample_picture_is_one_and_is_served_to_colleagues_only(settings: object, tmp_path: object) -> None:
    settings.MEDIA_ROOT = str(tmp_path)  # type: ignore[attr-defined]
    author, _reviewer, _other = team()
    shop, client = company(), _client(author)
    out = io.BytesIO()
    Image.new("RGB", (9, 9)).save(out, "PNG")
    form = {
        "title": "材料",
        "body": "请发{materials}",
        "flow": shop.flow.pk,
        "audience": "customer",
        "owner": author.pk,
    }
    bad = io.BytesIO(b"<script>")
    bad.name = "a.png"
    page = f"{_url('knowledgeitem_add')}?kind=material_list"
    assert client.post(page, {**form, "sample": bad}).status_code == 200 and not KnowledgeVersion.objects.exists()
    out.seek(0)
    out.name = "a.png"
    assert client.post(page, {**form, "sample": out}).status_code == 302
    version = KnowledgeVersion.objects.get()
    answer = client.get(_url("knowledgeitem_sample", version.pk))
    assert answer["Content-Type"] == "image/png" and b"".join(answer.streaming_content)[:4] == b"\x89PNG"  # type: ignore[attr-defined]
    nobody = _client(colleague("外人", superuser=False))
    assert nobody.get(_url("knowledgeitem_sample", version.pk)).status_code == 403


def test_a_proposal_is_decided_finding_by_finding_and_a_gap_is_settled() -> None:
    author, _reviewer, _other = team()
    client, now = _client(author), timezone.now()
    proposal = operations.propose(
        source="api", kind="policy", title="移机", body="打13812345678约移机。", actor=ME, at=now, note="常问"
    )
    page = client.get(_url("proposal_change", proposal.pk)).content.decode()
    assert "13812345678" in page
    looked = _with("view_knowledgeitem").get(_url("proposal_change", proposal.pk)).content.decode()
    assert "13812345678" not in looked and "【电话】" in looked
    client.post(_url("proposal_decide", proposal.pk), {"do": "accept"})
    assert Proposal.objects.get().state == "open"
    found = [one for part in operations.proposal_findings(proposal).values() for one in part]
    answer = client.post(
        _url("proposal_decide", proposal.pk), {"do": "accept", **{f"finding-{one.key}": "mask" for one in found}}
    )
    version = KnowledgeVersion.objects.get()
    assert answer["Location"] == _url("knowledgeitem_edit", version.item_id) and version.body == "打【电话】约移机。"
    gap = operations.record_gap(question="能刷花呗吗", at=now)
    client.post(_url("gap_settle", gap.pk), {"item": version.item_id})
    gap.refresh_from_db()
    assert (gap.state, gap.item) == ("answered", version.item)


def test_a_file_is_brought_looked_at_mapped_and_taken_over() -> None:
    author, _reviewer, _other = team()
    client = _client(author)
    file = io.BytesIO("甲,乙\n怎么退货？,七天内可退。\n怎么换货？,十五天内可换。".encode())
    file.name = "表.csv"
    answer = client.post(_url("importrun_add"), {"file": file, "kind": "policy"})
    run = ImportRun.objects.get()
    assert answer["Location"] == _url("importrun_change", run.pk) and run.columns["fields"] == ["title", "body"]
    client.post(
        _url("importrun_do", run.pk), {"do": "map", "column-0": "title", "column-1": "questions", "kind": "product"}
    )
    run.refresh_from_db()
    assert (run.columns["fields"], run.kind) == (["title", "questions"], "product")
    client.post(_url("importrun_do", run.pk), {"do": "map", "column-0": "title", "column-1": "body", "kind": "policy"})
    client.post(_url("importrun_do", run.pk), {"do": "apply", "seen": "something else"})
    assert not KnowledgeItem.objects.exists()
    run.refresh_from_db()
    seen = operations.plan_of(run).fingerprint()
    answer = client.post(_url("importrun_do", run.pk), {"do": "apply", "seen": seen}, follow=True)
    assert (
        "怎么退货" in answer.content.decode()
        and KnowledgeVersion.objects.filter(state="draft", author=author).count() == 2
    )
    bad = io.BytesIO(b"PK\x03\x04nothing")
    bad.name = "坏.xlsx"
    assert client.post(_url("importrun_add"), {"file": bad, "kind": "policy"}).status_code == 200
    assert ImportRun.objects.count() == 1


def test_a_colleague_proposes_from_a_case_what_was_said_without_names() -> None:
    from tests.builders import NINE, say

    shop = company()
    say(shop.group, "wmchen", "请问滤芯多久换一次？我是陈女士，电话13812345678", at=NINE)
    say(shop.group, "lin", "陈女士您好，滤芯三个月换一次。", at=NINE)
    user = User.objects.create_user("lin", password="x", is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(codename__in=["view_knowledgeitem", "view_servicecase", "work_on_case"])
    )
    shop.handler.user = user
    shop.handler.save()
    client, here = _client(shop.handler), reverse("admin:knowledge_proposal_from_case", args=[shop.case.pk])
    assert here in client.get(reverse("admin:cases_servicecase_change", args=[shop.case.pk])).content.decode()
    page = client.get(here).content.decode()
    assert "滤芯多久换一次" in page and "13812345678" not in page
    client.post(here, {"kind": "product"})
    assert not Proposal.objects.exists()
    keys = [one.pk for one, _words in operations.said_in_masked(shop.case)]
    assert client.post(here, {"kind": "product", "message": keys, "note": "常问"}).status_code == 302
    proposal = Proposal.objects.get()
    title, body = operations.proposed_words(proposal)
    assert (proposal.source, proposal.kind, body) == (
        "case",
        "product",
        "滤芯三个月换一次。",
    ) and "滤芯多久换一次" in title
    stranger = _client(colleague("外人", superuser=False))
    assert stranger.get(here).status_code in (403, 404)


def test_drafts_that_lack_something_are_found_together_and_a_file_says_how_many() -> None:
    author, _reviewer, _other = team()
    client = _client(author)
    older = draft(author, title="旧的空草稿", body="")
    file = io.BytesIO("问题,答案\n怎么除垢,用柠檬酸。\n怎么报修,打13912345678。\n怎么退货,".encode())
    file.name = "faq.csv"
    run_page = client.post(_url("importrun_add"), {"file": file, "kind": "customer_wording"})["Location"]
    seen = client.get(run_page).context["seen"]
    run = ImportRun.objects.get()
    answer = client.post(_url("importrun_do", run.pk), {"do": "apply", "seen": seen}, follow=True)
    assert f"?file={run.pk}&amp;care=mend" in answer.content.decode()
    listed = client.get(_url("knowledgeitem_changelist"), {"file": run.pk, "care": "mend"}).context["cl"].queryset
    assert {item.title for item in listed} == {"怎么报修", "怎么退货"}
    shown = client.get(_url("knowledgeitem_changelist"), {"care": "mend"})
    assert older.item in shown.context["cl"].queryset and shown.context["cl"].queryset.count() == 3
    assert "电话" in shown.content.decode(), "the list says what each of them lacks"


def test_the_list_begins_with_its_states_and_how_many_stand_in_each(django_assert_max_num_queries: Any) -> None:
    author, reviewer, _other = team()
    client = _client(author)
    for number in range(3):
        published(author, reviewer, title=f"已发布{number}", at=timezone.now())
    draft(author, title="草稿")
    gone = published(author, reviewer, title="下架的", at=timezone.now())
    operations.retire(item_id=gone.item_id, reason="outdated", actor=ME, at=timezone.now())
    page = client.get(_url("knowledgeitem_changelist"), {"kind__exact": "policy", "state": "published"})
    tabs = page.context["tabs"]
    assert [tab["count"] for tab in tabs] == [None, 1, 0, 0, 3, 1]
    assert [tab["here"] for tab in tabs] == [False, False, False, False, True, False]
    assert tabs[1]["query"] == "kind__exact=policy&state=draft"
    for care in ("", "mend"):
        with django_assert_max_num_queries(30):
            client.get(_url("knowledgeitem_changelist"), {"care": care} if care else {})


def test_a_question_is_tried_now_and_at_the_first_minute_of_a_campaign() -> None:
    author, reviewer, _other = team()
    client, now = _client(author), timezone.now()
    since = (now + timedelta(days=7)).replace(second=0, microsecond=0)
    version = published(author, reviewer, at=now, **campaign_words(since))
    local = since.astimezone(ZONE)
    asked = {"q": "夏日焕新有什么活动", "audience": "customer"}
    early = client.get(_url("knowledgeitem_try"), {**asked, "at": f"{local - timedelta(minutes=1):%Y-%m-%dT%H:%M}"})
    assert early.context["hits"] == [] and version.body not in early.content.decode()
    on_time = client.get(_url("knowledgeitem_try"), {**asked, "at": f"{local:%Y-%m-%dT%H:%M}"})
    assert on_time.context["hits"] == [version] and version.body in on_time.content.decode()
    assert Gap.objects.count() == 0
    page = client.get(_url("knowledgeitem_change", version.item_id)).content.decode()
    assert f"at={local:%Y-%m-%dT%H:%M}" in page


def test_lists_of_unused_and_rejected_items_say_how_they_were_used() -> None:
    author, reviewer, _other = team()
    client, now = _client(author), timezone.now()
    bad = published(author, reviewer, at=now - timedelta(days=200))
    published(author, reviewer, at=now - timedelta(days=200), title="没人问的", body="没有人问过这件事。")
    for _time in range(4):
        operations.record_use(versions=[bad], outcome="cited", at=now)
        operations.record_use(versions=[bad], outcome="rejected", at=now)
    client.cookies["django_language"] = "en"
    assert (
        "4 of 4 texts rejected" in client.get(_url("knowledgeitem_changelist"), {"care": "rejected"}).content.decode()
    )
    assert "never cited" in client.get(_url("knowledgeitem_changelist"), {"care": "unused"}).content.decode()


def test_what_the_product_proposed_itself_is_told_in_words() -> None:
    author, _reviewer, _other = team()
    client = _client(author)
    client.cookies["django_language"] = "en"
    row = operations.record_finding(
        code="leak", about="名称", words="顺达", text="顺达说明天来", names=[], times=2, actor=Actor.machine("quality"), at=timezone.now()
    )  # fmt: skip
    for page in (_url("proposal_change", row.pk), _url("knowledgeitem_board")):
        text = client.get(page).content.decode()
        assert "Came up 2 times." in text and "Quality check" in text and "×2" not in text


def test_what_is_shown_is_what_a_customer_reads_and_an_ended_campaign_is_retired_in_one_press() -> None:
    author, reviewer, _other = team()
    client, at = _client(reviewer), timezone.now()
    BrandVoice.objects.create(tone="formal", greeting="尊敬的{name}，您好。")
    version = published(author, reviewer, at=at, body="整机保修一年。")
    page = client.get(_url("knowledgeitem_change", version.item_id)).content.decode()
    assert "尊敬的陈女士，您好。整机保修一年。" in page
    tried = client.get(_url("knowledgeitem_try"), {"q": "保修期多久"}).content.decode()
    assert "尊敬的陈女士，您好。整机保修一年。" in tried
    editor = _client(author)
    shown = editor.post(_url("knowledgeitem_preview"), {"kind": "policy", "body": "整机保修两年。"}).content.decode()
    assert "尊敬的陈女士，您好。整机保修两年。" in shown
    words = {"kind": "customer_wording", "body": "{greet}收到。", "field_template": "material_received.unasked"}
    assert ">尊敬的陈女士，您好。收到。<" in editor.post(_url("knowledgeitem_preview"), words).content.decode()
    week = timedelta(days=7)
    over = published(author, reviewer, at=at - 2 * week, **campaign_words(at - 2 * week, days=5))
    page = client.get(_url("knowledgeitem_change", over.item_id)).content.decode()
    assert '<option value="ended" selected>' in page and 'value="confirm"' not in page
    client.post(_url("knowledgeitem_act", over.item_id), {"do": "retire", "reason_code": "ended"})
    client.cookies["django_language"] = "en"
    assert (
        "It is retired: nobody is told it any more."
        in client.get(_url("knowledgeitem_change", over.item_id)).content.decode()
    )


def test_a_brand_voice_is_heard_on_its_page_in_both_languages() -> None:
    author, _reviewer, _other = team()
    client = _client(author)
    voice = BrandVoice.objects.create(tone="formal", greeting="尊敬的{name}，您好。", instead=[["建议", "请"]])
    for language, label in (("zh-hans", "听起来是这样"), ("en", "How it sounds")):
        client.cookies["django_language"] = language
        page = client.get(_url("brandvoice_change", voice.pk)).content.decode()
        assert label in page and "尊敬的陈女士，您好。滤芯" in page and "已收到，谢谢您。已经登记" in page


def _desensitized(version: KnowledgeVersion) -> KnowledgeVersion:
    return operations.desensitize(version_id=version.pk, by=version.author, actor=ME, at=NINE)


def test_a_hotline_that_stands_in_many_drafts_is_looked_at_once() -> None:
    author, _reviewer, _other = team()
    client = _client(author)
    hotline = [draft(author, title=f"{one}坏了找谁", body="请拨打400-820-1234。") for one in ("冰箱", "烤箱", "空调")]
    other = draft(author, title="找谁", body="急的话打13812345678，或400-820-1234。")
    gone = _desensitized(draft(author, title="旧的", body="见说明书。"))
    page = client.get(_url("knowledgeitem_change", hotline[0].item_id)).content.decode()
    assert page.count('value="keep_in_all"') == 1
    [key] = [one.key for one in operations.findings_of(hotline[0])]
    _do(client, hotline[0].item, "settle", **{f"finding-{key}": "keep_in_all"})
    for version in (*hotline, other, gone):
        version.refresh_from_db()
    assert [operations.findings_of(one) for one in hotline] == [[], [], []]
    assert [one.text for one in operations.findings_of(other)] == ["13812345678"]
    assert gone.kept == []
    assert Entry.objects.filter(kind="knowledge_update", refs__knowledge_version=str(hotline[2].public_id)).exists()


def test_the_items_of_a_file_stand_in_its_order() -> None:
    author, _reviewer, _other = team()
    client = _client(author)
    data = "问题,答案\n怎么退货,见说明。\n保修多久,见说明。\n哪里开票,见说明。\n合计,3".encode()
    run = operations.begin_import(file_name="a.csv", data=data, kind="policy", by=author, actor=ME, at=NINE)
    seen = operations.plan_of(run).fingerprint()
    operations.apply_import(run_id=run.pk, seen=seen, by=author, actor=ME, at=NINE)
    page = client.get(f"{reverse('admin:knowledge_knowledgeitem_changelist')}?file={run.pk}").content.decode()
    places = [page.index(title) for title in ("怎么退货", "保修多久", "哪里开票")]
    assert places == sorted(places)
