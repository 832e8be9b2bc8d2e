"""Whether a text of ours promises that we will come back with something. Pure; read clause by clause, with what denies it.

Chinese support staff rarely say “I promise”: they say that they will ask, that there is word later, that somebody will write. What counts is
who comes back (we, not a fitter or a courier), to whom (the reader), and that it lies ahead: “跟您说一下” begins what is said now, “已经回复您了”
is over, “不用回复” asks for nothing. A bare “请稍等” (`only_holds`) promises nothing that was not owed, and answers nothing: what is owed stays
owed, with its own clock. “我来帮你查 稍等一下” says what will be done, and is a promise.
"""

from __future__ import annotations

import re

from foundation.patterns import without_endless

_YOU = r"(?:您|你|妳)(?:们|俩|几位)?|大家|各位"
_US = r"我们?|这边|咱们?|专人|专员|同事|客服|工作人员|负责人|小妹|小编|店里|由我"
_LATER = (
    r"稍后|稍候|稍晚|晚点|晚些|晚一点|回头|待会|等会|一会儿?|过会|过后|随后|之后|到时|届时|尽快|马上|立即|立马|立刻|第一时间|及时|抓紧|下班前"
    r"|今天|今晚|明天|明早|后天|上午|中午|下午|晚上|周[一二三四五六日天末]|星期[一二三四五六日天]|\d+\s*(?:点|时|号|日|小时|分钟|个?工作日|天)"
    r"|[一二两三半几]个?(?:小时|工作日|天|分钟)|之内|以内|之前|以前"
)
_KNOWN = (
    r"(?:有|等|待|一有|只要)[^，。！？\n]{0,8}(?:结果|消息|进展|回音|回复|眉目|答复|反馈|通知|更新|单号|货|变化|变动|情况|动静|准信|下文)"
    r"|(?:查|问|核实|核对|确认|落实|了解|沟通|协调|弄|看|搞|查证|排查|处理|检测|安排|商量|定|算|联系|出|改|开|办|修|寄|做|拿|整理)"
    r"(?:清楚|明白|下来|出来|完毕|好|完|到|妥|定|了|后)+"
    r"|(?:成功|通过|完成|到账|到货|到|好)了|(?:完成|通过|成功|签收|修改|到货|到站|到账|核实|查询|确认|核对|了解|处理|沟通|检测|审核)(?:之|以)?(?:后|完毕)"
    r"|(?:结果|消息|价格|时间|单号|方案)(?:出来|下来|一?到|定)"
)
_WHEN_KNOWN = re.compile(_KNOWN)
_AHEAD = re.compile(rf"{_LATER}|{_KNOWN}|会(?!员)|将(?!就)|就|再|如果|一旦|保证|肯定|一定|去[问查催核看]")
#: Words that only ever mean an answer which is still to come; and words that as often begin what is said now.
_ANSWER = r"回复|回覆|回话|回信|回音|回执|回电|回个?(?:话|电话|信|消息)|回拨|答复|答覆|准信|交代|交待|说法|致电|去电"
_SAY = (
    r"说(?!明书|再见|法)|讲|告诉|告知|通知|同步|汇报|更新|反馈|联系|打个?电话|打过去|留言|结果|消息|方案|报价|进度|进展"
    r"|发(?:一?[份个下])?(?=[^，。]{0,4}(?:结果|方案|报价|单号|清单|合同|发票|资料|文件|截图|链接|照片|视频|消息|过去)|$)"
)
_BACK = re.compile(
    rf"(?:给|跟|和|与|向|同)(?:{_YOU})[^，。；！？\n]{{0,8}}?(?:(?P<a1>{_ANSWER})|(?P<s1>{_SAY}))"
    rf"|(?P<a2>回复|回覆|答复|答覆|回电|回访)给?(?:{_YOU})|(?P<s2>反馈|告诉|告知|通知|同步|联系|知会)(?:给|到|与)?(?:{_YOU})"
    rf"|(?P<a3>(?<!返)(?<!退)回)(?:{_YOU})(?!们?的)|(?<![退送寄补换赔转交])(?P<s3>给|发|报)给?(?:{_YOU})(?=[吧哈哦呢啊哒的啦~～\s]*$)"
    rf"|(?:{_US})[^，。；！？\n]{{0,14}}?(?P<a4>回电|回复|答复|回访|回话|回信)"
    rf"|(?:{_US})[^，。；！？\n]{{0,10}}?在?(?:群里|这里|这儿|这边)(?P<s4>说|更新|同步|通知|告知|回)"
    r"|(?P<a5>(?:尽快|稍后|马上|第一时间)(?:回复|答复|反馈|回话|回电))|(?P<s5>(?:短信|电话|微信|邮件|来电)(?:告知|通知|联系|回访))"
)
_LOOK = r"查询?|问|催促?|核实|核对|看看?|落实|盯|跟进|追|反映|了解|打听|确认|沟通|协调"
_HELP = re.compile(
    rf"(?:帮|替|给|为|代)(?:{_YOU})[^，。；！？\n]{{0,4}}?(?:{_LOOK})(?!起来|上去)"
    rf"|(?<![与跟和给向让请对把叫麻])(?:{_US})(?:这边|这里|来|去|先|马上|现在|立刻|赶紧|会|再|就|正在|一直|负责|持续|全程|帮忙?|要|继续|也|立马|这就|立即|随时)*"
    rf"(?:去|帮忙?)?(?:问问|查查|催催|看看|[问催](?=[吧哈哦呢啊哒～~\s]*$)|(?:查询?|问|催促?|核实|核对|看|了解|盯|追|反映|打听|沟通)(?:一?下|一[查问看]|看看?|问|着|清楚|进度|情况|结果|仓库|厂家|师傅|门店|财务|物流|后台|技术|同事|主管|领导|到底)|跟进|落实)"
    r"|(?:来|由我|我来|这边)跟进|正在?(?:为您|帮您|给您|帮你)?(?:核实|查|问|确认|催|了解|跟进)|我[去来][问查催看]|(?<![与跟和给向让请对])我[问查看催](?:一?[下问查看]|$)"
)
_WAIT = re.compile(
    r"(?:稍等|稍候|请等)(?!.{0,4}(?:再|后))|稍微等|等(?:我|我们)(?:的)?(?:一下|消息|电话|通知|回复|查|问|看|确认|核实|这边)|(?:留意|等待?)(?:我们|我|专员|同事)(?:的)?(?:消息|电话|通知|回复|回电)"
    r"|容我|给我[^，。]{0,4}(?:分钟|小时|点时间|时间)"
)
#: Who comes back is somebody else: that is no answer of ours.
_OTHERS = re.compile(
    r"(?<!联系)(?<!通知)(?<!问)(?<!跟)(?<!催)(?<!帮您)(?:师傅|技师|工程师|安装|维修|快递|物流|司机|配送|门店|店长|厂家|银行|骑手|保洁|阿姨|仓库|老师|医生|站点|小哥|客户|顾客|业主)(?:队|工|员|人员|小哥)?"
    r"(?!(?:那边|这边)?(?:一?有|回复?|说|给|到|好|来了|出))[^，。；！？\n我咱]{0,16}?(?:联系|打个?电话|致电|去电|通知|来电|回电|告知|提醒|约)"
)
_DENIED = re.compile(
    r"(?:不用|不必|无需|无须|不需要?|甭|别|勿|不要|不会|不能|不便|没法|没办法|无法|不再|没有|没能|没|未能|未|暂不|难以|没空)"
    r"(?:再|专门|特意|每次|一直|单独|着急|给|跟|向|对|马上|及时|立刻|立即|现在|办法|收到|得到|等|去|帮|我|们|您|你|任何|什么|的|一一)*$"
)
_DONE = re.compile(
    r"(?:已经?|(?<![点号日天时钟分午末])之前|此前|先前|上次|上回|昨天|昨晚|前天|早就|曾经?|方才|当时|那天|多次)[^，。；！？\n我]{0,8}$|(?:刚才?|刚刚|才|现将|现|特此?)[^，。；！？\n我]{0,2}$"
    r"|(?:如果|要是|假如|只是|就是)我?们?$"
)
_NO_HELP = re.compile(rf"(?:{_DENIED.pattern})|(?:已经?|刚才?|刚刚)(?:给|为|在)?$")
_JUST_NOW = re.compile(
    r"^(?:一?下)?(?:过|到了|了(?!就|再|马上|第一|我|跟|给)|的(?!时|话|[哈哦呢啊~～\s]*$))|^(?:一?下)?(?:进展|情况|结果|进度|消息|时间|安排)?[：:]|^如下|^一声[，,]?$"
)
_ASKED = re.compile(
    r"(?:要不要|需不需要|用不用|是否需?要?|想不想|有没有|有什么|(?:需要|还要)(?:我|我们|这边|给您|帮您|客服))[^，。\n]*$|(?:了|过)(?:吗|么|嘛|没有?)\s*[?？]?$|有[^，。]{0,10}(?:吗|么)\s*[?？]?$"
)
#: Something that the reader has to give first: then nothing is owed before it comes.
_FIRST_YOU = re.compile(
    r"(?:提供|报|发|告知|说|给|留)(?:给?我|一?下|过来|来|个)[^，。！？]{0,12}(?:号|姓名|地址|方式|截图|照片|链接|信息)|(?:号|姓名|地址|方式|截图|照片|链接|信息)[^，。！？]{0,6}(?:提供|发|报|给|说|告知|留)"
)

_ENGLISH = re.compile(
    r"\b(?:get|come|circle|be|report|write|call|revert)\s+(?:right\s+)?back\s+(?:to|with)?\s*(?:you|with)\b|\b(?:call|ring|write|text)\s+you\s+(?:back|again|later|when|once|as soon)"
    r"|\b(?:keep|get)\s+you\s+(?:posted|updated|informed|in the loop|an? (?:answer|update))|\byou(?:'|\u2019)?(?:ll| will)\s+hear\s+(?:back\s+)?from\s+(?:us|me)"
    r"|\b(?:i|we)(?:'|\u2019)?(?:ll| will| shall| am going to|'m going to| are going to|'re going to)\s+(?:\w+\s+){0,2}?(?:check|look into|find out|ask|confirm|speak|talk to|follow (?:it |this )?up|chase|"
    r"update you|let you know|tell you|inform you|contact you|be in touch|notify you|message you|email you|reply|respond|investigate|see what)"
    r"|\blet you know\b|\bupdate you\b|\bleave it with me\b|\b(?:bear with|give) (?:me|us) (?:a|\d+|a few|some)?\s*(?:moment|minute|min|sec|time)|\blooking into (?:it|this|that)\b"
    r"|\blet me (?:check|ask|find out|look into|see)\b|\bby \d.{0,12}(?:today|tomorrow)\b",
    re.I,
)
_ENGLISH_DENIED = re.compile(
    r"\b(?:no need to|do(?:es)?n(?:'|\u2019)?t (?:need|have) to|won(?:'|\u2019)?t|will not|can(?:'|\u2019)?t|cannot|can not|unable to|never|not able to|wouldn(?:'|\u2019)?t)(?: \w+){0,3}\s*$|\b(?:please|could you|can you|did\w*(?: \w+){1,3}|"
    r"just (?:to|wanted to)|wanted to|writing to|has anyone|have they|(?:the )?(?:technician|fitter|courier|driver|bank|store|warehouse)(?: team)? (?:will|'ll)(?: \w+)?)\s*(?:\w+\s+)?$",
    re.I,
)
_SENTENCE = re.compile(r"[^。！!？?\n；;]+[。！!？?\n；;]?")
_CLAUSES = re.compile(r"[，,、]\s*|(?<=[\u4e00-\u9fff~～])\s+(?=[\u4e00-\u9fff])")


_HOLD = re.compile(
    r"(?:(?:好的?|嗯+|哦+|收到|明白|了解|亲(?:爱的)?|在的?|哈喽|[\u4e00-\u9fff]{0,4}?(?:女士|先生|太太|小姐|老师|阿姨|叔叔|哥|姐)?(?:您好|你好)|(?:女士|先生)|hi|hello|ok|okay|sure|yes)"
    r"[呢哈哦啦呀～~，,。！!.\s]*)*+(?:麻烦|劳烦|还?请|辛苦)?(?:您|你|大家|妳)?(?:这边)?(?:先|再)?(?:稍微?等|稍候|稍後|请等|等)(?:我)?(?:一?[下会]儿?|一等|片刻|一会儿?)?"
    r"[哈哦呢啊呀哒的吧啦哟喔～~。！!.…\s]*"
    r"|(?:(?:hi|hello|ok|okay|sure|yes)\b[,.! ]*)?(?:please )?(?:(?:just )?(?:one|a) (?:moment|minute|min|sec|second)|hold on|(?:wait|hold)|bear with (?:me|us))(?: (?:for )?(?:a|one) (?:moment|minute|min|sec|second))?"
    r"(?:,? please)?[.! ]*",
    re.I,
)


def only_holds(text: str) -> bool:
    """Whether a text does nothing but ask somebody to wait: it answers nothing, and says nothing of what will come."""
    return bool(_HOLD.fullmatch(text.strip()))


def promises_in(text: str) -> list[str]:
    """The words of a text that promise feedback, as they stand in it: clause by clause."""
    text = without_endless(text)
    if only_holds(text):
        return []
    found: list[str] = []
    for sentence in _SENTENCE.findall(text):
        before = ""
        asks_first = bool(_FIRST_YOU.search(sentence))
        for clause in filter(None, _CLAUSES.split(sentence)):
            if _promises(clause.strip(" 。！!；;～~\n"), before, asks_first=asks_first):
                found.append(clause.strip(" ，,。！!；;～~\n"))
            before = clause
    return list(dict.fromkeys(found))


def promising(text: str) -> str:
    """The sentences of a text that promise feedback, with the time that they name; not what else it says."""
    found = [sentence.strip() for sentence in _SENTENCE.findall(text) if promises_in(sentence)]
    return "".join(found) or text


def promise_words(text: str) -> str:
    """What a text promises, in a line for those who owe it."""
    return ("，".join(promises_in(text)) or text)[:100]


def promises_feedback(text: str) -> bool:
    """Whether a text promises that we will come back with something."""
    return bool(promises_in(text))


def _promises(clause: str, before: str, *, asks_first: bool) -> bool:
    if any(not _ENGLISH_DENIED.search(clause[: match.start()]) for match in _ENGLISH.finditer(clause)):
        return True
    if _ASKED.search(clause):
        return False
    ahead = bool(_AHEAD.search(clause) or _WHEN_KNOWN.search(before))
    for match in _BACK.finditer(clause):
        kind = next(name for name, words in match.groupdict().items() if words)
        if not (kind.startswith("a") or ahead) or _OTHERS.search(clause):
            continue
        if not _is_denied(clause[: match.start(kind)], clause[match.end() :]):
            return True
    if asks_first:
        return False
    helps = [m for m in _HELP.finditer(clause) if not _JUST_NOW.search(clause[m.end() :])]
    return any(not _NO_HELP.search(clause[: match.start()]) for match in (*helps, *_WAIT.finditer(clause)))


def _is_denied(before: str, after: str) -> bool:
    return bool(_DENIED.search(before) or _DONE.search(before) or _JUST_NOW.search(after))
