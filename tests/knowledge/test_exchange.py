"""Tables of business people in, everything out again: a dry run first, no loss, no formulas, clear refusals."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, timedelta
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.errors import Refused, Stale, WrongState
from knowledge import operations
from knowledge.exchange.columns import guess
from knowledge.exchange.periods import NoPeriod, is_always, read_period
from knowledge.exchange.plan import build_plan
from knowledge.exchange.tables import guarded, read_table, unguarded
from knowledge.exchange.writing import FORMATS, exported, write
from knowledge.models import ImportRun, KnowledgeItem, KnowledgeVersion
from tests.builders import company
from tests.knowledge.builders import ME, NINE, ZONE, campaign_words, draft, published, team

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def _csv(*rows: str, encoding: str = "utf-8") -> bytes:
    return "\n".join(rows).encode(encoding)


def _import(data: bytes, name: str = "faq.csv", kind: str = "customer_wording", **more: Any) -> ImportRun:
    run = operations.begin_import(file_name=name, data=data, kind=kind, by=None, actor=ME, at=NINE)
    operations.apply_import(
        run_id=run.pk, seen=operations.plan_of(run).fingerprint(), by=None, actor=ME, at=NINE, **more
    )
    run.refresh_from_db()
    return run


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        (("序号", "客户常见问题", "标准回复话术", "相似问法"), ["code", "title", "body", "questions"]),
        (("No.", "Question", "Answer", "Category"), ["code", "title", "body", ""]),
        (
            ("政策名称", "适用商品", "具体内容（对外）", "生效日期", "负责人"),
            ["title", "products", "body", "valid_from", "owner"],
        ),
        (("活动名称", "活动内容", "开始时间", "结束时间"), ["title", "body", "valid_from", "valid_until"]),
        (("Topic", "What we say to customers", "Keywords"), ["title", "body", "questions"]),
        (("甲", "乙"), ["title", "body"]),
    ],
)
def test_columns_are_known_by_whatever_name_they_have(headers: tuple[str, ...], fields: list[str]) -> None:
    cells = {"title": "怎么申请退货？", "": "x类", "code": "7", "甲": "怎么申请退货？", "乙": "在订单页点退货，三天内有人联系您。",
             "What we say to customers": "Open the order and press return; we call you."}  # fmt: skip
    row = [cells.get(header, cells.get(field, "长一点的内容")) for header, field in zip(headers, fields, strict=True)]
    assert guess(read_table("a.csv", _csv(",".join(headers), ",".join(row)))) == fields


def test_a_column_of_kinds_with_one_unknown_is_one_and_a_shops_own_categories_are_none() -> None:
    mixed = read_table(
        "a.csv",
        _csv("类型,标题,内容", "FAQ,滤芯多久换,一般六个月。", "政策,保修期,整机保修。", "小道消息,要涨价了,不知道。"),
    )
    assert guess(mixed) == ["kind", "title", "body"]
    wrong = [step for step in build_plan(mixed, guess(mixed), kind="policy", on=NINE.date()).steps if step.problems]
    assert [step.row for step in wrong] == [4] and "小道消息" in str(wrong[0].problems)
    own = read_table("a.csv", _csv("类型,标题,内容", "厨房,滤芯多久换,一般六个月。", "卫浴,保修期,整机保修。"))
    assert guess(own)[0] == ""


def test_a_column_that_only_counts_the_rows_is_no_number_of_an_item() -> None:
    def numbered(*codes: str) -> list[str]:
        rows = "\n".join(f"{code},问题{code},答案{code}" for code in codes)
        return guess(read_table("a.csv", f"序号,问题,答案\n{rows}".encode()))

    assert numbered("1", "2", "3") == ["", "title", "body"]
    assert numbered("1", "2", "4") == ["code", "title", "body"] == numbered("A1", "A2", "A3")


def test_a_dry_run_says_what_will_change_and_writes_nothing() -> None:
    author, reviewer, _other = team()
    known = published(author, reviewer, title="保修期", code="P1")
    same = published(author, reviewer, title="开发票", body="订单页申请。", code="P2")
    data = _csv(
        "编号,问题,答案",
        "P1,保修期,整机保修两年。",
        "P2,开发票,订单页申请。",
        ",怎么退货,七天内可退，电话13812345678。",
        ",,没有题目",
        ",怎么退货,再来一次",
    )
    run = operations.begin_import(file_name="faq.csv", data=data, kind="policy", by=author, actor=ME, at=NINE)
    plan = operations.plan_of(run)
    assert [step.do for step in plan.steps] == ["change", "same", "create", "wrong", "wrong"]
    [difference] = plan.steps[0].differences
    assert (difference.key, difference.before, difference.after) == ("body", known.body, "整机保修两年。")
    assert "电话" in plan.steps[2].hints[0] or "phone" in plan.steps[2].hints[0]
    assert KnowledgeVersion.objects.count() == 2
    counts = operations.apply_import(run_id=run.pk, seen=plan.fingerprint(), by=author, actor=ME, at=NINE)
    assert dict(counts) == {"create": 1, "change": 1, "same": 1, "wrong": 2}
    run.refresh_from_db()
    assert (run.state, bytes(run.content)) == ("applied", b"")
    new = KnowledgeVersion.objects.get(item=known.item, state="draft")
    assert (new.number, new.body, new.author, new.note) == (2, "整机保修两年。", author, "faq.csv")
    assert KnowledgeVersion.objects.get(pk=known.pk).state == "published" and same.item.versions.count() == 1
    with pytest.raises(WrongState):
        operations.apply_import(run_id=run.pk, seen=plan.fingerprint(), by=author, actor=ME, at=NINE)


def test_what_changed_since_somebody_looked_is_looked_at_again() -> None:
    author, reviewer, _other = team()
    known = published(author, reviewer, code="P1")
    run = operations.begin_import(
        file_name="a.csv", data=_csv("编号,标题,内容", "P1,保修期,两年"), kind="policy", by=author, actor=ME, at=NINE
    )
    seen = operations.plan_of(run).fingerprint()
    operations.new_version(item_id=known.item_id, author=author, actor=ME, at=NINE, body="三年")
    with pytest.raises(Stale):
        operations.apply_import(run_id=run.pk, seen=seen, by=author, actor=ME, at=NINE)
    run.refresh_from_db()
    assert run.state == "checked" and known.item.versions.get(state="draft").body == "三年"


def _shelf() -> list[KnowledgeVersion]:
    shop = company()
    author, reviewer, _other = team()
    words = [
        {"kind": "policy", "title": "=1+1", "body": "+86 起步\n- 一\n## 二\n\\三\n  - 四", "questions": ["@谁", "-5度能用吗", "'引号"],
         "fields": {"topic": "warranty"}, "code": "A-1", "products": ["RS,100", 'RS"200'], "channels": ["kf", "wecom"]},
        {**campaign_words(NINE + timedelta(days=3, minutes=17)), "fields": {"terms": ["每人一次", "多行\n条款 \\n"], "link": "https://a.cn/?a=1"}},
        {"kind": "forbidden_commitment", "title": "不说", "body": "这些", "fields": {"patterns": ["/\\d+%/", "一定 好"], "allowed": ["好"]}},
        {"kind": "contraindication", "title": "孕妇慎用", "body": "慎用", "products": ["X"], "fields": {"who": "孕妇", "severity": "ask"}},
        {"kind": "material_list", "title": "材料", "body": "", "flow": shop.flow, "fields": {"hints": ["拍清楚"]}, "audience": "member"},
        {"kind": "tone_example", "title": "语气", "body": "  缩进\n\n\n空行", "fields": {"voice": "亲切", "instead_of": ["不行"]}, "audience": "internal"},
    ]  # fmt: skip
    return [published(author, reviewer, **one) for one in words]


FACTS = (
    "title",
    "body",
    "questions",
    "fields",
    "products",
    "channels",
    "audience",
    "valid_from",
    "valid_until",
    "kind",
)


@pytest.mark.parametrize("format", list(FORMATS))
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_what_is_written_out_comes_back_without_loss(format: str, language: str) -> None:
    from django.utils import translation

    versions = _shelf()
    before = [{name: getattr(one, name) for name in FACTS} for one in versions]
    with translation.override(language):
        data = write(exported([one.item_id for one in versions]), format)
        table = read_table(f"a.{format}", data)
        plan = build_plan(table, guess(table), kind="policy", on=NINE.date())
        assert [(step.do, step.differences) for step in plan.steps] == [("same", [])] * len(versions)
        codes = [(one.item.code, one.item.flow) for one in versions]
        KnowledgeVersion.objects.all().delete()
        KnowledgeItem.objects.all().delete()
        run = _import(data, f"a.{format}")
    assert run.summary["create"] == len(versions), run.summary
    after = [KnowledgeVersion.objects.select_related("item").get(item=pk) for pk in run.items]
    strip = [{**one, "body": str(one["body"]).strip()} for one in before]
    assert [{**{name: getattr(one, name) for name in FACTS}, "body": one.body.strip()} for one in after] == strip
    assert [(one.item.code, one.item.flow) for one in after] == codes


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    title=st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=40).filter(lambda text: text.strip() == text),
    body=st.text(st.characters(blacklist_categories=("Cs", "Cc"), whitelist_characters="\n"), max_size=120),
    questions=st.lists(st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1, max_size=20), max_size=3),
)  # fmt: skip
def test_any_words_come_back_as_they_were(title: str, body: str, questions: list[str]) -> None:
    row = {
        "title": title,
        "body": body,
        "questions": "\n".join(one.replace("\\", "\\\\") for one in questions),
        "kind": "policy",
    }
    for format in FORMATS:
        table = read_table(f"a.{format}", write([row], format))
        cells = dict(zip(guess(table), table.rows[0][1], strict=True))
        assert cells["title"].strip() == title, format
        assert cells["body"].strip() == body.strip() and cells.get("questions", "") == row["questions"], format


def test_a_formula_stays_a_text_and_a_text_never_becomes_one() -> None:
    version = operations.seed(kind="policy", title="=1+1", body='=HYPERLINK("http://x")', at=NINE)
    book = openpyxl.load_workbook(io.BytesIO(write(exported([version.item_id]), "xlsx")))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert {cell.value for cell in cells} >= {"=1+1", '=HYPERLINK("http://x")'}
    assert not [cell for cell in cells if cell.data_type == "f"]
    written = write(exported([version.item_id]), "csv").decode("utf-8-sig")
    assert "'=1+1" in written and ",=" not in written and '"=' not in written
    for text in ("=1", "'=1", "''=1", "-1", "@a", "+1", "'", "''", "'a", "\tx"):
        assert unguarded(guarded(text)) == text
        assert not guarded(text).startswith(("=", "+", "-", "@", "\t"))
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False}) as made:
        sheet = made.add_worksheet()
        for line, row in enumerate((("标题", "内容", "编号"), ("=1+1", "三成", 7))):
            for place, value in enumerate(row):
                sheet.write(line, place, value)
        sheet.write_number(1, 1, 0.3, made.add_format({"num_format": "0%"}))
    assert read_table("a.xlsx", out.getvalue()).rows == ((2, ("=1+1", "30%", "7")),)


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.csv", b"", "empty"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_excel"),
        ("a.xlsx", b"PK\x03\x04broken", "malformed"),
        ("a.xlsx", b"no zip at all", "malformed"),
        ("a.pdf", b"%PDF", "unknown_format"),
        ("a.csv", b"\xff\xff\xff\x80\x00", "encoding"),
        ("a.csv", '标题,内容\n"没有结束,的引号\n'.encode(), "malformed"),
        ("a.csv", "标题,内容\n".encode(), "no_rows"),
        ("a.csv", ("标题,内容\n" + "a,b\n" * 2001).encode(), "too_long"),
        ("a.csv", ("标题,内容\na," + "长" * 30_001).encode(), "cell_too_long"),
        ("a.csv", (",".join(f"c{number}" for number in range(61)) + "\n" + "a," * 60).encode(), "too_wide"),
        ("a.csv", b"a" * (10 * 1024 * 1024 + 1), "too_big"),
        ("a.md", "只有一段话".encode(), "no_rows"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(name: str, data: bytes, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        operations.begin_import(file_name=name, data=data, kind="policy", by=None, actor=ME, at=NINE)
    assert refusal.value.code == code and str(refusal.value)
    assert not ImportRun.objects.exists()


def test_a_workbook_that_unpacks_to_a_mountain_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"xl/{number}.xml", b"\0" * 40 * 1024 * 1024)
    with pytest.raises(Refused) as refusal:
        read_table("a.xlsx", out.getvalue())
    assert refusal.value.code == "too_big"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_tables_in_any_common_encoding_and_delimiter(encoding: str, delimiter: str) -> None:
    text = "\r\n".join(["售后FAQ汇总", "", delimiter.join(["问题", "答案"]), delimiter.join(["怎么退货", "七天内"])])
    assert read_table("a.csv", text.encode(encoding)).rows == ((4, ("怎么退货", "七天内")),)


def test_markdown_as_people_write_it() -> None:
    text = "# 售后手册\n\n前言\n\n## 怎么退货？\n\n七天内可退。\n\n- 拍照\n- 寄回\n\n## 怎么换货\n- 分类: 售后\n\n十五天内。\n"
    run = _import(text.encode(), "a.md")
    bodies = dict(KnowledgeVersion.objects.filter(item__in=run.items).values_list("title", "body"))
    assert bodies == {"怎么退货？": "七天内可退。\n\n- 拍照\n- 寄回", "怎么换货": "十五天内。"}
    bars = "| 问题 | 答案 |\n|---|---|\n| 几天到 | 三天<br>左右 \\| 视地区 |\n"
    assert read_table("a.md", bars.encode()).rows[0][1] == ("几天到", "三天\n左右 | 视地区")


def test_campaigns_of_a_table_have_their_dates_to_the_minute_and_whole_last_days() -> None:
    data = _csv(
        "活动名称,活动内容,开始时间,结束时间",
        "双十二,满300减30,2026-12-10 20:00,2026年12月12日",
        "没日期,x,,",
        "坏日期,x,明天,后天",
    )
    run = _import(data, kind="campaign")
    version = KnowledgeVersion.objects.get(item__in=run.items)
    assert version.valid_from == datetime(2026, 12, 10, 20, 0, tzinfo=ZONE)
    assert version.valid_until == datetime(2026, 12, 13, 0, 0, tzinfo=ZONE)
    assert run.summary["wrong"] == 2


def test_a_version_under_review_is_left_alone_and_a_draft_is_changed_in_place() -> None:
    author, _reviewer, _other = team()
    version = draft(author, code="P1")
    _import(_csv("编号,标题,内容", "P1,保修期,两年"), kind="policy")
    version.refresh_from_db()
    assert (version.state, version.body, version.item.versions.count()) == ("draft", "两年", 1)
    operations.desensitize(version_id=version.pk, by=author, actor=ME, at=NINE)
    run = _import(_csv("编号,标题,内容", "P1,保修期,三年"), kind="policy")
    assert run.summary["wrong"] == 1 and version.item.versions.count() == 1


def test_of_rows_with_one_number_or_title_the_first_is_taken_over() -> None:
    run = _import(_csv("编号,标题,内容", "7,退货,a", "7,换货,b", ",退货,c", "8,换货,d"), kind="policy")
    assert (run.summary["create"], run.summary["wrong"], run.summary["refused"]) == (2, 2, [])
    assert set(KnowledgeVersion.objects.values_list("title", "body")) == {("退货", "a"), ("换货", "d")}


def test_a_file_that_nobody_took_over_is_forgotten_after_a_day() -> None:
    run = operations.begin_import(
        file_name="a.csv", data=_csv("标题,内容", "a,b"), kind="policy", by=None, actor=ME, at=NINE
    )
    assert operations.sweep_imports(at=NINE + timedelta(hours=23)) == 0
    assert operations.sweep_imports(at=NINE + timedelta(hours=25)) == 1
    run.refresh_from_db()
    assert (run.state, bytes(run.content)) == ("discarded", b"")


def _workbook() -> bytes:
    """A file as a business person has it: a merged title, who made it, empty rows, a merged product, dates in words, two sheets and a hidden one."""
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("问答")
        sheet.merge_range("A1:E1", "客服常见问答（内部资料）")
        sheet.write_row(1, 0, ["整理人", "小柯"])
        sheet.write_row(3, 0, ["答案", "适用产品", "问题", "有效期", "分类"])
        sheet.write_row(4, 0, ["整机保修一年。", "", "空调保修多久？", "长期有效", "保修"])
        sheet.write_row(5, 0, ["首次安装免费，我们安排师傅上门。", "", "空调安装要钱吗？", "", "安装"])
        sheet.merge_range("B5:B6", "空调")
        sheet.write_row(7, 0, ["按品相抵扣￥1,299。", "冰箱", "以旧换新怎么参加？", "2026/12/1—12/7", "活动"])
        sheet.write_row(8, 0, ["打王师傅13812345678。", "冰箱", "冰箱坏了找谁？", "", "维修"])
        other = book.add_worksheet("活动")
        other.write_row(0, 0, ["活动名称", "活动内容", "活动时间"])
        other.write_row(1, 0, ["会员日", "配件九折。", "12月10日至12月12日"])
        other.write_row(2, 0, ["清仓", "八折起。", "12/20起"])
        hidden = book.add_worksheet("草稿")
        hidden.write_row(0, 0, ["问题", "答案"])
        hidden.write_row(1, 0, ["不要", "导入"])
        hidden.hide()
        book.add_worksheet("空")
    return out.getvalue()


def test_a_file_as_people_have_it_is_read_sheet_by_sheet_with_its_periods_and_merged_cells() -> None:
    run = operations.begin_import(
        file_name="faq.xlsx", data=_workbook(), kind="customer_wording", by=None, actor=ME, at=NINE
    )
    sheets = operations.sheets_of(run)
    assert [one.sheet for one in sheets] == ["问答", "活动"] and sheets[0].pk == run.pk
    plan = operations.plan_of(run)
    steps = {step.row: step for step in plan.steps}
    assert {row: (step.kind, step.do) for row, step in steps.items()} == {
        5: ("customer_wording", "create"), 6: ("customer_wording", "create"), 8: ("campaign", "create"), 9: ("customer_wording", "create"),
    }  # fmt: skip
    assert [steps[row].words["products"] for row in (5, 6, 8)] == [["空调"], ["空调"], ["冰箱"]]
    assert [row for row, step in steps.items() if step.hints] == [9]
    assert steps[8].notes and steps[8].period == "2026-12-01 00:00 – 2026-12-08 00:00"
    operations.apply_import(run_id=run.pk, seen=plan.fingerprint(), by=None, actor=ME, at=NINE)
    other = operations.sheets_of(run)[1]
    other.refresh_from_db()
    dated, open_end = operations.plan_of(other).steps
    assert (dated.do, dated.period, open_end.do) == ("create", "2026-12-10 00:00 – 2026-12-13 00:00", "wrong")
    assert len(dated.notes) == 2 and len(open_end.problems) == 1
    mapped = operations.map_columns(run_id=other.pk, fields=["title", "body", ""], kind="customer_wording")
    assert (
        mapped.sheet == "活动" and [step.kind for step in operations.plan_of(mapped).steps] == ["customer_wording"] * 2
    )


@pytest.mark.parametrize(
    ("text", "since", "until", "guessed"),
    [
        ("2026/12/1—12/7", "2026-12-01T00:00", "2026-12-08T00:00", False),
        ("2026-12-01-2026-12-07", "2026-12-01T00:00", "2026-12-08T00:00", False),
        ("2026.12.5 20:00～2026.12.6 24:00", "2026-12-05T20:00", "2026-12-07T00:00", False),
        ("2026年12月1日至7日（含）", "2026-12-01T00:00", "2026-12-08T00:00", False),
        ("2026年12月28日-1月3日止", "2026-12-28T00:00", "2027-01-04T00:00", False),
        ("6月1日 10点 到 6月2日 9点30分", "2026-06-01T10:00", "2026-06-02T09:30", True),
        ("1/2-1/5", "2026-01-02T00:00", "2026-01-06T00:00", True),
        ("2026-12-12", "2026-12-12T00:00", "2026-12-13T00:00", False),
    ],
)
def test_a_period_in_one_cell_is_understood(text: str, since: str, until: str, guessed: bool) -> None:
    found = read_period(text, on=NINE.date())
    assert (found[0].isoformat("T", "minutes"), found[1].isoformat("T", "minutes"), found[2]) == (since, until, guessed)


def test_a_day_without_a_year_is_the_nearest_one_and_half_a_period_is_none() -> None:
    assert read_period("1/2-1/5", on=date(2026, 12, 20))[0].year == 2027
    for words in ("12/20起", "即日起至12月7日", "13月1日-2日", "待定", "2026-02-30"):
        with pytest.raises(NoPeriod):
            read_period(words, on=NINE.date())
    assert all(is_always(words) for words in ("长期有效", "—", "", "不限")) and not is_always("12/1-12/7")


def test_a_first_day_without_a_last_one_makes_no_campaign_and_a_period_may_stand_under_it() -> None:
    table = (
        "产品类别,顾客常问,怎么答,生效日期,失效日期\n空调,空调多久洗一次,两周。,长期有效,\n空调,空调能移机吗,请预约。,2026/1/1,长期有效\n"
        "冰箱,冰箱多重,见铭牌。,2027-01-01,\n冰箱,冰箱以旧换新,抵扣300元。,2026/12/1—12/7,/\n冰箱,冰箱门封,换新的。,下个月,\n"
    )
    run = operations.begin_import(
        file_name="a.csv", data=table.encode(), kind="customer_wording", by=None, actor=ME, at=NINE
    )
    steps = operations.plan_of(run).steps
    assert [(step.kind, step.do, len(step.notes)) for step in steps] == [
        ("customer_wording", "create", 0), ("customer_wording", "create", 1), ("customer_wording", "create", 1),
        ("campaign", "create", 1), ("campaign", "wrong", 1),
    ]  # fmt: skip
    assert "2026/1/1" in steps[1].notes[0] and steps[3].period == "2026-12-01 00:00 – 2026-12-08 00:00"
    assert [step.words["products"] for step in steps] == [["空调"], ["空调"], ["冰箱"], ["冰箱"], ["冰箱"]]
    operations.apply_import(run_id=run.pk, seen=operations.plan_of(run).fingerprint(), by=None, actor=ME, at=NINE)
    assert KnowledgeVersion.objects.filter(valid_from__isnull=False).count() == 1


@pytest.mark.parametrize(
    "row",
    [
        "合计,2",
        "合计：2条,",
        "共 2 条,",
        "小计（元）,¥1,200.00".replace("1,200", "1200"),
        "Total,2",
        ",总计",
        "本页合计,—",
    ],
)
def test_a_row_that_only_adds_up_is_left_out_and_told(row: str) -> None:
    table = read_table("a.csv", _csv("问题,答案", "怎么退货,七天内可退。", "合计怎么算,按实付金额。", row))
    assert [cells[0] for _number, cells in table.rows] == ["怎么退货", "合计怎么算"]
    assert any("4" in note for note in table.notes)


def test_a_row_called_a_sum_that_says_something_is_an_item() -> None:
    table = read_table("a.csv", _csv("问题,答案", "怎么退货,七天内可退。", "合计,订单合计含运费。"))
    assert [cells[0] for _number, cells in table.rows] == ["怎么退货", "合计"]


def test_items_are_kept_in_the_order_of_the_file() -> None:
    author, _reviewer, _other = team()
    titles = ["怎么退货", "保修多久", "哪里开票", "Anything in English", "一共几家店"]
    data = _csv("问题,答案", *(f"{title},见说明。" for title in titles))
    run = operations.begin_import(file_name="a.csv", data=data, kind="policy", by=author, actor=ME, at=NINE)
    operations.apply_import(
        run_id=run.pk, seen=operations.plan_of(run).fingerprint(), by=author, actor=ME, at=NINE
    )  # fmt: skip
    assert list(KnowledgeItem.objects.order_by("pk").values_list("title", flat=True)) == titles
    assert [row["title"] for row in exported(run.items or KnowledgeItem.objects.values_list("pk", flat=True))] == titles
