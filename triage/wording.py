"""Customer-safe wording: what a colleague or partner said becomes what a customer may read. Pure.

Nothing is passed on as it stands. A text is taken apart into clauses; a clause that names people, money, blame, other customers or internal
matters is withheld; what remains is turned to the reader and put into a template. Chinese here; `wording_english` takes English clauses apart and
puts them together again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from foundation.patterns import without_endless
from triage import phrases, wording_english
from triage.engines.base import TimeReading
from triage.engines.local.clauses import LIKELY, inside
from triage.matching import TITLES, contrasted
from triage.patterns import without_names

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_SENTENCE = re.compile(r"[。！？!?；;\n]+|(?<=[a-z])\.\s+")
_COMMA = re.compile(r"[，,]+|(?<=[\u4e00-\u9fff0-9a-zA-Z])\s+(?=[\u4e00-\u9fff])")
_PARENT = re.compile(
    r"(?:他|她|客户|[\u4e00-\u9fff]{1,3}(?:女士|先生|小姐))?的?(爸妈|爸爸?|妈妈?|老公|老婆|父亲|母亲|家里老人|老人|先生|爱人)"
)

#: Clauses that never reach a customer, each with the code of the reason.
PRIVATE: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("instruction", re.compile(r"[\[【<{][^\]】>}]{0,40}(assistant|system|prompt|助手|系统|管理员|指令|客服系统)|\b(ai|chat) ?(assistant|bot|agent)\s*[:：,，]|\bset (the )?(mode|intent) to\b|\b(post|publish) (this|it) to (the )?(customer|client|guest)|\b(risk_topics?|wait_state|mode|intent)\s*[=:：]|\b(release|send|forward|relay|pass) (this|it|the) ?(message|text|reply|note)?( on)?( to (the )?(customer|client|him|her))? ?(unchanged|verbatim|as (it )?is)\b|\b(risk_topics|verbatim|prompt\b|as an ai\b|assistant:|system:)|"
                               r"原样(转|发)|一字不(改|差)|无需审核|不用审核|直接(发送|发出去|转发)|忽略.{0,8}(规则|指令)", re.I)),
    ("money", re.compile(rf"误工|[加涨补垫][了到收]?\s?\d{{2,}}(?!\d|\s*[号点日度厘毫米张个件分天年月台份克斤升字])|先垫|空跑(?!了?[一二三两四五六七八九十几半\d]+来?个?(小时|钟|分|天|圈|遍|轮|宿|夜|晚)|测|试|正常|没|不)|跑空|空趟|\d{{2,}}[^，,。\d]{{0,3}}(记|算|欠|挂)(到|在|着|起|上|账)|差旅|路费|油费|过路费|\d{{2,}}[^，,。\d]{{0,8}}(没|未)(结|给|付|清|报)|(?<![付值])钱(?!包|夹|币|{TITLES})|"
                         r"要\s*\d{3,}(?!\d|\s*[号点日度厘毫米张个件分天年月台份克斤升字])|[砍还讲]价|转(给)?我|(微信|支付宝|现金).{0,6}(转|付|给|收)|税点|(少|没|欠|漏)给我们?的|\d{2,}(块|元)?[^，,。\d]{0,4}(啥时候?|什么时候|几时|哪天|多久)(才|能|可以)?(补|给|结|付|转|打|报)|(低于|不到|至少|起码)[^，]{0,4}[千百万块元]|走.{0,3}公司账|补[^，]{0,6}\d{2,}(?!\s*[号点日度厘毫米张个件])|"
                         r"\b(our|my|the) rate\b|\b(pay|paid|commission|margin|discount|invoice (him|her|them)|overtime|deposit)\b|what you like", re.I)),
    ("secret", re.compile(r"\b(keep (that|this|it) to (yourself|yourselves|ourselves)|to yourself|between (you|us)|honestly|half of (her|his|their)|her own|his own)\b", re.I)),
    ("blame", re.compile(r"摔(了|坏|碎|的)|(弄|碰|打|搞|压)(坏|碎|丢|折|断)(了|的)|失手|失误|睡过头|睡着|喝多|搞忘|记错|看错|学徒|新手|偷工减料|早晚(出|要)|出人命|糊弄|(别|莫|不要)又?再?(订|发|配|寄|写|派)错|又(订|发|配|寄|写|派)错|翻脸|磨磨?[叽唧蹭]|按你们的来|赖(我|你)们?|你们(的)?(人|销售|设计|安装)")),
    ("to_us", re.compile(r"\b(don'?t|do not|never|no need to) (commit|promise|quote|go (telling|saying)|raise|bring (it|this|that) up|worry (him|her|them)|tell|mention|say|let on)\b|"
                       r"\b(with|to) the (tenant|customer|client|guest|resident|owner|buyer|patient|parents?)( yet)?\b|\b(cover|back) (me|us) up\b|\bhaving you on\b", re.I)),
    ("blame", re.compile(r"\b(my|our) (lad|guy|boy|mate|apprentice|trainee|new (guy|girl|starter)|driver|fitter|crew|team|people|staff)s? (\w+ )?"
                         r"(nicked|broke|dropped|forgot|missed|messed|scratched|bent|cracked|lost|damaged|knocked|spilt|spilled|left)|"
                         r"\b(nicked|screwed up|messed up|botched|cocked up|mucked up|bodged|cut corners)\b", re.I)),
    ("internal", re.compile(r"[莫甭休](跟|和|给|对|让|告诉|说|提|讲)|(一|半)个字(都|也)?[别不莫]|别(跟|和|告诉|让|在|弄混)|不要(跟|告诉)|先别(提|说)|不提|悠着点|说死|内部|你们(商量|得|自己|公司)|商量得|"
                            r"between us|don'?t tell|note to|customer as is|mode\s*=|you guys", re.I)),
    ("money", re.compile(r"费(?!点|心|劲|了|时|力|年限|基数)|[¥￥$]|\d+\s*(元|块)|赔|(?<![盘纽搭锁卡按])扣(我|你|钱)|自费|报价|结算|(?<!确)认一下|\bcost|\bbill\b|"
                         r"\bcharg(?:e|es|ed|ing) (?:him|her|them|us|you|the (?:customer|client|guest|tenant)|for|extra|more|full|an? |\d)|\b(?:a|an|the|extra|additional|service|call-?out|no|any) charges?\b|\bcharges\b"
                         r"|\b(?:we|they|i)(?:'ll| will|'d| would)? charge\b|\bprice|quote", re.I)),
    ("blame", re.compile(r"害我|白(跑|垫|干|忙|搭)|报错(了?(地址|型号|单|价|数|名))|瞎搞|的(小子|小伙子?|家伙|学徒|小工)(把|没|又)|新来的|新手|搞错|乱|临时工|没塞|[背甩顶扛丢这口]锅|(他|她|你|我|们|谁)的锅(?!碗|具|里|盖|底)|锅[甩背扣丢是在]|怪(?!味|声|响|异|病)|甩(?!干|水)|他自己|她自己|能催|难缠|啰嗦|事多|退回来的|上家|always|hopeless|moan|"
                         r"he'?ll say|she'?ll say|\b(?:my|our|his|her|their|your|whose|nobody'?s|(?:customer|client|guest|driver|fitter|tenant|user|owner)'?s|\w+'s) (?:own )?fault\b|\bat fault\b|\b(their|his|her|your) own (doing|making)\b|静电|没长眼|不懂|太懒|忽悠", re.I)),
    ("other_customer", re.compile(r"上(次|回)[^，]{0,8}(那家|那户|那单|那个客户|那台)|另一?[码回]事|两家[^，,。]{0,3}别|[别莫][搞弄整说][混串]|不一回事|(跟|和|同(?![学事志意时步款行样城层楼校班]))[^，,。]{1,12}(家|那户|那单|那台|那边|那套|那只|那批|那间|那位|那辆|那件)[^，,。]{0,3}(的|是|都|也)?(一个|一样|同一个?|同样|同款|差不多|一模一样)[^，,。]{0,6}$|(跟|和|同|照|像|比)[^，,。]{0,8}老[\u4e00-\u9fff](家|那)|(跟|和|同(?![学事志意时步款行样城层楼校班])).{0,20}(一个(毛病|德行|情况|故障|问题|症状|路数)|一样的毛病|[一两另]一?回事|[一两另]一?码事|同款问题|[搞弄]混)|另(一|外).{0,4}(户|家|单|台|位)|那台自费|刘姐|谈拢")),
    ("consequence", re.compile(r"^(不然|否则|要不然?|没(这个|关好|有这|它)|不[\u4e00-\u9fff][^，]{0,6}(没法|没得|(?<!能)不能|[进测装订拆换修弄配做]不[了成好])|不(关|拍|发|弄|拔|给)[^，]{0,6}(进不|测不|装不|订不)|过点|otherwise|or else)", re.I)),
    ("speakers_reason", re.compile(r"^(我|咱|确认了我|拍了我)(们)?好(?!了)|^(定|确认|选|拍|弄|签|发)(好|下来)?了[我咱]|我(们)?好(看|开|订|带|安排|补)|"
                                   r"判断一下故障$|^(我|咱)?(们)?看(下|看|一下)?是不是")),
    ("to_us", re.compile(r"你们(?!家|[那这](边|里|儿)?|店|门店|前台|仓)|咱们?+(?!家|这[一\d]?(个|箱|台|单|批|套|件|边|里))|贵司|(别|不要|千万别|可别|先别|少)(跟|和|告诉|说|先?漏|透|提|讲|让.{0,4}知道)|说漏|保密|(催|问|找|烦|骂)我|下回|心里有数|自己人|别(往|对)外|外传|"
                       r"\b(you guys|your side|keep (it|this) (quiet|between)|don'?t (mention|say|let)|off the record|internally)\b", re.I)),
    ("cost", re.compile(r"进价|成本|底价|出厂价|毛利|利润|回扣|提成|工时|加收|(另|再|多|要|改一次|每次)收\s*\d|\d{2,}\s*(一(套|副|个|次|台|平|趟)|/)|(一(套|副|个|次|台|趟)|换一.{1,3})\s*\d{2,}|"
                      r"\b(sting|stiff|rinse|fleece) (him|her|them|the (client|customer|guest|tenant|owner|buyer|couple|family))\b|(?<![\w#])\d{2,5}\s*(to (you|us|me)\b|on top\b|all in\b|extra\b|if (you|he|she|they) (fancy|like|want)|a pop\b)|(?<=for )\d{2,5}(?=\s*($|if you))|\b(our cost|margin|wholesale|mark ?up|kickback|demurrage|surcharge|owes?|owed|overdue|unpaid|fee)\b|\b\d{2,}\s*(usd|eur|gbp|hkd|dollars|quid|bucks)\b", re.I)),
    ("gripe", re.compile(r"连[^，]{1,10}(都|也)(不|没|分不清)|惯着|闹(到|得|着|腾|过)|嘴(又|真|太|很)?(碎|欠|毒)|^(这|那)(个|位)?(客(人|户)|顾客|家长|业主|姑娘|女的|男的|小子|哥们|大姐|老太太|老爷子|家子|人|新娘|新郎|宝妈|房东|车主|老板娘?|学员|大爷|大妈)(?!家|的)|在别(家|处|的店)|^(他|她|老太太|老爷子|人家)(们)?(还|也|就|又|都|非|偏)(?!(会|要|能|可以|得|需要))|听(人|他们)?说|一看就(是|知道)|翻新货|下不来台|少(惹|理)(他|她)|挑(三|剔|刺|角色|毛病)|(他|她)(妈妈?|爸爸?|老公|老婆|家|们)?(还|又|也|就|可)?(老|总|爱|死|净)(是|要|在)?(挑|催|嫌|说|要|问|抠|磨|赖)|态度(真|太|很|挺)?(差|横|恶劣|不好)|事儿?(真|太)?多|意见.{0,4}不统一|小单子|单子小|一天.{1,2}(遍|次)|不(想|愿|肯)(给)?(开|配合|接)|(别|又)(又|要)?拖到?|嫌|抠(?!下|出|掉|开|起)门?|穷|土豪|难(搞|伺候|弄)|\b(professional|serial) (complain|return|moan|whin|nagg|cheat|refund|sue|quibbl|hagg?l)\w*\b|\b(complainers?|moaners?|whiners?|time ?wasters?)\b|\b(isn'?t|wasn'?t) (that|she|he|it) the (woman|man|guy|lady|bloke|one|couple) (who|that)\b|\b(swear|always do|insist|whin(e|es|ing)|moan\w*)\b|脾气|矫情|作(得|死)|"
                         r"[烦气累急忙笑坑]死|死活|不认账|赖账|无语|服了|头疼|头大|扯皮|磨叽|啰里|受不了|要命|没完没了|倒霉|见鬼|奇葩|神经|有病|别理|懒得|"
                         r"(真|太|够)(烦|难|折腾|麻烦|费劲|能折腾)|又(要|得)(查|返工|重|挨|白)|(每|老|总)是?(这样|拖|忘|催)|"
                         r"糊弄|刺头|撒谎|骗(人|谁|我)|\b(annoying|ridiculous|fed up|pain in|stupid|useless|clueless|nightmare|typical|as usual|as ever|sloppy|lazy|careless|rude|picky|difficult|ugh|bless (him|her|them)|bless|haha+|hehe+|lol|lmao)\b", re.I)),
    ("other_people", re.compile(r"(楼上|楼下|隔壁|对门|邻居|别的?客户|其他客户|上一?家|另一家|同行).{0,8}(户|家|人|业主|客户|不|没|也|都|说)|"
                                r"\b(the neighbou?r|(the|from|people|lot|those|them|one) (upstairs|downstairs)(?! \w+)|(upstairs|downstairs)(?='s|,? (neighbou?rs?|people|family|tenants?|lot|flat|is|are|has|have|complain\w*|moan\w*))|another (client|customer|guest)|other (clients|customers|guests))\b", re.I)),
    ("guess", re.compile(r"估计|怀疑|八成|多半|大概率|(?<!好)像(是|慢性|急性|自己|人为|摔|进水|被)|也就.{0,8}(的事|时间)|(?<![激生灵养干])活不|没几(天|个月)|癌|肾衰|绝症|"
                       r"\b(probably|i (guess|suspect|bet|reckon)|my guess|looks like (he|she|they)|months (left|to live))\b", re.I)),
    ("opinion", re.compile(r"(真|太(?!阳|太|极|原|仓)|挺|够(?!长|宽|高|大|不|了|用)|忒|贼|特别|非常|实在|简直)(是)?[^，,。]{0,2}(粗|糙|多(?!少)|少|慢|难|烦|乱|差|脏|旧|抠|懒|笨|麻烦|马虎|过分|夸张|离谱|啰嗦|细|讲究|较真|计较)|"
                          r"得(是|也|可)?(真|太|够|挺)|抠得|催得|居然|竟然|偏偏|说实话|老实说|眼都花|累(死|够呛)|够呛|\btold (them|him|her|you) so\b|\blike a \w+$|"
                          r"\b(stubborn|fussy|silly|daft|hopelessly|honest(ly)? speaking)\b|couldn'?t \w+ (his|her|their) own", re.I)),
    ("other_customer", re.compile(r"(一个|有个|别的|其他|另一个|那边(一|有)?个?)(客(?!厅|房|服|观|车|流)|老板|人家)|先(给|帮)?[你您](们)?(做|弄|排|赶)的?$|先做的您|插(个)?队|加塞|\b(another|other|one) (customer|client|guest|order) (is|was|keeps|wants)", re.I)),
    ("uncertain", re.compile(r"搞不好|说不定|可能是?我|可能.{0,6}[裂坏断烧漏]|没准|兴许|保不齐|也许是|大概是我|估计是|挂了|不好说|\b(might|could|may) (be|have|well)\b|\bmaybe\b|\bnot sure\b|\bhard to (say|tell)\b", re.I)),
    ("to_us", re.compile(r"(别|不)(再|老|总)?(让|叫|给)我(?!们?(拍|看|发|传))|(让|叫)我(白|又|再|一个人)")),
    ("question_to_us", re.compile(r"(商量|谈|问|弄|办)得?(咋样|怎么样|如何)|你看|看下哪天")),
)  # fmt: skip

REQUEST = re.compile(
    rf"(?:麻烦|{phrases.ASKING}|让|叫|通知|要|喊|催)(?:一下|下)?(?:麻烦|请|让)?"
    rf"(?:他们?|她们?|它|客户|用户|顾客|家长|业主|对方|[\u4e00-\u9fff]{{1,4}}(?:{TITLES}))?"
)


#: What may follow a request: how, how many, of what, by when. Anything else that a colleague adds is talk among colleagues.
_SPECIFIES = re.compile(
    r"清楚|清晰|完整|各|正反|远近|全景|特写|近照|全部|连同|连着|一起|同时|注明|写明|写上|标注|盖章|签字|一致|原件|复印|扫描|不要|别|先|再|然后|"
    r"记得|务必|最好|尽量|要|需|得|(之|以)?前|以后|今天|明天|后天|周|星期|礼拜|点|号|月底|早上|上午|下午|晚上|小时|分钟|[一二两三四五六七八九十几\d]+(张|份|个|段|遍|次|米|毫米|厘米|公分)|"
    r"拍|发|传|写|填|带|量|关|断|拔|开|留|等|看一?下|检查|确认|回|选|定|说|告诉|方便|可以|在家|到场|准备|腾|挪|拆|装|包|寄|放|交|贴|"
    r"左手|右手|进门|上面|下面|背面|侧面|正面|里面|外面|底部|顶部|旁边|角|柜|盒|箱|"
    r"照片|视频|截图|图|尺寸|型号|编号|号码|证明|发票|收据|表|地址|时间|版本|批号|颜色|数量",
)

#: What a report may hold for its reader: what was done, found, sent, when, what comes next. Anything else is talk among colleagues.
_REPORTS = re.compile(
    r"完|好(了|的)?|到|换|修|装|查|测|验|发|寄|出|送|派|排|约|上门|过去|今天|明天|后天|周|点|号|日|月|正常|没问题|通过|审|批|下来|结果|工作日|"
    r"单号|走(顺丰|中通|圆通|申通|韵达|京东|德邦|物流|快递|专车|空运|海运)|(今晚|明早|明天|今天)走|(顺丰|中通|圆通|韵达|京东|德邦)走|请|麻烦|可以|需要|要|得|进|放行|办|签|交|入|拿|取|试|拆|洗|补|做|印|裁|开料|加工|处理|解决|恢复|更新|升级|开通|退|改|定|配|方案|款式|就用|缺货|有货|在(路上|途|做|修|处理)|"
    r"先[^，,。]{1,10}再|重新|取|让[他她您客业用]|[叫喊][他她]|[一二三四五六七八九十两几]+来?(天|周|个月|个?小时)|看(过|了|完)|备|收到|核对|合适|漏|坏|裂|断|堵|松|老化|损|烧|短路|故障|原因|型号|尺寸|数量|回(个|复|我)|告诉|说一?声|反馈|\d",
)

#: A clause that only asks for a word back, without saying about what.
ONLY_ASKS = re.compile(
    r"^(也|就)?(请|让|麻烦|叫)(她|他|客户|[\u4e00-\u9fff]{1,4})?.{0,6}(确认|定|回个?话|答复|选)(一下|下)?$"
)


@dataclass(frozen=True)
class Clauses:
    """A text taken apart: what may be told, and what is withheld with the code of the reason."""

    kept: tuple[str, ...]
    withheld: tuple[tuple[str, str], ...]

    @property
    def private(self) -> list[str]:
        """Clauses that the reader must not find in any wording. Idle talk that was only left out is not among them."""
        return [clause for clause, code in self.withheld if code not in ("not_asked", "not_told", "talk")]

    @property
    def codes(self) -> frozenset[str]:
        """Why something was withheld."""
        return frozenset(code for _clause, code in self.withheld)


def is_english(text: str) -> bool:
    """Whether a text is to be answered in English."""
    return not _CHINESE.search(text)


#: What the speaker needs it for, at the end of what is wanted: 定一下我好开版.
_FOR_US = re.compile(
    r"(?<=[\u4e00-\u9fff]{4})[我咱]们?(这边)?好(看|开|订|带|安排|补|定|做|去|发|排|备|下)[\u4e00-\u9fff]{0,5}$"
)


#: What is still to come, and goes on to the reader: 单号明早给你们.
_TO_FOLLOW = re.compile(
    r"((?:单号|结果|报告|回执|图纸|方案|清单|消息|答复|安排)[^，,。；;\s]{0,8}(?:给|发给|发|回|报))你们(?=$|[，,。；;\s])"
)


#: A clause that only names the place that the next one asks to see: 猫肚子打结那块 麻烦她拍清楚一点.
_PLACE = re.compile(r"(那|这)(块|里|儿|处|头|片|圈|道|面|截)$|的地方$|[部方]位$|位置$")
_ASKS_OF = re.compile(rf"^(麻烦|{phrases.ASKING}|让|叫|喊)")


def _with_their_place(parts: list[str]) -> list[str]:
    """The parts of a sentence, the place that is to be shown together with the wish to see it."""
    joined: list[str] = []
    for part in parts:
        if joined and _PLACE.search(joined[-1]) and len(joined[-1]) <= 14 and _ASKS_OF.match(part):
            joined[-1] += part
        else:
            joined.append(part)
    return joined


def clauses_of(text: str) -> list[str]:
    """The clauses of a text, without mentions of handles."""
    text = re.sub(r"@[^\s@，,]{1,16}\s?", "", text)
    text = _TO_FOLLOW.sub(r"\1您", text)
    found: list[str] = []
    for sentence in _SENTENCE.split(text):
        if is_english(sentence):
            found += wording_english.clauses(wording_english.plain(sentence))
        else:
            found += [_FOR_US.sub("", part) for part in _with_their_place(_COMMA.split(sentence))]
    return [clause.strip(" ，,。.、") for clause in found if clause.strip(" ，,。.、")]


#: What was just said is to stay among colleagues.
_KEEP_BACK = re.compile(
    r"^(这|那)?(个|事|话|点|件事|些|句)?(话|事)?(可|就|先|你|你们|千万|也)*(莫|甭|别|不要|休|不能|勿)(跟|和|给|对|让|同|向|告诉|说|提|讲|往|传|漏|外)"
    r"|\b(don'?t|do not|never) (tell|mention|say|repeat|let) (this|that|it|him|her|them|anyone|anybody|the \w+)\b|\b(between (you|us)|don'?t (quote me|let on)|keep (this|that|it) (quiet|between))\b|\b(this|that) (stays|is) between\b",
    re.I,
)


#: What was done or found, in so many words: the model has to be very sure that it is talk.
_PLAINLY_FACT = re.compile(
    rf"{phrases.FINISHED.pattern}|{phrases.FOUND.pattern}|看(过|了|完)|[取拿收搬运拉送寄接](回来?|过来|到|走)了|\d\s*[点:：号日月]|周[一二三四五六日天]|明[天早]|单号|{phrases.DONE.pattern}"
    r"|\btracking( number)?\b|\b(ships?|shipped|packed|fitted|despatched)\b|\b(mon|tue|wed|thu|fri|sat|sun)(s|nes|rs|ur)?(day)?\b",
    re.I,
)


#: From how likely on a clause beside a request is talk.
_BESIDE_A_REQUEST = 0.88
#: Up to how likely talk a clause is surely a fact, though it says none of the things that mostly follow a request.
_SURELY_FACT = 0.15
#: Something is wanted of the reader.
_WANTS = re.compile(
    r"请|让|麻烦|叫|通知|提醒|留|腾|挪|准备|带(上|着|好)|空出|收一收|打(个|声)?招呼|回(个)?话|说一?声|告诉|反馈|\b(please|ask|have|get|keep|leave|bring)\b",
    re.I,
)


@dataclass(frozen=True)
class _Sentence:
    """The clauses of a sentence, and what it says of all of them.

    :param kept_back: how many of them are to stay inside, by the words that end them: 冷机停了俩钟头，别跟货主讲.
    :param aside: from which one on it is an aside. :param sums: whether money is spoken of beside a number.
    """

    clauses: list[str]
    kept_back: int
    aside: int
    sums: bool


def _sentence(clauses: list[str], *, english: bool) -> _Sentence:
    kept_back = max((at for at, clause in enumerate(clauses, 1) if _KEEP_BACK.search(clause)), default=0)
    if not english:
        return _Sentence(clauses, kept_back, len(clauses), sums=False)
    aside = next((at for at, clause in enumerate(clauses) if wording_english.opens_aside(clause)), len(clauses))
    sums = any(wording_english.names_a_sum(clause) for clause in clauses) and any(
        pattern.search(clause) for clause in clauses for kind, pattern in PRIVATE if kind in ("money", "cost")
    )
    return _Sentence(clauses, kept_back, aside, sums)


def _talk_from(clause: str, passed_on: float, *, english: bool) -> float:
    """From how likely on a clause is talk: plain facts only where the model has hardly a doubt."""
    if english:
        return max(wording_english.talk_from(clause), passed_on)
    return max(0.9, passed_on) if _PLAINLY_FACT.search(clause) else passed_on


def _in_english(code: str, said: _Sentence, at: int, heard: str) -> str:
    """Why a clause in English is withheld, by itself or by what stands beside it in its sentence: a sum beside money, an aside to its end."""
    if code in ("instruction", "money", "cost"):
        return code
    if said.sums and wording_english.names_a_sum(heard):
        return "cost"
    if at >= said.aside:
        return "secret"
    return code or ("gripe" if wording_english.gossips(heard) else "")


def take_apart(
    text: str, *, private_names: Iterable[str] = (), own_names: Iterable[str] = (), passed_on: float = 0.0
) -> Clauses:
    """Decide for every clause whether a customer may read its content.

    :param own_names: how the reader and their people are called: no words to look at (Hannah Price speaks of no price).
    :param passed_on: for a partner's or colleague's words on their way to a customer, from how likely on a clause is talk and neither fact nor wish: a
        trained model hears it (`LIKELY` for reports; what stands beside a request is more often a part of it). 0: nobody listens.
    """
    kept: list[str] = []
    withheld: list[tuple[str, str]] = []
    text = without_endless(text)
    names = [name for name in private_names if len(name) > 1]
    own = list(own_names)
    others = set(contrasted(text))
    english = is_english(text)
    if english:
        text = wording_english.plain(text)
    taken = [
        wording_english.clauses(sentence) if english else clauses_of(sentence)
        for sentence in (wording_english.sentences(text) if english else _SENTENCE.split(text))
    ]
    sentences = [_sentence(found, english=english) for found in taken]
    for said, at, clause in ((one, at, clause) for one in sentences for at, clause in enumerate(one.clauses)):
        heard = without_names(clause, own)
        code = next((code for code, pattern in PRIVATE if pattern.search(heard)), "")
        if english:
            code = _in_english(code, said, at, heard)
        if not code and english and at and withheld and withheld[-1][0] == said.clauses[at - 1]:
            # Talk about somebody that goes on behind the comma.
            code = withheld[-1][1] if wording_english.talks_on(clause) and withheld[-1][1] != "talk" else ""
        if not code and len(clause) > 2 and any(clause in other or other in clause for other in others):
            code = "other_customer"
        if not code and any(name in clause for name in names):
            code = "name"
        if not code and at < said.kept_back:
            code = "secret"
        if (
            not code
            and passed_on
            and not _WANTS.search(clause)
            and inside(wording_english.matter_of(heard) if english else heard)
            >= _talk_from(heard, passed_on, english=english)
        ):
            code = "talk"
        if code:
            withheld.append((clause, code))
        else:
            kept.append(clause)
    return Clauses(tuple(kept), tuple(withheld))


def drop_references(clauses: Sequence[str], *, names: Iterable[str], labels: Iterable[str] = ()) -> list[str]:
    """Without the words by which colleagues say which case they mean: the reader knows it is theirs."""
    result: list[str] = []
    who = sorted({name for name in names if name}, key=len, reverse=True)
    marks = sorted({label for label in labels if label}, key=len, reverse=True)
    for clause in clauses:
        bare = clause
        for mark in marks:
            bare = re.sub(
                rf"{re.escape(mark)}\s*[:：]?\s*(大货|那单|这单|那台|这台)?",
                lambda m: m.group(1) if m.group(1) == "大货" else "",
                bare,
                flags=re.I,
            )
            short = re.sub(r"^\D+", "", mark)
            if len(short) >= 3:
                bare = re.sub(rf"^{re.escape(short)}\s*[:：]?\s*(那单|这单|那台|这台|这个)?", "", bare)
        for name in who:
            bare = (
                re.sub(rf"^[^，]{{0,8}}?{re.escape(name)}", "", bare)
                if bare.startswith(name) or name in bare[:12]
                else bare
            )
        bare = re.sub(r"^(家里?)?的?[^，请让麻]{0,12}?(那单|这单|那台|这台|那个单子?|那家)[，,\s]*(?=.|$)", "", bare)
        bare = bare.lstrip("的家").strip(" ，,。:：的")
        if re.fullmatch(
            r"(那|这)?(个|单|票|家|边|件|台)|[他她您]?(们)?(爸妈|爸爸?|妈妈?|老家|公司|店里)?(的?家里?|那(边|头)|这边)",
            bare,
        ):
            bare = ""
        if re.fullmatch(rf"[\u4e00-\u9fffA-Za-z0-9\-]{{0,8}}的?[\u4e00-\u9fff]{{1,3}}({TITLES})", bare):
            bare = ""
        if len(bare) >= 2:
            result.append(bare)
    return result


def turn_to_reader(clause: str) -> str:
    """A clause about the reader as said to them: 他家 becomes 您家."""
    clause = re.sub(r"(他|她)(们)?家?", lambda m: "您家" if m.group(0).endswith("家") else "您", clause)
    clause = re.sub(
        r"(客户|用户|顾客|家长(?!管)|业主|学员|住户|车主|会员|患者)(?=\d|[^\u4e00-\u9fff]|$|[把先自在今明后早晚上下来去])",
        "您",
        re.sub(
            r"(客户(?!端|经理|群)|用户(?!名|端|手册|协议|群|中心)|顾客|家长(?!锁|模式|会|群|端|版|管)|业主(?!群|委))",
            "您",
            clause,
        ),
    )
    clause = re.sub(r"一下下", "一下", clause)
    clause = re.sub(r"你们(店|前台|仓|门店)", r"我们\1", clause)
    clause = re.sub(r"你们[那这](边|里|儿)?", "我们这边", clause)
    clause = re.sub(r"^(那(?=就|你|您|他|她|我|麻烦|请|让|先|[，,\s])|然后|还有|就)", "", clause)
    clause = re.sub(r"我(?=\d|[一二三四五六七八九十])", "师傅", clause)
    clause = re.sub(r"^我(们)?这边", "我们这边", clause)
    clause = re.sub(r"咱们?(?=这)", "", clause)
    clause = re.sub(r"(?<![\u4e00-\u9fff]{6})我(们)?(已经?)?(?=(看|查|审|核对|检查|测)(过|完|好)?了)", "已", clause)
    clause = re.sub(r"(?<=[给跟发])我(?!们)", "我们", clause)
    clause = re.sub(r"^报的(?=[\u4e00-\u9fff])", "您报的", clause)
    return clause.replace("您您", "您")


#: Who acts without being of the contact's own people: nobody's “您” stands before them.
_STRANGERS = frozenset(
    [
        "租客",
        "房东",
        "店员",
        "司机",
        "伙计",
        "保姆",
        "保洁",
        "前台",
        "保安",
        "门卫",
        "护工",
        "月嫂",
        "库管",
        "网管",
        "电工",
    ]
)


#: Somebody whom the contact is to send, called by a name of the trade: 麻烦她叫守塔的老魏今晚关阀.
_SENT_BY_CONTACT = re.compile(
    r"(?:他|她|您|客户|对方)(?:们)?(?:去)?(?:叫|让|喊|找|请|通知)(?:[\u4e00-\u9fff]{1,5}的)?((?:老|小|阿)[\u4e00-\u9fff](?!师傅|家|区|票|心|时)|[\u4e00-\u9fff](?:师傅|叔|姨|伯))"
)


def executor_words(text: str) -> str:
    """Whom the contact has to ask, in words to the contact (您父亲), where somebody else must act."""
    sent = _SENT_BY_CONTACT.search(text)
    if sent:
        return sent.group(1)
    match = re.search(
        rf"(?:让|请|叫|麻烦)(?:[他她]们?(?:家|公司|店里|单位)?|客户|[\u4e00-\u9fff]{{1,3}}(?:女士|先生|小姐))?的?(爸妈|爸爸?|妈妈?|{phrases.EXECUTORS})",
        text,
    )
    if not match:
        return ""
    if match.group(1) in _STRANGERS:
        return match.group(1)
    return {
        "爸": "您父亲", "爸爸": "您父亲", "父亲": "您父亲", "妈": "您母亲", "妈妈": "您母亲", "母亲": "您母亲", "爸妈": "您父母",
        "老公": "您先生", "老婆": "您爱人", "老人": "家里老人", "家里老人": "家里老人", "物业": "物业",
    }.get(match.group(1), f"您{match.group(1)}")  # fmt: skip


#: Somebody is to be got to act.
_LET = r"(?:让|请|叫|喊|麻烦|通知)(?:一下)?(?:[他她]们?(?:家|公司|店里|单位)?的?)?"
#: What they are or where they belong, before their name: 电工老邹, 店里工程部潘工.
_JOB = rf"(?:{phrases.OTHERS}|[\u4e00-\u9fff]{{1,4}}的|[\u4e00-\u9fff]{{0,6}}?[部里间司办科站处心班队台勤库]的?)?"
#: Stands in a clause for “ask that other person to”.
_TO_THIRD = "\u2063"


def named_executor(text: str, *, name: str, names: Iterable[str]) -> str:
    """Somebody of the customer's side, other than the reader, whom a colleague asks for by name: 让桂姨把地毯揭了. Empty where nobody is."""
    reader = {name, *([name[0] + title for title in TITLES.split("|")] if re.match(r"[\u4e00-\u9fff]", name) else [])}
    for other in sorted(
        {n for n in names if n and n not in reader and n not in name and name not in n}, key=len, reverse=True
    ):
        if re.search(rf"{_LET}{_JOB}{re.escape(other)}", text):
            return other
    return ""


def relay_request(
    text: str, *, name: str, names: Iterable[str], labels: Iterable[str], private_names: Iterable[str]
) -> tuple[str, Clauses]:
    """A colleague's or partner's request as the customer may read it, without greeting. Empty where nothing to ask remains."""
    text = without_endless(text)
    names = list(names)
    if is_english(text):
        wish, apart = relay_english(text, name=name, names=names, labels=labels, private_names=private_names)
        return wish.request, apart
    apart = take_apart(text, private_names=private_names, own_names=names, passed_on=_BESIDE_A_REQUEST)
    other = executor_words(text) if not re.search(r"妈妈?|爸爸?|奶奶|爷爷", name) else ""
    third = named_executor(text, name=name, names=names)
    asked = (
        [re.sub(rf"^.*?{_LET}{_JOB}{re.escape(third)}", _TO_THIRD, c, count=1) for c in apart.kept]
        if third
        else apart.kept
    )
    kept = drop_references(asked, names=names, labels=labels)
    facts: list[str] = []
    asks: list[str] = []
    for clause in kept:
        if clause.startswith(_TO_THIRD):
            asks.append(f"麻烦您请{third}{turn_to_reader(clause.removeprefix(_TO_THIRD))}")
            continue
        if other and not asks:
            sent = _SENT_BY_CONTACT.search(clause)
            bare = clause[sent.end() :] if sent else re.sub(
                rf"^.*?(?:让|请|叫|麻烦)[^，]{{0,6}}?(?:爸妈|爸爸?|妈妈?|{phrases.EXECUTORS})", "", clause
            )  # fmt: skip
            if bare != clause:
                asks.append(f"麻烦您请{other}{turn_to_reader(bare)}")
                continue
        match = REQUEST.search(clause)
        if (
            match
            and re.search(r"请|让|麻烦|通知|叫|[要喊催](他|她|客户|用户|顾客|家长|业主|对方)", match.group(0))
            and match.start() <= 14
        ):
            before, after = clause[: match.start()].strip("，, "), clause[match.end() :].strip("，, ")
            if before and len(before) > 3 and not asks:
                facts.append(turn_to_reader(before))
            if after:
                asks.append(("麻烦您" if not asks else "") + turn_to_reader(after))
        elif asks and not _SPECIFIES.search(clause) and inside(clause) > _SURELY_FACT:
            apart = Clauses(apart.kept, (*apart.withheld, (clause, "not_asked")))
        elif asks:
            asks.append(turn_to_reader(clause))
        else:
            facts.append(turn_to_reader(clause))
    if (
        not asks
        and not any(_SPECIFIES.search(fact) for fact in facts)
        and any(REQUEST.search(clause) for clause, code in apart.withheld if code != "name")
    ):
        # What was asked for is among what may not be told: a person words it.
        return "", apart
    if not asks and facts:
        polite = "" if re.search(r"行不|可以吗|好不好", facts[0]) else "麻烦您"
        asks, facts = [polite + facts[0], *facts[1:]], []
    if not asks:
        return "", apart
    words = "，".join([*facts, *asks])
    if "拍" in words:
        words = re.sub(r"(?<!您)看清楚", "拍清楚", words)
    told = re.search(r"回个话|确认|告诉|反馈|定一下|发(过?来|一下|给我们|到|在)|给我们看", words)
    gives = re.search(r"发|传|照片|截图|视频|拍|表|单|证|扫描|文件|资料|材料", words)
    tail = "" if told else "，好了发在这里就可以" if gives else "，弄好了在这里说一声就行"
    if re.search(r"回个话|确认一下|定(一下|下来)|拿个?主意", words):
        tail = "，有结果在这里回复我们就行"
    elif re.search(r"拍|截图|照片|图", words) and "发" not in words:
        tail = "，拍好照片发在这里就可以"
    return f"{words}{tail}", apart


def relay_english(
    text: str, *, name: str, names: Iterable[str], labels: Iterable[str], private_names: Iterable[str]
) -> tuple[wording_english.Relayed, Clauses]:
    """A request in English as the customer may read it: what it is about, what is new, and what is asked, each by itself."""
    text = without_endless(text)
    names = list(names)
    apart = take_apart(text, private_names=private_names, own_names=names, passed_on=_BESIDE_A_REQUEST)
    who = wording_english.reader(name, names, labels)
    return wording_english.relayed(apart.kept, wording_english.plain(text), who), apart


def result_in_english(
    text: str, *, name: str, names: Iterable[str], labels: Iterable[str], private_names: Iterable[str]
) -> tuple[wording_english.Relayed, Clauses]:
    """A result in English as the customer may read it: what it is about, and what is new."""
    text = without_endless(text)
    names = list(names)
    apart = take_apart(text, private_names=private_names, own_names=names, passed_on=LIKELY)
    who = wording_english.reader(name, names, labels)
    told, idle = wording_english.reported(apart.kept, wording_english.plain(text), who)
    said = tuple(clause for clause in apart.kept if clause not in idle)
    return told, Clauses(said if told.news else (), (*apart.withheld, *((clause, "not_told") for clause in idle)))


def relay_result(
    text: str, *, name: str, names: Iterable[str], labels: Iterable[str], private_names: Iterable[str]
) -> tuple[str, Clauses]:
    """A result that a colleague or partner reports as the customer may read it, without greeting. Empty where nothing may be told."""
    names = list(names)
    if is_english(text):
        news, apart = result_in_english(text, name=name, names=names, labels=labels, private_names=private_names)
        return news.news, apart
    apart = take_apart(text, private_names=private_names, own_names=names, passed_on=LIKELY)
    idle = tuple((clause, "not_told") for clause in apart.kept if not _REPORTS.search(clause))
    apart = Clauses(tuple(c for c in apart.kept if _REPORTS.search(c)), (*apart.withheld, *idle))
    kept = [turn_to_reader(c) for c in drop_references(apart.kept, names=names, labels=labels)]
    kept = [re.sub(r"^师傅?去您?家", "师傅上门", clause) for clause in kept]
    kept = [
        re.sub(r"^(请|让|麻烦)(您)?", "麻烦您", clause)
        for clause in kept
        if not re.fullmatch(r"(以这个为准|改一下|收到|ok|好的?)", clause)
    ]
    return "，".join(kept), apart


WEEKDAYS = "一二三四五六日"


def day_words(moment: TimeReading, *, english: bool) -> str:
    """A day, and the time where one is named, in words that leave no doubt."""
    start = moment.start
    if not english and moment.words.endswith("前") and moment.precision in ("hour", "minute"):
        end = moment.end
        return f"{end.month}月{end.day}日（周{WEEKDAYS[end.weekday()]}）{end.hour}:{end.minute:02d}前"
    if english:
        words = f"{start:%A}, {start.day} {start:%B}"
        return f"{words} at {start:%H:%M}" if moment.precision in ("hour", "minute") else words
    words = f"{start.month}月{start.day}日（周{WEEKDAYS[start.weekday()]}）"
    if moment.precision in ("hour", "minute"):
        return f"{words}{start.hour}:{start.minute:02d}"
    if moment.precision == "part_of_day":
        part = "上午" if start.hour < 12 else "下午" if start.hour < 18 else "晚上"
        return words + part
    return words
