"""Personal data in texts: finding it and masking it. An editor sees and confirms every finding; none is dropped quietly."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import rjieba
from django.utils.translation import gettext_lazy

MASKS = {
    "name": "【客户】",
    "phone": "【电话】",
    "id_number": "【证件号】",
    "bank_card": "【卡号】",
    "address": "【地址】",
    "order_number": "【订单号】",
    "plate": "【车牌】",
    "email": "【邮箱】",
    "account": "【账号】",
}
WORDS = {
    "name": gettext_lazy("somebody's name"),
    "phone": gettext_lazy("phone number"),
    "id_number": gettext_lazy("identity number"),
    "bank_card": gettext_lazy("card number"),
    "address": gettext_lazy("address"),
    "order_number": gettext_lazy("order or tracking number"),
    "plate": gettext_lazy("number plate"),
    "email": gettext_lazy("e-mail address"),
    "account": gettext_lazy("account"),
}
_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章苏潘葛奚范彭郎鲁韦马苗凤方俞任袁柳鲍史唐费廉岑薛"
    "雷贺倪汤滕殷罗毕郝邬安常乐于傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵汪祁毛狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季"
    "麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫房裘缪干解应宗丁宣邓郁单杭洪包诸左石崔吉钮龚程邢裴陆荣翁荀"
    "羊甄家封芮储靳松井段富巫乌焦巴弓牧山谷车侯伊宁仇祖武符刘景詹束龙叶幸司韶黎乔苍双闻莘党翟谭贡劳姬申冉桑桂牛寿通边燕浦尚农温别庄"
    "晏柴瞿阎连习艾容向古易廖终居步都耿满弘匡国文寇广欧沃利越师巩厍聂晁勾敖融冷辛那简饶曾沙丰巢关相查游权佘佟肖覃涂岳冼尧"
)
_TITLE = "女士|先生|小姐|太太|阿姨|大叔|叔叔|大哥|大姐|老师傅|老板|经理|主任|师傅|老师|同学|妈妈|爸爸|奶奶|爷爷"
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领"
_AREA = r"[\u4e00-\u9fff]{2,7}(?:省|自治区|特别行政区)|[\u4e00-\u9fff]{2,6}(?:市|自治州|盟)|[\u4e00-\u9fff]{1,6}(?:新区|区|县|旗)"
_STREET = (
    r"[\u4e00-\u9fffA-Za-z0-9]{1,12}?(?:路|街|大道|道|巷|弄|胡同|镇|乡|村|小区|花园|公寓|大厦|广场|家园|苑|城|园区|里)"
)
_HOUSE = r"(?:\s?[0-9０-９一二三四五六七八九十百\-－A-Za-z]{1,8}\s?(?:号院|号楼|号|弄|栋|幢|座|单元|层|楼|室|户|门))"
#: The number of a flat after its house, where nothing is counted by it.
_FLAT = r"(?:\s?\d{2,4}(?![\d.]*(?:\d|元|块|年|月|天|日|小时|分|秒|%|点|次|台|个|件|人|公里|米|平)))?"
#: What stands before an address and is none of it.
_TO_ADDRESS = re.compile(r"^(?:你好|您好)?(?:我们?(?:是|在|住)|(?:家|人)?住在?|家在|(?:送|寄|发|装)?到|在)")
_BEFORE_NUMBER = r"(?:订单|单号|运单|快递|物流|工单|服务单|受理|编号|流水|订单编号|快递单号|案件|序列|S/?N|order|tracking|ticket|case)"

#: Kind and pattern; the group `it`, if there is one, is what is masked. Earlier patterns win over later ones.
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]{1,200}@[\w-]+(?:\.[\w-]+)+")),
    ("id_number", re.compile(r"(?<![\dA-Za-z])[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx](?![\dA-Za-z])")),
    ("id_number", re.compile(r"(?:护照|通行证|证件|身份证)(?:号码|号)?\s*(?:是|为|[:：])?\s*(?P<it>[A-Za-z]{1,2}\d{6,9}|\d{15,18}[Xx]?)")),
    ("phone", re.compile(r"(?<![\dA-Za-z])(?:\+?86[-\s]?)?1[3-9]\d[-\s]?\d{4}[-\s]?\d{4}(?!\d)")),
    ("phone", re.compile(r"(?<![\d-])(?:\(?0\d{2,3}\)?[-\s]?)\d{7,8}(?:[-转]\d{1,5})?(?!\d)")),
    ("phone", re.compile(r"(?<!\d)[48]00[-\s]?\d{3,4}[-\s]?\d{3,4}(?!\d)")),
    ("phone", re.compile(r"(?:座机|固话|电话|手机|tel|phone)(?:号码|号)?\s*(?:是|为|[:：])?\s*(?P<it>\d{7,8})(?!\d)", re.I)),
    ("phone", re.compile(r"(?<![\d-])\+?\d{1,3}[-\s.]\(?\d{3}\)?[-\s.]\d{3}[-\s.]\d{4}(?!\d)")),
    ("plate", re.compile(rf"(?<![\u4e00-\u9fff])?[{_PROVINCES}][A-Z][·•\s-]?(?:[A-HJ-NP-Z0-9]{{5,6}}|[A-HJ-NP-Z0-9]{{4}}[学警港澳])(?![A-Za-z0-9])")),
    ("order_number", re.compile(rf"{_BEFORE_NUMBER}(?:编号|号码|号|no\.?|number)?\s*(?:是|为|[:：#]|is)?\s*(?P<it>[A-Za-z]{{0,6}}[-_]?\d[A-Za-z0-9\-_]{{4,29}})", re.I)),
    ("order_number", re.compile(r"(?<![A-Za-z0-9])(?:SF|YT|ZTO|STO|YD|JD|JDV|EMS|DPK|ZJS|HT|TT|YZ)[A-Z]{0,3}\d{8,18}(?![A-Za-z0-9])", re.I)),
    ("bank_card", re.compile(r"(?<!\d)(?:62|4\d|5[1-5]|9558|60)\d{2}(?:[-\s]?\d{4}){2,3}(?:[-\s]?\d{1,3})?(?!\d)")),
    ("order_number", re.compile(r"(?<![A-Za-z0-9.])(?=[A-Z0-9\-]*\d{4})[A-Z]{1,4}-?\d{6,20}(?![A-Za-z0-9])")),
    ("order_number", re.compile(r"(?<![\d.,])\d{10,24}(?![\d.,元])")),
    ("account", re.compile(r"(?:微信号?|vx|wx|wechat|qq)\s*(?:id|号)?\s*(?:是|为|[:：])?\s*(?P<it>[A-Za-z0-9][\w-]{4,19})", re.I)),
    ("account", re.compile(r"(?<![A-Za-z0-9_])(?:wxid_|wm|wo)[A-Za-z0-9_-]{10,}")),
    ("address", re.compile(rf"(?:{_AREA}){{1,3}}(?:{_STREET}){{0,3}}{_HOUSE}{{1,5}}{_FLAT}")),
    ("address", re.compile(rf"(?:{_AREA}){{2,3}}(?:{_STREET}){{1,3}}")),
    ("address", re.compile(rf"(?:{_STREET}){{1,2}}{_HOUSE}{{1,5}}{_FLAT}")),
    ("address", re.compile(r"(?:地址|住址|住在|家住|收货地)(?:是|为|在|[:：])?\s*(?P<it>[\u4e00-\u9fffA-Za-z0-9\-]{5,40})")),
    ("address", re.compile(r"(?<![A-Za-z0-9])\d{1,4}[栋幢座]\s?(?:\d{1,2}单元\s?)?\d{2,4}(?:室|户|房)?")),
    ("address", re.compile(r"\b\d{1,5}\s+(?:[A-Z][a-z]+\s){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd)\b\.?(?:,?\s+(?:Apt|Unit|Suite)\s*\w+)?")),
    ("name", re.compile(rf"(?:我叫|我是|姓名|联系人|收件人|收货人|客户叫|名字叫|名叫|本人)(?:是|为|[:：])?\s*(?P<it>[{_SURNAMES}][\u4e00-\u9fff]{{1,2}})(?=[，。,.、；;！!?？\s：:]|$|的|电|手|1)")),
    ("name", re.compile(rf"(?<![\u4e00-\u9fff])?(?P<it>[{_SURNAMES}][\u4e00-\u9fff]{{0,2}}?)(?:{_TITLE})")),
    ("name", re.compile(r"(?:找|联系|问|打给|叫)\s*(?P<it>[小老][李王张刘陈杨赵黄周吴徐孙胡朱林何郭罗梁宋郑谢韩唐冯董萧袁邓许傅沈曾彭吕])(?![家区期程边])")),
    ("name", re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr)\.?\s+(?P<it>[A-Z][a-z]+(?:\s[A-Z][a-z]+)?)")),
    ("name", re.compile(r"(?:my name is|this is|I am|I'm)\s+(?P<it>[A-Z][a-z]+\s[A-Z][a-z]+)")),
)  # fmt: skip
#: What looks like a name before a title and is none.
_NO_NAMES = frozenset(
    [
        "和",
        "于",
        "从",
        "向",
        "应",
        "都",
        "强",
        "成",
        "文",
        "常",
        "通",
        "连",
        "国",
        "家",
        "安",
        "单",
        "相",
        "利",
        "计",
        "居",
        "平",
        "时",
        "查",
        "干",
        "支",
        "满",
        "关",
        "请",
        "步",
        "项",
        "解",
        "明",
        "高",
        "车",
        "能",
        "同",
        "安装",
        "安检",
        "家电",
        "家政",
        "家具",
        "家居",
        "项目",
        "单位",
        "全国",
        "全体",
        "金牌",
        "高级",
        "应急",
        "车间",
        "通讯",
        "平台",
        "国际",
        "包装",
        "广东",
        "安徽",
        "成都",
        "常驻",
        "任何",
        "该店",
        "本店",
        "时段",
        "门窗",
        "石材",
        "水电",
        "管道",
        "相关",
        "有关",
        "其他",
        "其它",
        "别的",
        "车险",
        "单店",
        "查询",
        "古典",
        "龙头",
        "方案",
        "席位",
        "卫浴",
        "滑门",
        "万能",
        "万家",
        "全屋",
        "全职",
    ]
)
#: Parts of speech that no name is: verbs, adverbs, prepositions, conjunctions, pronouns (安排师傅, 都由老师).
_NO_NAME_PARTS = frozenset({"v", "vn", "vd", "d", "ad", "p", "c", "r", "uj", "ul"})
_NO_ADDRESS = re.compile(r"^(?:小区|社区|地区|一路|网上|线上|全国|当地|附近|这边|那边|门店|商城|官方|各)")


@dataclass(frozen=True)
class Finding:
    """Something in a text that looks like personal data.

    :param field: in which of several texts it stands. :param start: place in that text, in characters, half open with `end`.
    """

    kind: str
    start: int
    end: int
    text: str
    field: str = ""

    @property
    def mask(self) -> str:
        """What is put in its place."""
        return MASKS[self.kind]

    @property
    def key(self) -> str:
        """Names the words and their kind without holding them: the same words have one key wherever they stand."""
        return hashlib.sha256(f"{self.kind}:{self.text}".encode()).hexdigest()[:16]

    @property
    def words(self) -> str:
        """What kind of data it is, in words."""
        return str(WORDS[self.kind])


def _folded(text: str) -> str:
    """Full-width letters and digits as half-width, character for character, so that places stay the same."""
    return "".join(
        folded if len(folded := unicodedata.normalize("NFKC", char)) == 1 and ord(char) > 0xFF00 else char
        for char in text
    )


def _is_said(text: str, start: int, end: int) -> bool:
    """Whether what looks like a name of two or three characters is a verb or another word that binds (安排师傅)."""
    if end - start < 2 or text[start:end].isascii():
        return False
    at, found = 0, False
    for word, part in rjieba.tag(text):
        if at >= end:
            break
        if at + len(word) > start:
            if at < start or at + len(word) > end or part not in _NO_NAME_PARTS:
                return False
            found = True
        at += len(word)
    return found


def detect(text: str, *, names: Iterable[str] = (), field: str = "") -> list[Finding]:
    """What looks like personal data, in order, without overlaps.

    :param names: names and handles that are known to be those of people, such as the participants of a case.
    """
    plain = _folded(text)
    taken: list[Finding] = []

    def take(kind: str, start: int, end: int) -> None:
        if start < end and all(end <= one.start or start >= one.end for one in taken):
            taken.append(Finding(kind, start, end, text[start:end], field))

    for name in sorted({one.strip() for one in names if len(one.strip()) > 1}, key=len, reverse=True):
        at = plain.find(name)
        while at >= 0:
            take("name", at, at + len(name))
            at = plain.find(name, at + len(name))
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(plain):
            start, end = match.span("it") if "it" in pattern.groupindex else match.span()
            words = plain[start:end]
            if kind == "name" and (
                words in _NO_NAMES
                or words in MASKS.values()
                or (words[1:] in _NO_NAMES and len(words) > 2)
                or _is_said(plain, start, end)
            ):
                continue
            if kind == "address":
                before = _TO_ADDRESS.match(words)
                start += before.end() if before is not None else 0
                if _NO_ADDRESS.search(plain[start:end]):
                    continue
            take(kind, start, end)
    return sorted(taken, key=lambda one: one.start)


def masked(text: str, findings: Iterable[Finding]) -> str:
    """A text with these findings masked."""
    for one in sorted(findings, key=lambda finding: -finding.start):
        text = text[: one.start] + one.mask + text[one.end :]
    return text


def mask_all(text: str, *, names: Iterable[str] = ()) -> str:
    """A text with everything masked that looks like personal data; for what no editor sees before it is stored."""
    return masked(text, detect(text, names=names))


def apply(text: str, findings: Iterable[Finding], decisions: Mapping[str, str]) -> str:
    """A text with those findings masked that an editor decided to mask (key → ``mask`` or ``keep``)."""
    return masked(text, [one for one in findings if decisions.get(one.key) == "mask"])
