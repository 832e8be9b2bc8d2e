"""Searching knowledge: how long a question takes over many items, how long the index takes to be made, how soon a change is seen."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection, transaction

from knowledge import index, operations, vectors
from knowledge.evaluation import Page, load
from knowledge.models import IndexedItem, IndexPostings, KnowledgeItem, KnowledgeVersion, VersionVector
from knowledge.search import search

PRODUCTS = [
    "空调",
    "冰箱",
    "洗衣机",
    "热水器",
    "净水器",
    "油烟机",
    "燃气灶",
    "洗碗机",
    "烤箱",
    "微波炉",
    "电饭煲",
    "破壁机",
    "空气炸锅",
    "加湿器",
    "除湿机",
    "扫地机器人",
    "吸尘器",
    "电视",
    "音箱",
    "投影仪",
    "壁挂炉",
    "取暖器",
    "电风扇",
    "新风机",
    "消毒柜",
    "饮水机",
    "咖啡机",
    "面包机",
    "豆浆机",
    "电磁炉",
    "集成灶",
    "浴霸",
    "智能马桶",
    "指纹锁",
    "摄像头",
    "路由器",
    "打印机",
    "显示器",
    "键盘",
    "耳机",
]
PARTS = [
    "滤芯",
    "主板",
    "压缩机",
    "电机",
    "遥控器",
    "面板",
    "水管",
    "排水泵",
    "门封",
    "内胆",
    "加热管",
    "电源线",
    "传感器",
    "显示屏",
    "风扇",
    "过滤网",
    "水箱",
    "按键",
    "支架",
    "外壳",
    "电池",
    "喷头",
    "密封圈",
    "进水阀",
    "皮带",
]
MATTERS = [
    "更换周期",
    "清洗方法",
    "保修期限",
    "安装条件",
    "故障代码",
    "异响处理",
    "漏水处理",
    "不通电",
    "价格标准",
    "上门时间",
    "退货条件",
    "换货流程",
    "发票开具",
    "运费规则",
    "延保购买",
    "会员优惠",
    "使用禁忌",
    "首次使用",
    "日常保养",
    "配件购买",
    "尺寸要求",
    "噪音标准",
    "能耗说明",
    "儿童锁",
    "联网步骤",
]
SAYS = (
    "{product}的{part}一般{number}个月更换一次，超过{number}个月请联系客服预约。", "遇到{part}的{matter}问题，请先断电{number}分钟，再重新启动{product}。",
    "{product}的{matter}以订单页面说明为准，{part}单独保修{number}个月。", "型号{model}的{product}支持上门检查{part}，{number}小时内回电确认时间。",
    "{matter}需要提供铭牌照片和订单号，{product}的{part}由厂家统一处理。",
)  # fmt: skip
ASKS = (
    "{product}{part}{matter}是怎样的", "请问{product}的{part}多久换一次", "我家{product}{part}有问题怎么办，{matter}", "{model}的{matter}怎么弄", "{product}{matter}",
    "{part}坏了{product}还能保修吗", "{product}的{part}要多少钱",
)  # fmt: skip


def _facts(dice: random.Random) -> dict[str, Any]:
    return {
        "product": dice.choice(PRODUCTS), "part": dice.choice(PARTS), "matter": dice.choice(MATTERS),
        "model": f"{dice.choice('ABCDRS')}{dice.choice('QWXZ')}-{dice.randrange(100, 999)}", "number": dice.randrange(1, 48),
    }  # fmt: skip


def pages(count: int) -> Iterator[Page]:
    """Made-up pages of a shop, each different, the same at every run."""
    dice = random.Random(11)
    for number in range(count):
        facts = _facts(dice)
        body = "".join(
            dice.choice(SAYS).format(**{**facts, "number": dice.randrange(1, 48)})
            for _sentence in range(dice.randrange(1, 4))
        )
        yield Page(str(number), "{product}{part}{matter}（{model}）".format(**facts), body)


def questions(count: int) -> list[str]:
    """Made-up questions about them."""
    dice = random.Random(12)
    return [dice.choice(ASKS).format(**_facts(dice)) for _question in range(count)]


def _share(values: list[float], share: float) -> float:
    return round(sorted(values)[int(share * (len(values) - 1))], 1)


def _with_vectors(*, at: datetime, made: int = 2000) -> float:
    """Give every version a vector: some are made, the rest only as big.

    :returns: how many seconds of a processor the sweep would need for 50,000.
    """
    vectors.encode(["你好"])
    worked = time.process_time()
    count = sum(vectors.sweep_vectors(at=at) for _round in range(made // 200))
    seconds = (time.process_time() - worked) / max(count, 1) * 50_000
    rest = KnowledgeVersion.objects.filter(meaning_vector__isnull=True).values_list("pk", flat=True)
    dice = np.random.default_rng(13)
    for part in index.chunks(rest.iterator(), 1000):
        packed = vectors.pack(dice.standard_normal((len(part), vectors.SIZE), np.float32))
        VersionVector.objects.bulk_create(
            VersionVector(version_id=key, model=vectors.MODEL, vector=vector)
            for key, vector in zip(part, packed, strict=True)
        )
    return seconds


def _settle() -> None:
    """Let PostgreSQL know what is there and write it down, as it has where nobody has just published 50,000 items."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
            cursor.execute("CHECKPOINT")


def _asked_of(asked: list[str], *, at: datetime) -> dict[str, Any]:
    for question in asked[:20]:
        search(question, at=at)
    took, took_cpu, answered = [], [], 0
    for question in asked:
        began, worked = time.perf_counter(), time.process_time()
        answered += bool(search(question, at=at))
        took.append((time.perf_counter() - began) * 1000)
        took_cpu.append((time.process_time() - worked) * 1000)
    return {
        "answered": answered, "p50_ms": _share(took, 0.5), "p95_ms": _share(took, 0.95), "p99_ms": _share(took, 0.99),
        "p50_cpu_ms": _share(took_cpu, 0.5), "p95_cpu_ms": _share(took_cpu, 0.95),
    }  # fmt: skip


def measure_search(*, items: int, count: int, at: datetime) -> dict[str, Any]:
    """Load items, make the index, ask questions, publish one more and ask for it."""
    began = time.perf_counter()
    load(pages(items), at=at)
    loaded = time.perf_counter() - began
    began, worked = time.perf_counter(), time.process_time()
    index.rebuild(at=at)
    rebuilt, rebuilt_cpu = time.perf_counter() - began, time.process_time() - worked
    _settle()
    asked = questions(count)
    with vectors.switched(False):
        by_words = _asked_of(asked, at=at)
    figures: dict[str, Any] = {"by_words_alone": by_words}
    if vectors.is_available():
        with vectors.switched(True):
            figures["vectors_of_50000_cpu_seconds"] = round(_with_vectors(at=at), 1)
            _settle()
            figures["with_vectors"] = _asked_of(asked, at=at)
    began = time.perf_counter()
    operations.seed(kind="policy", title="月球基地送货", body="月球基地暂不支持送货上门。", at=at)
    seen = bool(search("月球基地能送货吗", at=at))
    found = {
        "items": items, "questions": count, **figures,
        "rebuild_seconds": round(rebuilt, 1), "rebuild_cpu_seconds": round(rebuilt_cpu, 1), "load_and_first_index_seconds": round(loaded, 1),
        "published_and_found_ms": round((time.perf_counter() - began) * 1000, 1) if seen else None,
    }  # fmt: skip
    with transaction.atomic():
        # What names an item goes before it: a raw deletion follows no references.
        for model in (IndexedItem, IndexPostings, VersionVector, KnowledgeVersion, KnowledgeItem):
            model.objects.all()._raw_delete(model.objects.db)  # type: ignore[attr-defined]
    index.rebuild(at=at)
    return found
