"""Wording templates: as shipped, as editors want them, in the tone of the brand."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from aijia import pump
from knowledge import kinds, voices, wordings
from knowledge.models import BrandVoice
from knowledge.search import find_examples, search
from knowledge.wordings import as_example, list_templates
from people.models import Tag
from review.models import Draft
from tests.builders import NINE, company, say
from tests.knowledge.builders import published, team

pytestmark = [pytest.mark.django_db, pytest.mark.once]
KEY = "material_received.complete"


def wording(body: str, **fields: object) -> dict[str, object]:
    return {"kind": "customer_wording", "title": "材料齐了", "body": body, "fields": {"template": KEY, **fields}}


def test_every_shipped_template_has_both_languages_and_the_same_facts() -> None:
    templates = wordings.list_templates()
    assert len(templates) > 30
    for one in templates:
        assert one.zh and one.en and one.situation_zh and one.situation_en
        assert one.places("en") <= one.places("zh"), one.key
        assert one.kind == one.key.split(".")[0]


def test_a_published_wording_stands_in_place_of_the_shipped_one_and_is_cited() -> None:
    author, reviewer, _other = team()
    assert wordings.render(KEY, english=False, name="陈女士").version is None
    version = published(author, reviewer, **wording("{greet}图收到啦，工程师正在看。"))
    said = wordings.render(KEY, english=False, name="陈女士")
    assert (said.text, said.version) == ("陈女士您好，图收到啦，工程师正在看。", version)
    assert wordings.render(KEY, english=True, name="Amy").version is None


def test_the_wording_of_a_flow_goes_before_that_of_all() -> None:
    shop = company()
    author, reviewer, _other = team()
    published(author, reviewer, **wording("{greet}收到。"))
    own = published(author, reviewer, flow=shop.flow, **wording("{greet}铭牌收到。"))
    assert wordings.render(KEY, english=False, flow_id=shop.flow.pk).version == own
    assert wordings.render(KEY, english=False, flow_id=None).text == "您好，收到。"


def test_a_wording_must_hold_the_facts_of_its_template_and_no_others() -> None:
    def problems(body: str) -> list[str]:
        return kinds.problems(
            "customer_wording", title="还差", body=body, fields={"template": "material_received.partly", "language": "zh"},
            has_flow=False, products=[], channels=[], has_dates=False,
        )  # fmt: skip

    assert problems("{greet}收到，还差{missing}。") == []
    assert len(problems("{greet}收到。")) == 1
    assert len(problems("{greet}还差{missing}，{price}元。")) == 1


def test_a_wording_for_a_template_answers_no_question() -> None:
    author, reviewer, _other = team()
    published(author, reviewer, **wording("{greet}照片收到了，工程师正在看。"))
    assert search("照片收到了吗", at=NINE + timedelta(days=1)) == []


def test_the_tone_of_the_brand_is_heard_in_what_a_customer_reads() -> None:
    BrandVoice.objects.create(pk=1, tone="formal", greeting="尊敬的{name}，您好！")
    assert (
        wordings.render(KEY, english=False, name="陈女士").text == "尊敬的陈女士，您好！已收到，谢谢您。我们马上核对。"
    )
    BrandVoice.objects.update_or_create(pk=1, defaults={"tone": "plain", "greeting": "{name}，"})
    assert (
        wordings.render("issue_received.choice", english=False, name="陈女士").text
        == "陈女士，好的，记下了，我们这就往下安排。"
    )


def test_a_draft_cites_the_version_that_worded_it() -> None:
    shop = company()
    author, reviewer, _other = team()
    own = published(
        author, reviewer, kind="customer_wording", title="先说收到",
        body="{greet}您的问题我们先去核实，有结果马上在这里回复您。",
        fields={"template": "other.holding", "language": "zh"},
    )  # fmt: skip
    say(shop.group, "wmchen", "你们的滤芯多久换一次", at=NINE)
    pump.drain(NINE + timedelta(seconds=8), channel=False)
    draft = Draft.objects.get()
    assert draft.text == "陈女士您好，您的问题我们先去核实，有结果马上在这里回复您。" and list(draft.sources.all()) == [
        own
    ]


def test_editors_see_every_template_and_what_stands_in_its_place(admin_client: Client) -> None:
    author, reviewer, _other = team()
    version = published(author, reviewer, **wording("{greet}图收到啦。"))
    page = admin_client.get(reverse("admin:knowledge_wordings")).content.decode()
    assert "图收到啦" in page and "收到了，谢谢您" in page and str(version.item_id) in page
    for language, words in (("zh-hans", "要的材料齐了"), ("en", "All that was asked for is there")):
        page = admin_client.get(reverse("admin:knowledge_wordings"), HTTP_ACCEPT_LANGUAGE=language).content.decode()
        assert words in page


def test_the_link_to_add_a_wording_opens_the_form_with_what_is_said_now(admin_client: Client) -> None:
    page = admin_client.get(reverse("admin:knowledge_wordings")).content.decode()
    links = [html.unescape(one) for one in re.findall(r'href="([^"]*template=material_received[^"]*)"', page)]
    assert links and all("language=" in one for one in links)
    form = admin_client.get(links[0]).content.decode()
    assert "收到了" in form and re.search(r'<option value="material_received[^"]*" selected', form)


def test_of_several_voices_the_one_whose_flow_channel_and_tag_fit_speaks_with_its_words_and_examples() -> None:
    shop = company()
    first = BrandVoice.objects.create(name="亲切", greeting="{name}您好～")
    assert voices.voice_for(case=shop.case, conversation=shop.group) == first
    formal = BrandVoice.objects.create(
        name="尊享", tone="formal", greeting="尊敬的{name}，", instead=[["材料", "资料"]]
    )
    kf = BrandVoice.objects.create(name="客服", channels=["微信客服"])
    voices._voices.forget()
    # A voice that names nothing speaks nowhere but as the first.
    assert voices.voice_for(case=shop.case, conversation=shop.group) == first
    tag = Tag.objects.create(name="金卡")
    formal.tags.add(tag)
    assert voices.voice_for(case=shop.case, conversation=shop.group) == first
    shop.case.customer.tags.add(tag)
    assert voices.voice_for(case=shop.case, conversation=shop.group) == formal
    assert voices.voice_for(case=None, conversation=None) == first
    shop.group.surface = "kf"
    assert voices.voice_for(case=None, conversation=shop.group) in (formal, kf)
    kf.tags.add(tag)
    assert voices.voice_for(case=shop.case, conversation=shop.group) == kf
    formal.flows.add(shop.flow)
    shop.group.surface = "customer_group"
    assert voices.voice_for(case=shop.case, conversation=shop.group) == formal
    said = wordings.render(
        "material_request.rejected",
        english=False,
        name="材料女士",
        voice=formal,
        material="材料照片",
        reason="看不清",
        count="",
    )
    plain = wordings.render(
        "material_request.rejected", english=False, name="材料女士", material="材料照片", reason="看不清", count=""
    )
    assert said.text.startswith("尊敬的材料女士，") and "材料照片" in said.text and "～" not in said.text
    assert plain.text.startswith("材料女士您好～")
    author, reviewer, _other = team()
    examples = [
        published(
            author,
            reviewer,
            kind="tone_example",
            title=f"上门{voice}",
            body="师傅明天上午到。",
            fields={"voice": voice},
        )
        for voice in ("亲切", "尊享")
    ]
    assert find_examples("师傅明天上午到", at=NINE, voice=formal) == [examples[1]]
    assert len(find_examples("师傅明天上午到", at=NINE)) == 2
    unknown = {"kind": "tone_example", "title": "a", "body": "b", "fields": {"voice": "没有这个"}}
    assert kinds.problems(**unknown, has_flow=False, products=[], channels=[], has_dates=False)  # type: ignore[arg-type]


def test_a_customer_with_the_tag_is_written_to_in_the_other_voice_and_editors_keep_voices_in_the_admin() -> None:
    shop = company()
    author, _reviewer, _other = team()
    client = Client()
    client.force_login(author.user)  # type: ignore[arg-type]
    add, tag = reverse("admin:knowledge_brandvoice_add"), Tag.objects.create(name="金卡")
    form = {"name": "亲切", "tone": "warm", "greeting": "{name}您好，", "greeting_nameless": "您好，", "greeting_en": "Hi {name}, ",
            "instead": "", "channels": ""}  # fmt: skip
    assert client.post(add, form).status_code == 302
    other = {**form, "name": "尊享", "greeting": "尊敬的{name}：", "instead": "马上→即刻\n亲 -> 您"}
    assert client.post(add, other).status_code == 200  # nowhere to speak
    assert client.post(add, {**other, "tags": [tag.pk], "instead": "只有一半"}).status_code == 200
    assert client.post(add, {**other, "tags": [tag.pk]}).status_code == 302
    first, formal = BrandVoice.objects.order_by("pk")
    assert formal.instead == [["马上", "即刻"], ["亲", "您"]]
    page = client.get(reverse("admin:knowledge_brandvoice_changelist")).content.decode()
    assert "#金卡" in page
    assert (
        client.post(reverse("admin:knowledge_brandvoice_delete", args=[first.pk]), {"post": "yes"}).status_code == 403
    )
    shop.case.customer.tags.add(tag)
    voices._voices.forget()
    say(shop.group, "wmchen", "我的洗衣机漏水了，麻烦安排师傅看看", at=NINE)
    pump.drain(NINE, channel=False)
    draft = Draft.objects.order_by("-pk").first()
    assert draft is not None and draft.text.startswith("尊敬的陈女士：")


def test_an_editor_sees_a_wording_with_an_example_in_each_place() -> None:
    for template in list_templates():
        for language in ("zh", "en"):
            shown = as_example(template.text(language), key=template.key, english=language == "en")
            assert "{" not in shown and shown.strip(), (template.key, language)
    told = as_example("{greet}{time}见，{who}上门，{nonsense}", key="appointment_confirmed.set", english=False)
    assert "周四15:00见，王师傅上门" in told
    assert "{nonsense}" in told  # the template does not know it: it is seen as it is written
