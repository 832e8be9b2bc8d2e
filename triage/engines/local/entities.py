"""Things named in a text: order numbers, phones, amounts, parcels, plates, addresses of the net; people and places."""

from __future__ import annotations

import re

from triage.engines.base import Entity

_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("url", re.compile(r"https?://\S+|www\.\S+", re.I)),
    ("email", re.compile(r"[\w.+-]{1,64}@[\w-]+\.[\w.]+")),
    ("id_card", re.compile(r"(?<!\d)\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx](?!\d)")),
    ("tracking", re.compile(r"(?<![A-Za-z0-9])(?:SF|YT|ZTO|STO|YD|JD|JT|EMS|DPK|JDV|YTO|DB|TT|UPS|1Z)[A-Z]{0,3}\d{6,15}(?![0-9])", re.I)),
    ("phone", re.compile(r"(?<!\d)1[3-9]\d[\s-]?[\dxX*]{4}[\s-]?\d{4}(?!\d)|(?<!\d)0\d{2,3}-\d{7,8}(?!\d)|(?<!\d)400[\s-]?\d{3,4}[\s-]?\d{3,4}(?!\d)|\+\d{1,3}[\s-]?\d{6,12}")),
    ("plate", re.compile(r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·\s]?[A-HJ-NP-Z0-9]{5,6}")),
    ("amount", re.compile(r"[¥￥$€£]\s*\d[\d,]*(?:\.\d+)?|\d[\d,]*(?:\.\d+)?\s*(?:元|块钱?|万元?|刀|rmb|usd|cny|dollars?|yuan|bucks?)", re.I)),
    ("order", re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,5}-?\d{2,}(?:-\d+)*(?![A-Za-z0-9])|(?<![\d-])\d{2,6}-\d{3,}(?:-\d+)*(?![\d-])|(?<!\d)\d{8,18}(?!\d)|(?:尾号|ends?(?: in)?|ending)\s*\d{3,6}", re.I)),
    ("order", re.compile(r"(?:单号|订单号?|工单|order(?: no\.?)?|ticket|#)\s*[:：#]?\s*([A-Z0-9][A-Z0-9-]{2,20})", re.I)),
)  # fmt: skip


_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳鲍史唐费廉岑薛雷贺倪汤"
    "滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭"
    "梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫房缪解应宗丁宣邓郁单杭洪包诸左石崔吉龚程邢裴陆荣翁荀甄曲封储靳段富焦巴牧车侯全班秋仲伊宫宁仇栾甘厉"
    "祖武符刘景詹束龙叶幸司黎薄印白蒲从鄂索赖卓蔺屠蒙池乔谭劳申扶冉郦雍桑桂牛寿边燕冀尚农温庄晏柴瞿阎充慕连茹习艾鱼容向古易廖居衡步耿满弘匡文寇广东欧"
    "沃利蔚越师巩聂勾敖冷辛那简饶曾沙丰关蒯查荆红游权"
)
_TITLES = "先生|女士|小姐|太太|师傅|老师|经理|医生|大夫|阿姨|叔叔|大爷|大妈|大姐|大哥|同学|主任|店长|教练|律师|工程师|总(?!是|共|得|算|体|之|有|部|价|数|额|量|会|觉|感)"
_NAMES = (
    re.compile(rf"(?<![\u4e00-\u9fff])(?:老|小)?(?!周[一二三四五六日天末]|辛苦|方便|时候|全部)(?:欧阳|上官|司马|诸葛|[{_SURNAMES}])(?:(?![的了个这那们谢些装修间时候便件何请让叫和跟给位换约问找])[\u4e00-\u9fff]){{0,2}}?(?:{_TITLES})|(?:欧阳|上官|司马|诸葛|[{_SURNAMES}])(?:{_TITLES})"),
    re.compile(rf"(?:姓名|联系人|收件人|收货人|户主|业主|车主|家长|客户|名字|我叫|我是|叫)[:：]?\s*((?:欧阳|上官|司马|诸葛|[{_SURNAMES}])[\u4e00-\u9fff]{{1,2}})(?![\u4e00-\u9fff])"),
    re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr)\.?\s+[A-Z][A-Za-z'-]+(?:\s[A-Z][A-Za-z'-]+)?"),
)  # fmt: skip
_PLACES = (
    re.compile(r"(?:[\u4e00-\u9fff]{2,7}?(?:省|自治区))?(?:[\u4e00-\u9fff]{2,7}?市)?(?:[\u4e00-\u9fff]{1,6}?(?:区|县|镇|乡|街道))?[\u4e00-\u9fff]{2,6}(?:路|街|大道|巷|弄|胡同|里|村)\s*[\d一二三四五六七八九十百]+\s*(?:号|弄|栋|幢|巷|组)(?:[\u4e00-\u9fff\d]{0,8}?\d+(?:栋|幢|座|单元|室|楼|层|号))*"),
    re.compile(r"(?:[\u4e00-\u9fff]{2,6}(?:小区|花园|家园|公寓|大厦|广场|新城|新村|豪庭|名苑))(?:\s*[\dA-Za-z一二三四五六七八九十]+\s*(?:期|区|栋|幢|座|号楼|单元|室|楼|层|号))*(?<=[栋幢座楼元期区])\s*\d{3,4}|[\u4e00-\u9fff]{2,6}(?:小区|花园|家园|公寓|大厦|广场|新城|新村|豪庭|名苑)(?:\s*[\dA-Za-z一二三四五六七八九十]+\s*(?:期|区|栋|幢|座|号楼|单元|室|楼|层|号))*"),
    re.compile(r"\d+\s*(?:栋|幢|座|号楼)\s*(?:\d+\s*单元)?\s*\d{0,4}\s*(?:室|号|楼)?|\d+\s*单元\s*\d{2,4}\s*(?:室|号)?|(?<![\d-])\d{3,4}\s*室"),
    re.compile(r"\b\d{1,5}[A-Za-z]?\s+[A-Z][A-Za-z]+(?:\s[A-Z][A-Za-z]+)?\s(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Close|Court|Way|Terrace|Square)\b"),
)  # fmt: skip
#: Words that lead to a place and are none of it, where nothing else parts them from it.
_LEADS = re.compile(
    r"^.*(?:地址(?:是|在|改成|改到|换成|为)?|(?:寄|送|发|改|搬|换|转|退)(?:到|去|往|成|为|在)|麻烦|我们?家|你们?家|住|位于|在|到|是|去|从|跟|和)(?=.{2})"
)
_NO_PLACE = re.compile(
    r"^(?:.*的|这个|那个|我们|你们|咱们|他们|哪个|同一个?|隔壁|整个|各个?|每个|别的)?(?:小区|花园|公寓|大厦|广场)$"
)


def people_and_places(text: str) -> tuple[Entity, ...]:
    """People by surname and title or behind what announces a name, and places that one could go to. Never certain: for reading, not for deciding."""
    found: list[Entity] = []
    for kind, patterns in (("address", _PLACES), ("name", _NAMES)):
        for pattern in patterns:
            for match in pattern.finditer(text):
                start, end = match.span(1) if pattern.groups else match.span()
                if kind == "address":
                    lead = _LEADS.match(text[start:end])
                    start += lead.end() if lead else 0
                words = text[start:end].strip()
                if len(words) < 2 or _NO_PLACE.match(words) or any(start < e.end and e.start < end for e in found):
                    continue
                found.append(Entity(kind, words, start, end))
    return tuple(sorted(found, key=lambda e: e.start))


def find(text: str) -> tuple[Entity, ...]:
    """All entities, in order of place: what has a form of its own first, then people and places in what is left."""
    sure = identifiers(text)
    rest = (e for e in people_and_places(text) if not any(e.start < s.end and s.start < e.end for s in sure))
    return tuple(sorted((*sure, *rest), key=lambda e: e.start))


def identifiers(text: str) -> tuple[Entity, ...]:
    """What has a form of its own (numbers, amounts, links), in order of place; an earlier pattern keeps its stretch."""
    found: list[Entity] = []
    for kind, pattern in _PATTERNS:
        for m in pattern.finditer(text):
            start, end = m.span(1) if m.re.groups else m.span()
            if not any(start < e.end and e.start < end for e in found) and any(
                c.isdigit() or kind in ("url", "email") for c in text[start:end]
            ):
                found.append(Entity(kind, text[start:end], start, end))
    return tuple(sorted(found, key=lambda e: e.start))
