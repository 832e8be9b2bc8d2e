"""Which of our fields a column of somebody's file holds: by its name in Chinese or English, or by what stands in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from knowledge.exchange.tables import Table
from knowledge.kinds import SPECS, FieldSpec
from knowledge.models import Audience, KnowledgeKind

LEFT_OUT = ""
LANGUAGES = ("zh-hans", "en")
#: Our fields, in the order in which they are written out, with their names.
FIELDS: dict[str, Any] = {
    "id": gettext_lazy("ID"), "code": gettext_lazy("own number"), "kind": gettext_lazy("kind"),
    "title": gettext_lazy("title"), "body": gettext_lazy("text"), "questions": gettext_lazy("other ways to ask"),
    "flow": gettext_lazy("flow"), "products": gettext_lazy("products"), "channels": gettext_lazy("channels"),
    "audience": gettext_lazy("who may be told"), "valid_from": gettext_lazy("valid from"),
    "valid_until": gettext_lazy("valid until"), "owner": gettext_lazy("owner"), "review_by": gettext_lazy("review by"),
    "note": gettext_lazy("what changed"),
}  # fmt: skip
#: A first and a last moment in one cell, as files of people have them; an export writes two.
PERIOD = "period"
#: Columns that an export writes for people and an import leaves alone.
INFORMATION = {
    "state": gettext_lazy("state"),
    "number": gettext_lazy("version"),
    "published_at": gettext_lazy("published at"),
}
#: Other names that such columns have, from the most telling to the least; whole names first, then parts of names.
_NAMES: dict[str, str] = {
    "id": "id public_id 系统编号 唯一标识",
    "code": "编号 序号 编码 条目编号 知识编号 faq编号 政策编号 no no. number code ref reference 条款号 工号",
    "title": "标题 问题 标准问题 标准问 主问题 常见问题 客户问题 问法 题目 名称 主题 条目 事项 规则名称 政策名称 政策 活动名称 活动 商品名称 问 q question title subject topic name faq 咨询问题 用户问题 提问 规则 项目 条款",
    "body": "答案 回答 标准答案 答复 回复 内容 正文 说明 解答 话术 标准话术 回复话术 规则内容 政策内容 活动内容 规定 答 a answer reply response content text body description details policy 详细说明 具体内容 解决方案 处理方式 文案 条款内容",
    "questions": "相似问法 相似问 相似问题 扩展问 扩展问题 其他问法 别的问法 同义问法 关键词 关键字 keywords similar alternatives variants aliases 别名 also_asked",
    "kind": "类型 种类 知识类型 类别 分类 类目 kind type category",
    "flow": "流程 服务流程 flow process",
    "products": "产品 商品 适用产品 适用商品 产品类别 产品品类 商品类别 商品品类 品类 产品线 型号 适用型号 products product model sku 机型 适用机型",
    "channels": "渠道 适用渠道 平台 channel channels platform 店铺",
    "audience": "受众 适用人群 对象 适用对象 可见范围 audience",
    "valid_from": "开始时间 开始日期 生效时间 生效日期 起始时间 活动开始 起 start from begin valid_from start_date effective 开始 上线时间",
    "valid_until": "结束时间 结束日期 失效时间 失效日期 截止时间 截止日期 到期时间 活动结束 止 end until to valid_until end_date expires expiry 结束 下线时间 有效期至",
    PERIOD: "有效期 有效期限 有效时间 有效日期 活动时间 活动日期 活动期间 活动周期 起止时间 起止日期 时间段 期限 适用时间 时间 日期 period dates validity valid_period date_range 生效期 促销时间",
    "owner": "负责人 维护人 责任人 owner responsible maintainer",
    "review_by": "复审日期 复查日期 下次复审 review_by review_date",
    "note": "备注 修改说明 变更说明 note notes remark remarks comment",
    "state": "状态 state status", "number": "版本 version 版本号", "published_at": "发布时间 published",
}  # fmt: skip
_DATE_NAMES = frozenset({"valid_from", "valid_until"})


def plain(name: str) -> str:
    """A name as it is compared."""
    return re.sub(r"[\s_\-—:：*（）()\[\]【】/、.·]+", "", unicodedata.normalize("NFKC", name).lower())


@lru_cache(maxsize=1)
def _known() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in LANGUAGES:
        with translation.override(language):
            for key, label in {**FIELDS, **INFORMATION}.items():
                found.setdefault(plain(str(label)), key)
    for key, names in _NAMES.items():
        for name in names.split():
            found.setdefault(plain(name), key)
        found.setdefault(plain(key), key)
    return found


def field_specs() -> dict[str, FieldSpec]:
    """Every field of every kind by its key; where kinds share a key they mean the same."""
    return {spec.key: spec for kind in SPECS.values() for spec in kind.fields}


def header_of(key: str) -> str:
    """The name of a column that an export writes, in the reader's language."""
    if key == PERIOD:
        return _("from – until, in one cell")
    if key.startswith("field:"):
        name = key.removeprefix("field:")
        return f"{field_specs()[name].label} [{name}]"
    return str({**FIELDS, **INFORMATION}[key])


def _named(header: str) -> str:
    own = re.search(r"\[([a-z_]+)\]$", header.strip())
    if own and own.group(1) in field_specs():
        return f"field:{own.group(1)}"
    name = plain(header)
    known = _known()
    if name in known:
        return known[name]
    spoken = re.findall(r"[a-z]+", header.lower())
    runs = {"".join(spoken[at : at + size]) for size in (1, 2) for at in range(len(spoken))}
    # Part of a Chinese name is a part of it; of an English one only whole words are, and short ones (to, no) say nothing.
    fitting = [
        word for word in known if (word in runs and len(word) > 3 if word.isascii() else len(word) > 1 and word in name)
    ]
    parts = sorted(fitting, key=len, reverse=True)
    return known[parts[0]] if parts else LEFT_OUT


def guess(table: Table) -> list[str]:
    """For every column of a table the field that it seems to hold; each field once, "" for columns that are left out."""
    found: list[str] = []
    for header in table.headers:
        key = _named(header)
        found.append(key if key not in found else LEFT_OUT)
    columns = [[cells[index].strip() for _number, cells in table.rows[:80]] for index in range(len(table.headers))]
    _prefer_exact(table.headers, found)
    if "code" in found and _only_counts([cell for cell in columns[found.index("code")] if cell]):
        found[found.index("code")] = LEFT_OUT
    free = [index for index, key in enumerate(found) if key == LEFT_OUT and any(columns[index])]
    if "title" not in found and free:
        best = max(free, key=lambda index: (_asking(columns[index]), -_length(columns[index])))
        found[best] = "title"
        free.remove(best)
    if "body" not in found and free:
        longest = max(free, key=lambda index: _length(columns[index]))
        if _length(columns[longest]) >= 4:
            found[longest] = "body"
    if "kind" in found:
        index = found.index("kind")
        named = [one for one in columns[index] if one]
        # A shop's own categories are no kinds; a column of kinds with one that is unknown is shown as such.
        if sum(kind_of(one) is not None for one in named) * 2 <= len(named):
            found[index] = LEFT_OUT
    return found


def _prefer_exact(headers: Sequence[str], found: list[str]) -> None:
    """A column whose whole name is known wins over an earlier one that only holds it as a part (活动说明, 内容)."""
    known = _known()
    for index, header in enumerate(headers):
        key = known.get(plain(header), LEFT_OUT)
        if key and found[index] == LEFT_OUT and key in found:
            other = found.index(key)
            if plain(headers[other]) not in known:
                found[other], found[index] = LEFT_OUT, key


def _only_counts(cells: list[str]) -> bool:
    """Whether a column only counts the rows (1, 2, 3 …): the first row of another file is then no other words for the first of this one."""
    return (
        len(cells) > 1
        and all(re.fullmatch(r"\d+", cell) for cell in cells)
        and [int(cell) for cell in cells] == list(range(int(cells[0]), int(cells[0]) + len(cells)))
        and int(cells[0]) in (0, 1)
    )


def _asking(cells: list[str]) -> float:
    asked = sum(
        bool(re.search(r"[?？]|吗|怎么|如何|多久|多少|什么|能不能|^(how|what|when|where|can|do|is)\b", one, re.I))
        for one in cells
    )
    return asked / max(len(cells), 1)


def _length(cells: list[str]) -> float:
    return sum(map(len, cells)) / max(len(cells), 1)


def choices() -> list[tuple[str, str]]:
    """What a column may hold, for people."""
    own = [(f"field:{key}", str(spec.label)) for key, spec in field_specs().items()]
    main = [(key, str(label)) for key, label in FIELDS.items()]
    main.insert([key for key, _label in main].index("valid_until") + 1, (PERIOD, header_of(PERIOD)))
    return [(LEFT_OUT, _("(left out)")), *main, *own]


@lru_cache(maxsize=1)
def _kinds() -> dict[str, str]:
    found = {plain(code): code for code in KnowledgeKind.values}
    for language in LANGUAGES:
        with translation.override(language):
            found.update({plain(str(label)): code for code, label in KnowledgeKind.choices})
    more = {
        "faq": "customer_wording", "话术": "customer_wording", "常见问题": "customer_wording", "售后政策": "policy", "政策": "policy",
        "退换货": "policy", "活动": "campaign", "促销": "campaign", "会员": "membership_rule", "商品": "product", "产品知识": "product",
    }  # fmt: skip
    return {**{plain(word): code for word, code in more.items()}, **found}


def kind_of(words: str) -> str | None:
    """The kind that a cell names, None for none."""
    return _kinds().get(plain(words))


@lru_cache(maxsize=1)
def _audiences() -> dict[str, str]:
    found = {plain(code): code for code in Audience.values}
    for language in LANGUAGES:
        with translation.override(language):
            found.update({plain(str(label)): code for code, label in Audience.choices})
    return {"会员": "member", "所有人": "everybody", "全部": "everybody", "内部": "internal", **found}


def audience_of(words: str) -> str | None:
    """The audience that a cell names, None for none."""
    return _audiences().get(plain(words))


def choice_of(spec: FieldSpec, words: str) -> str | None:
    """The code of a choice that a cell names, None for none."""
    for code, label in spec.choices:
        names = {plain(code)}
        for language in LANGUAGES:
            with translation.override(language):
                names.add(plain(str(label)))
        if plain(words) in names:
            return code
    return None
