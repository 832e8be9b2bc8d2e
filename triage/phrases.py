"""Words that people use, as several modules of this room read them: what leaves little doubt by itself. Pure.

What is a matter of degree belongs to the engine's lexicon and its labelled rows.
"""

from __future__ import annotations

import re

#: Whom a contact may have to ask, beside their parents.
OTHERS = "老公|老婆|父亲|母亲|家里老人|老人|物业|外婆|外公|姥姥|姥爷|奶奶|爷爷|婆婆|公公|岳父|岳母|丈母娘|大伯|大爷|舅舅|姑姑|姑妈|姨妈|小姨|嫂子|表哥|表弟|堂哥|邻居|儿子|女儿|室友|租客|同事|保姆|房东|店员|司机|伙计|保洁|前台|保安|门卫|护工|月嫂|学徒|库管|网管|电工|仓管|库房|保管员|楼管|宿管|机修|值班员?|客房|后厨|厨师|领班|收银员?|行政|文员|助理|秘书|工程部|信息部|弟弟|哥哥|姐姐|妹妹|侄子|侄女|外甥|小舅子|小姨子|姐夫|妹夫|老太太|老爷子|[大二三四小](?:叔|伯|姑|姨|舅|婶|舅妈|姑父|姨父)"
#: The same in one character, after whose it is: 她弟.
SIBLINGS = "[大二三四小老]?(?:弟|哥|姐|妹|嫂|爹|娘|叔|伯|姑|姨|舅|婶)"
#: 请 as somebody asks with it, not 请假, 请示 or 申请: a piece for other patterns.
ASKING = "(?<![申邀聘宴])请(?!假|示|客|教|帖|款)"
#: Both: whoever acts in the place of the contact, a piece for other patterns.
EXECUTORS = rf"{OTHERS}|(?<=[他她])(?:{SIBLINGS})"

_ACK = (
    r"ok(ay)?|okk+|kk|ta|麻烦(兄弟|师傅|老师|哥|姐|各位|大家|[\u4e00-\u9fff]{1,2}(哥|姐|师傅|老师|总))了[啦啊哈]?|thanks?( you)?( so much| a lot)?|thx|ty|cheers|got it|received|rcvd|noted|cool|great|perfect|seen (it|this|that)|saw (it|that)|brilliant|lovely|awesome|will do|sounds good|that'?ll do|that works|nice one|spot on|good stuff|ta"
    r"|好的?|要得嘛?|我?等(到起|着)|好[嘞滴呀哒勒吧]|谢谢\w{0,3}|谢了|多谢|感谢|收到|中|要得|得嘞|得行|妥了?|成|嗯+|哦+|噢+|行吧?|知道[了啦]|明白了?|了解|辛苦[啦了您你]*|麻烦[你您]们?了|没事|不急"
    r"|(给)?[你您]们?添麻烦[了啦]?|麻烦[你您]们?[了啦]|打扰[了啦]|不好意思[了啊哈]?|抱歉[了啊哈]?|太(好|棒)[了啦]+|那就好|放心了|等[你您]?们?的?(消息|回复|通知)|[\U0001F300-\U0001FAFF\u2600-\u27BF]|\[[^\]\n]{1,4}\]"
)
#: Nothing but taking note and thanks.
BARE_ACK = re.compile(
    rf"^\W*(?:(?:{_ACK})[\s,，.!！。~～]*){{1,4}}(?:兄弟|哥|姐|亲|老师|[A-Z][a-z]+)?[\s,，.!！。~～]*$", re.I
)
#: A partner takes note that something came.
TAKES_NOTE = re.compile(
    rf"^\W*(?:(?:{_ACK})[\s,，.!！。~～]*){{0,3}}(?:(?:i |we )?(?:have|see|seeing|can see|got|getting) (?:it|them|that|both|all)(?: (?:all|now|here|both))?"
    r"|(?:it|they|that|all)(?:'s|'re| is| are)? (?:in|here|through|all here|come through)|came through|看到了?|看见了|到了|有了|齐了)\W*$",
    re.I,
)
#: A colleague asks for a moment's patience: nothing is told by it.
ASKS_PATIENCE = re.compile(
    r"\b(give me (a|one|two|five) (sec(ond)?|min(ute)?|moment|tick)s?|hang on|hold on|bear with me|one (sec(ond)?|moment|minute|tick)|let me (check|look|see)( first)?|brb)\b"
    r"|^\W*(稍等|等(我)?(一?下|会儿?)|我(先|去)?(查|问|看|翻)一?下)[^，,。]{0,4}\W*$",
    re.I,
)
#: A word of thanks or note, and that what came is in order.
LOOKS_FINE = re.compile(
    rf"^\W*(?:(?:{_ACK})[\s,，.!！。~～]*){{0,3}}(?:(?:it|that|this|all)?\W*(?:looks?|seems?|reads?) (?:fine|good|ok(?:ay)?|right|all right|great)"
    r"|看(?:着|过|了|起来)?(?:都)?(?:没(?:啥|什么)?(?:问题|毛病)|可以|挺好|蛮好|清楚))\W*$",
    re.I,
)
DONE = re.compile(
    r"^\W*(ok(ay)?|right|yes|yep|great|alright|sure)?[\s,]*((i'?ve |we'?ve |just )?(updated|done|finished|fixed|installed|restarted|reset|completed)\b)|\b(i|we|just)( have|'ve)?( just)? \w{3,}ed (it|that|them|the|all)\b(?!.*\b(but|still|not)\b)|\bwent through\b|\b(all )?(done|sorted)\W*$|\b(that|it)'?s done\b|\bran it\b|\b(i'?ve|we'?ve|have|just) (now )?(re(set|booted|started|done|placed|tried|run)|updated|tightened|cleaned|installed|switched|plugged) (it|that|them|the \w+)\b(?!.*\b(but|still|not)\b)|\ball green\b|\ball (done|set|good|updated|installed|fixed|reset|finished)\b|\bdone (that|it|this)\b|\bworks a treat\b|\b(all sorted|sorted now|up and running|everything works)\b|\bdid (it|that|the \w+)\b|(弄|搞|装|改|换|关|签|填)(好|完)(了|啦)|搞定|^\W*(?P<act>(?![好行对算得来知])[\u4e00-\u9fff])了(?P=act)了",
    re.I,
)
#: Done, and not a word of what was to be told about it.
SAYS_ONLY_DONE = re.compile(
    r"^\W*(都|已经?|我|刚|全)?[\u4e00-\u9fff]{0,3}(好|完|过|掉)(了|啦|咯)[呀啊哈~～。.!！\s]*$|^\W*(all |it'?s |i'?ve )?(done|finished|did it|did that)( it| that)?\W*$",
    re.I,
)
#: Words of something that was done and found right.
FINISHED = re.compile(
    r"(已经?|都|今天.{0,4}|刚.{0,2})?(换|修|弄|装|测|洗|做|通|调|拍|试|喷|搭|刷|教|焊|补|订|印|缝|喷|磨|配|铺|贴|复|量|查|验|检|拆|搬|清|理|剪|裁|烤|录|译|校|清理|处理|更换|维修|安装|检查|测量)(好|完|掉|通)了?|(不|没)(漏|响|堵|跳|卡|闪|报警|渗)了|(试|测)(机|水|过)?.{0,4}(正常|没问题|好了)|查(清楚|明|出来)了|恢复(正常)?了|(?<![不没])能[\u4e00-\u9fff]{1,3}了(?![吗么没不])"
    r"|\b(replaced|repaired|fixed|installed|tested|works? (fine|again)|back to normal|found (the|a) (fault|problem|cause))\b",
    re.I,
)
WILL_VISIT = re.compile(
    r"上门|过去|再(来|去)|(明天|后天|周[一二三四五六日天]|\d+号).{0,10}(来|去|到)|能不能|行不行|可以吗|方便吗"
)
#: A yes of one character, not 行政 or 银行: a piece for other patterns.
FINE = r"(?<![银进执旅流飞])行(?![政业李程驶车为家人情长走动])"
#: Somebody who takes a time that is offered, or names one of their own.
TAKES_TIME = re.compile(
    rf"可以|{FINE}|好|要得|中(?!午|间|秋|旬|途)|我在|在的|ok|没问题|方便|有空|有时间|在家|都在|吧[~～。！!]*$|来|约|选|定|就|\b(works?|suits?|fine|good|please|let'?s|can do|make it)\b",
    re.I,
)
#: Orders to change something that is ours to change, whatever friendly word stands in front.
CHANGE = re.compile(
    r"(帮我|给我|麻烦.{0,4}|帮忙)(把.{1,12})?(停|改|换|转|延|取消|升级|降级|加|减|调|过户|合并|解绑|注销|绑定|冻结|撤)"
    r"|\b(please|can you|could you)\b.{0,20}\b(freeze|pause|cancel|change|switch|upgrade|downgrade|transfer|merge|move)\b.{0,20}\b(my|the|our)\b",
    re.I,
)
#: Goods or a visit are to go elsewhere than agreed.
REDIRECTS = re.compile(
    r"(改|换)(送|寄|发|派|配送|去|到)(?!期|时间)|别(送|寄|发|派)[^，,。]{1,10}了|(送|寄|发)到?(别|另)(的|处|一)|\b(deliver|send|ship|drop) (it|them|the [\w ]{1,20}) to\b.{0,40}\binstead\b",
    re.I,
)
#: The word was passed on: whoever has to act now knows of it.
PASSED_ON = re.compile(
    r"(给|跟|和|同)?(我|他|她|咱|家里|那边)?\S{0,4}(打(过了?|了)个?电话|打(了|过)?个?电话给[^，,。\s]{1,6}|打个?电话(过|了)|电话(打|通)(过|了)|说(过|好)?了|讲(过|好)?了|交代(过|好|给)?|转告|转达|通知(到|过)?了|告诉(了|过|她|他)|转给|发给(他|她|我)|叮嘱|嘱咐|喊(他|她))"
    rf"|({OTHERS}|[他她])(说|答应|讲)(?!没|不)[^，,。\s]{{0,14}}(就|再|去|会|马上|回头)"
    r"|\b(told|asked|called|texted|messaged|passed it (on )?to|let) (him|her|them|my|our|the|mum|mom|dad)\b",
    re.I,
)
#: The customer side is asked for something, in so many words.
ASKED_OF_CUSTOMER = re.compile(
    r"(?<!别)(?<!不)(请|让|麻烦|叫|通知)(一下)?(他|她|客户|用户|顾客|家长|业主|对方|[\u4e00-\u9fff]{1,3}(女士|先生|小姐|阿姨|老师|总|姐|哥))|\bplease (ask|tell|get|have) (him|her|them|the|mr|mrs|ms)\b|\b(we|i)? ?(need|want) (the |your )?(client|customer|guest|tenant|owner|parent|user|him|her|them) to\b",
    re.I,
)
#: The customer's side is bound to do something, said by a partner in English.
THEY_HAVE_TO = re.compile(
    r"\b(she|he|they|(your|the|that) (client|customer|guest|tenant|owner|patient|parent|contact))('?ll)? ((still )?(has|have|needs?|ought) to|must|should|is to)\b",
    re.I,
)
#: Our own people ask that somebody of the customer's side, or a colleague for them, do something.
ASKED_BY_US = re.compile(
    r"(?<!有个)(?<!有人)(?<!来)(?<!在)(?<!没)(请|让|麻烦|叫|通知|提醒|催|喊|问问?|告诉|跟)(一?下)?(他|她|客户|用户|顾客|家长|业主|对方|人家|那家|那位|[\u4e00-\u9fff]{1,3}(女士|先生|小姐|阿姨|叔|老师|总|姐|哥|妈妈|爸爸|太太|工|老板|经理|主任))(?!的|来问|说)"
    r"|(请|麻烦|需要|要)[^，,。]{0,12}(补|发|拍|传|填|签|提供|带|确认)|补一?(张|份)|再(发|拍|传|补|给)|\b(please|can you|could you|ask|get|have|tell)\b",
    re.I,
)
#: By when a word is wanted: 今天确认, 明早回个话. Such a time is no appointment.
BY_WHEN_TO_SAY = re.compile(
    r"(今天|今晚|今儿|明天|明[早晚]|后天|周[一二三四五六日天]|\d+[号点]|下班|中午|晚上|下午|上午)(之?前|以前)?[^，,。\s\d]{0,3}(确认|定(?!金)|回(?!家|去)|拍板|答复|给个|选|说一?声|告诉)"
)
#: A clause that says when goods come or are ready: 节温器周三到，…
GOODS_COME = re.compile(
    r"[^，,。]{1,16}?(周[一二三四五六日天]|[明后今][天儿]|\d{1,4}号|下周.)[^，,。]{0,4}(到货?|裁好|做好|切好|备好|出来|好|齐)了?(?=[，,。\s])"
    r"|[^，,。]{2,18}?(?P<there>有现?货|(到货|备好|配好|做好|到)了)(?=[，,。\s])"
)
#: Somebody says that they see to it themselves: nobody is asked for anything.
DOES_MYSELF = re.compile(
    r"(?<![让请叫跟给])我(等下|等会儿?|待会儿?|一会儿?|回头|马上|稍后|自己|单独|先|再|来|去){1,3}(跟|和|去|来|找|问|联系|打)"
)
#: Somebody sends one of our own: 我让仓库那边来拿.
SENDS_OURS = re.compile(
    r"我(让|叫|喊)(?!他|她|客户|人家|对方)[^，,。\s]{2,8}(来|去|过来|过去)(拿|取|送|弄|看|搬|修)?(?=[，,。\s]|$)"
)
#: A date that was told is put right: 以这条为准.
PUTS_RIGHT = re.compile(
    r"以(这|此)[^，,。]{0,3}为准|更正|改一?下[，,：:]|说错了|\b(correction|scratch that|i misspoke)\b", re.I
)
#: Whether somebody of the customer's side could do something, asked by a partner.
COULD_THEY = re.compile(
    r"^\W*(hi |hey |hello )?(please |pls )?(ask|tell|get|have) (the |your |that )?(user|client|customer|guest|tenant|resident|owner|patient|parent|him|her|them)\b"
    r"|\b(could|can|would) (you get |you ask |you have )?(the |your |that )(client|customer|guest|tenant|resident|owner|patient|parent|\w+ian|\w+er)s? (please )?(do|run|send|try|check|take|fill|sign|bring|move|clear|update)\b"
    r"|(能不能|可不可以|麻烦)(让|请|叫)(他|她|客户|对方)",
    re.I,
)
#: A time is put to the customer, in English: could she do Wednesday instead.
PUTS_TIME = re.compile(
    r"\b(could|can|would) (she|he|they|the (customer|client|guest))( \w+)? (do|make|come|manage)\b|\binstead\?|\bhow about\b|\bwould .{0,30}(suit|work)\b",
    re.I,
)
#: A time is named, in whatever way.
NAMES_TIME = re.compile(
    r"\d+\s*[点号日:：]|周[一二三四五六日天]|上午|下午|晚上|今天|明天|\b\d+\s?(am|pm)\b|\b(mon|tues|wednes|thurs|fri|satur|sun)day\b",
    re.I,
)
#: Somebody comes, or is expected.
ENGLISH_VISIT = re.compile(
    r"\b(come|comes|coming|visit|be there|on site|drop by|suits?|works?|available|free|can do|could do|slot|appointment|pick(ing)? ?up|collect|meet|call|book(ed)?|ok|fine|good|earliest|arriv(e|es|ing)|window|between)\b|@",
    re.I,
)
#: A question of what something costs.
ASKS_PRICE = re.compile(
    r"多少(钱|费用|票子)|费用.{0,4}多少|(加|要|收|花|掏|摊|添)多少|破费多少|什么价|啥价|(什么|啥|多少)(价位|数目)|大概(是)?(啥|什么|多少)数|怎么收费|报(个)?价|给(我)?(个|估个)(数|价|大概)|几个(大子|数$)|\b(ballpark|set (us|me) back|what are we talking|how much|what (will|would|does|is) .{0,40}cost|what('s| is) the (price|fee|charge))\b",
    re.I,
)
#: Something is to be looked for or looked into: a matter, not a change and not a demand.
LOOK_INTO = re.compile(
    r"帮(我|忙|咱)?(们)?(找找?|看看?|查查?|瞧瞧?|报(个)?(修|案)|登记|处理|问问?|瞅瞅?)(一?下)?|\b(please|can you|could you) (look into|check|find|investigate|report)\b",
    re.I,
)
#: It is told later: 名单下午给, 桶数晚点报你.
TELLS_LATER = re.compile(
    r"(晚点|晚些|回头|稍后|待会儿?|一会儿?|下午|晚上|今晚|明天|明早|后天|周[一二三四五六日天]|下周)[^，,。\s]{0,4}(再)?(给|报|发|说|告诉|传)(你|您|过来|过去|群里)?[哈啊呀了哦吧]?\s*$"
)
#: Somebody who has not made up their mind, or names what has to come first.
THINKS = re.compile(
    r"(看|试|用|想|问|商量)完再|慢慢看|再(答复|回复|告诉|跟)(你|您)|琢磨|考虑(一下|考虑|下)?|想想|想一下|商量(一下|商量|下)?(?![完好定妥过了])|再看看|再说吧|合计合计|(等|问|看)[^，,。]{1,14}再(定|说|约|回)|(得|要|先)问(问|下|一下)?(我|他|她|家里|领导|老板|经理|主任|队长|家人|对象|媳妇|爱人|老公|老婆|股东|财务)|(明|今|后)[天晚早]?(跟|给|回)(你|您)(?=[咯哈啊呀了]|$)|(明|今|后|过)[^，,。\s]{0,4}(跟|给|回)(你|您)们?(说|讲|信|话|个信|回话|回信|准信|消息|答复)|\b(think (about|it)|sleep on it|get back to you|let me check)\b",
    re.I,
)
NOT_BEFORE = re.compile(
    r"才(能|会|可以|有|到|开|出|回|拿|给)|到时候|之后(再|才)|以后再|下来(再|就)|\b(not until|once (he|she|they|it|i|we)|when (he|she|they|i|we))\b",
    re.I,
)
TROUBLE = re.compile(
    r"裂|又(坏|漏|响|不)|又(?!好|来|到|多|长|重|去|忘|给)[\u4e00-\u9fff]{1,2}了(?=\s|$|[，,。])|坏了|漏(水|气|油|电)?了|断(了|成|掉|裂|开)|(?<![解关拆拔换洗清删卸停取倒拉擦退])掉了|不(转|亮|响应|工作|出水|制冷|制热)了|刮(了|花|伤)|划(了|花|伤)|砸(了|坏)|碰(坏|掉)|烫坏|烂(了|掉)|崩(开|了|线)|开线|散架|白屏|黑屏|花屏|闪退|打不开|没反应|报错|脱胶|开胶|松了|\b(broke|broken|cracked|leaking|came off|stopped working)\b",
    re.I,
)
#: The whole matter is called off, in so many words.
CALLS_OFF = re.compile(
    r"(?<!别)(?<!不)(?<!能)(?<!别给我)(?<!别帮我)取消(掉|了)?(吧|哈|啊|算了|了吧|掉吧)|先?不(搬|修|装|换|弄|洗|订|做|去|退|测|约|拍|安装|维修)了.{0,10}(取消|算了|吧)|(这|那)一?单子?(就)?(?<!别)(给我|帮我|替我)?(?<!别给我)(?<!别帮我)(取消|撤)(?![^，,。]{0,6}[吗么？?])|别(来|装|送|修|做)了.{0,16}取消|(取消|撤)(掉)?(预约|上门|这单|这次|安装|维修|搬家|保洁|服务)"
    r"|\b(please )?(cancel|call off) (the|this|our|my) (visit|appointment|booking|repair|job|move|service|cleaning|installation)\b",
    re.I,
)
#: Too little to say what it is about: somebody begins to write.
BEGINS = re.compile(
    r"^\W*(((?:[小老阿][\u4e00-\u9fff]|[\u4e00-\u9fff]{1,3}(?:哥|姐|老师|经理|总|工|师傅|医生|教练|客服)|客服|老板|亲|@\S+)?[\s,，]*在(吗|么|不在?|没|线吗)|有人(吗|在吗|么)|(您|你)好[啊呀]?|哈[喽啰]|喂+|亲|请问(一下)?|(就是|还是|我)?(那|这)个(啥|什么|事儿?|东西)?|就是(那|这)个|是这样的?|我想问(一?下|问)?|问(一下|个事儿?)|(先|你)?等(等|一?下)|慢着|(hold|hang) on|wait( a (sec|second|minute|moment))?|one sec(ond)?|emm+|呃+|啊+|啥|咦|诶|欸|哎|huh|hello|hi|hey|excuse me|are you there)[\s,，.。!！?？~～]*){1,3}$",
    re.I,
)
#: When something can be used or had again, asked of whoever sees to it.
WHEN_CAN = re.compile(
    r"(几点钟?|几号|什么时候?|啥时候?|何时|哪天)(才|就)?(能|可以)[^，,。？?\s]{1,3}[啊呀呢哦嘛]?(?=[\s，,。?？]|$)",
    re.I,
)
#: When or how far, in whatever words: whether it asks where a matter stands depends on what it is asked about.
ASKS_WHEN_OR_HOW_FAR = re.compile(
    r"几点钟?|几号|几时|哪天|(什么|啥|甚么)时(候|间)|何时|(还要?|要|得|等)多久|多久(才|能|会|可以|到|好)|还要(几|多少)(天|个小时|个钟)|[过完好到出通发寄办修看查审批收换装洗做弄测印裁]了(吗|么|嘛|没有?|伐|咩|不)[啊呀呢哦]?(?=[\s，,。?？]|$)"
    r"|(看|查|审|批|核|收|测|验|修|做|弄|办|排|定|装|换|寄|发)(过|好|完|到|出来|下来)了?(吗|么|嘛|没有?|伐|咩|不)[啊呀呢哦]?(?=[\s，,。?？]|$)|到(了)?(什么|啥|哪种?|哪一?|甚么)(程度|步|阶段|地步)|(怎么|咋)还(是|在|显示)?(待|未|等)|(后(面|头|边|续)|接下来|下一?步)[^，,。\s]{0,3}(怎么|咋|如何)[^，,。\s]{0,3}(弄|安排|办|走|整)|进(度|展)|(什么|啥)情况了?|\b(when (is|are|will|do|does|can|could)|(what|which) (day|date|time) (is|are|will|do|does|did|can|could)|how (soon|far)|(any|the) (news|update)|what (happens|comes|is) (next|now)|what'?s next|next steps?|ha(s|ve) (anyone|anybody|somebody|someone|he|she|they|the \w+( \w+)?|your \w+) (had (a|the) (look|chance|listen|read|go)|looked (at|into|through)|been through|seen (it|them|her|his|my|our|the)|checked|decided|listened))\b",
    re.I,
)
#: It is wanted by a day that somebody names: a yes would be a promise.
WANTS_IT_BY = re.compile(
    r"\b(can|could|will|would) (we|i|you|they) (please )?(get|have|expect|receive|pick|collect|finish|do|make) (it|them|this|that|ours|one)\b[^.?!]{0,30}\b(by|before|this|today|tonight|tomorrow|next|on|in time)\b",
    re.I,
)
#: Which matter is spoken of next, and not a word about it.
NAMES_A_MATTER = re.compile(
    r"^\W*(@\S+\s+)?[\u4e00-\u9fffA-Za-z0-9\-·]{1,12}(那|这)(单子?|家|台|边|位|户|票)[哈啊呀嘛呢,，~～。…\s]*$"
)
#: Something else is finished first: 洗完碗就去.
AFTER_SOMETHING = re.compile(
    r"[\u4e00-\u9fff]完[^，,。\s]{0,4}(就|再|去|来|马上)|忙完|[下放]了?(班|课|学)[^，,。\s]{0,3}(就|再|去|来)"
)
#: Somebody says that they will still do it.
WILL_DO = re.compile(
    r"一定|回头|晚点|再(补|拍|发|弄|传|给|试)|(给|补|发)(你|您)|忘了|才(能|到|有)|到家|回去|等我|明天|后天|下周|周[一二三四五六日天]|\b(will|tomorrow|tonight|later|forgot)\b",
    re.I,
)
#: What was found to be the matter.
FOUND = re.compile(
    r"(?<![啥么])(是|就是)[^，,。是]{2,8}(了|的问题)(?=[，,。；;\s]|$)|磨(平|穿|秃|坏)|卡(住|死)|脱(轨|焊|落)|生锈|锈死|老化|坏了|裂了|堵了|烧了|断了|短路|松动|故障|磨损|原因是|问题是|漏了|接触不(好|良)|进(灰|沙|虫|油)|受潮|氧化|脱焊|变形|缺油|失灵"
)
#: A complaint by its very words, whatever is sent with it.
COMPLAINS = re.compile(
    r"(?<!不)(?<!没)(?<!别)(我要|就要|要去|准备|打算|马上|现在就)(去)?(投诉|举报)|投诉你们|^\W*(投诉|举报)(?![的电渠热])|\b(file|filing|make|making) a complaint\b|\bdoes any(one|body) (there |here |of you )?(actually |even |really )?(know|care|read|check|listen)\b",
    re.I,
)
#: What was mended before is as it was: a complaint, whatever is asked beside it.
AGAIN_AND_AGAIN = re.compile(
    r"\b(second|third|fourth|fifth|\d(nd|rd|th)) (repair|time|visit|attempt|fix)\b.{0,30}\bstill\b|(第?[二三四五两几]|\d)(次|回|趟)了[^，,。]{0,4}[，,\s]?[^，,。]{0,6}(还|又)(是|没|不|坏|漏)",
    re.I,
)
#: A picture comes with these words: it is what was asked for, or one more of it.
SENDS = re.compile(
    r"(再|又|重新|重)?(补|拍|发|传|换)(了|过来|你们?|给你们?)?.{0,4}(张|照|图|片|视频)|照片(在这|来了|发)|\b(another|new|better|here('s| is| are)) .{0,12}(photo|picture|pic|video|screenshot)",
    re.I,
)
#: Here it is: the picture is what was asked for.
HERE_IT_IS = re.compile(
    r"(看|瞧)(下|看|一下)?这(张|个)|是这(个|张|种|款)(?![^，,。]{0,4}[吗么？?])|就(是)?这(个|张)|这张(是|就)|喏|(照片?|图片?|截图|视频)(都|在|我)?(发|传|放|贴|甩|丢|扔|搁)(到)?(群里|群|这|这里|你|您|上来|过来|过去)?(了|啦|咯)"
    r"|(头|第)[一二三两]张|\b(this one|here you (go|are)|here'?s the)\b",
    re.I,
)
#: The same, with the picture by its name: 补一张照片 is sent with it, 补一张券 is asked for.
SENDS_PICTURE = re.compile(
    r"(补|拍|发|传|换)(了|过来|你们?|给你们?)?.{0,4}(照片?|图片?|截图|视频)|照片(在这|来了|发)|\b(another|new|better|here('s| is| are)) .{0,12}(photo|picture|pic|video|screenshot)",
    re.I,
)
#: Good news about what was done.
FINE_NOW = re.compile(
    r"没问题|挺好|很好|正常|满意|可以了|好使|一(滴|点|丝|根|次|下)儿?(都|也)?(没|不)再?[\u4e00-\u9fff]{1,2}|没(有|得)?再?(怪声|怪响|嗡嗡声?|杂音|异响|异味|怪味|味|噪音|噪声|漏|响|抖|卡|气泡|色差|褶|线头|报错|毛病|红|痒|疼|痛|过敏|延迟|闪|花屏|黑线|条纹|重影|死机|掉线|断网|跳闸)[^，,。\s]{0,2}了|(一点|完全|全)[^，,。]{0,4}没有?了|(影子?|残影|声音?|响声?|味道?|印子?|痕迹?|斑|毛刺|气泡|水珠?|雾|黄边|红点|提示|弹窗|红灯|水渍|渗水)(都|也|全)?(没|不见|消失)(有)?了|[好亮快顺静稳暖凉轻软香齐净]多了|(清楚|干净|舒服|利索|暖和|凉快|安静|顺手|精神)多了|好用|管用|都好|不(漏|响|堵|粘|卡|跳|闪|抖|晃|松|晕|疼|臭|滴|掉|嗡|鸣|颤|震|烫|冒|断|痒|麻|刺|报警|报错|闪退)了|\b(works|all good|fine now|perfect now|no issues?)\b",
    re.I,
)
#: The act that was asked for, in one word: “ok 解了”.
DID_IT_IN_A_WORD = re.compile(
    r"^\W*(ok(ay)?|好[的嘞]?|嗯+|行)?[\s,，]*(都|已经?|刚)?[解关拔退弄换装改断开停卸删清刷连绑存挪搬倒擦洗拧插][\u4e00-\u9fff]?(好|完|掉|上|开)?了[\s!！~～。呀啊哈]*$",
    re.I,
)
#: A picture takes the place of one that showed the wrong thing: 这张才是一店的.
THIS_ONE = re.compile(
    r"(这|那)(张|个|次|幅)(才|就)(是|对)|重(新)?拍|补拍|\bthis (is|one'?s|one is) the (right|correct) one\b|\bthis one'?s (right|it)\b",
    re.I,
)
#: A cry and nothing else: it says that something went wrong for the writer, and nothing of what.
BARE_CRY = re.compile(
    r"^\W*(oops(ie)?|whoops|ah|argh|doh|my bad|silly me|哎[呀哟哎]+|诶+|啊+|糟了?|糟糕|[发打]错了?|手[滑抖误]了?)[\W]*$",
    re.I,
)
GOES_ON = re.compile(
    r"(别|先别|不要)[^，,。]{0,4}取消|照(去|做|修|装|旧|常)(?![^，,。]{0,4}[吗么？?])|不(退|取消|换|改|停)了.{0,8}(接着|继续|照(旧|常)|就这样|还是)|接着(做|弄|办|装|修|用|来)|继续(做|弄|办|装|修|用)"
)
#: Our own people who are to tell the customer themselves: no request to the customer.
OURS_TELL = re.compile(
    r"(让|请|叫|由)(院长|医生|大夫|主任|经理|店长|老板|领导|主管|你们|我们|客服|顾问|律师)[^，,。]{0,6}(跟|和|给|向|同)(他|她|客户|家长|人家|对方)[^，,。]{0,4}(说|讲|解释|沟通|谈)"
)
RESULT = re.compile(r"结果|报告|出(来)?了|查(完|出|到)|看完了|检(测|查)|测(完|出)")
PROGRESS = re.compile(
    r"(几点|几号|什么时候|啥时候|何时|哪天|几时|多久)(才|就)?(能|可以|会|要)?[^，,。？?\s]{0,4}(好|到|来|出|恢复|完|下来|搞定|回来|下载|用|打开|登上?|进去|做|考|看|听|播|玩|学)(?![^，,。？?\s]{2,})|(哪天|几号|什么时候|啥时候)(能|会|才|要)?开(课|班|始|工|业|机|馆)|(怎么|咋个?)(还|到现在)(没|不|冇)(来|到|发|拉|寄|送|出|好|动|影|信|消息|下文)|到(了)?(什么|啥|哪种?|甚么)程度|(弄|去|跑|走|发|寄|送)?(哪|啥地方)[里儿]?去了|没(影|动静|下文|音讯)|定(在|到|好)?了?(是)?(哪|几)(天|号|点)"
    r"|走到哪|(怎么|咋)还(是|在|显示)(待|未)[^，,。\s]{1,4}|到(了)?哪一?步|(该|应该)(出|到|好|发|寄|下来|完)[^，,。\s]{0,2}了吧|"
    r"(?<!有)(到|好|完|发|寄|出|修|批|办|退|开|审|查|弄|装|做|安排|处理|下来|进)[^，,。？?]{0,5}(了没有?|没有|没呀|没啊|没呢|没|了吗|了么)[？?。~～]*$"
    r"|\b(how (long|much longer) (is|are|will|until|before)\b.{0,24}\b(take|be|going)|any (news|update)|has (it|my|the|our) .{0,40}(yet|been)|where (is|are) (my|our|the)|where'?s (my|our)\b|where(?:'?s| is|'?ve| has| have) [^.?!]{1,30}\b(at|up to|got to|gone|gotten to)( then| now)?(?=\W*$)|status of|(how far|where) (are|have) (you|we)( got(ten)?)?( to| up to)? with)\b",
    re.I,
)
#: Somebody who cannot keep a time and names another: a time is moved, whatever else is asked in it.
MOVES_TIME = re.compile(
    r"(不行了?|不成(了|(?=[，,。\s]))|不得行|唔得|冇空|不方便了?|来不了|去不了|[来去走赶弄搞做装修]不成|没法(来|去|等)|腾不出|来不及|没空|有事|临时|走不开|赶不(上|回)|出差).{0,24}(改|挪|换|推|延|约|调)(到|成|至|在)?"
    r"|(改|换|挪)(到|成|在)?(大?后天|明[天早]|周[一二三四五六日天]|星期|礼拜|下周|\d+号)[^，,。]{0,12}([好行成中得]|可以)(不|伐|吗|么|啵|唔|哇|啦)"
    r"|\b(can'?t make it|something came up|won'?t be (home|in)).{0,60}\b(instead|move|resched|how about|could we do)",
    re.I,
)
#: Something leaves or is handed in: a time with it is no visit.
SHIPS = re.compile(
    r"出货|发货|到货|寄|大货|\d+号出|补货|入库|出缸|ship|leaves|dispatch"
    r"|(图纸?|方案|报告|结果|样品?|小样|证书?|清单|名单|稿子?|成片|片子|单子|账单|报表|批文|回执|译文|书|报价)[^，,。；;]{0,14}(出来?|给|发|交|到|好|下来)",
    re.I,
)
ASKS_TIME = re.compile(r"(行不行|行不|行吗|可以吗|可不可以|方便吗|成不|ok吗)[？?]?$|would that (work|suit)", re.I)
VISIT = re.compile(r"家|上门|过去|约(?!定)|排(得开|期)|取件|师傅")

#: Words with which a question is asked, and hardly anything else.
_ASKING = (
    r"多少|几多|(?<![好过等这那前没十])几(斤|两|克|公斤|千克|毫升|升|米|厘米|公分|寸|件|箱|盒|包|袋|瓶|层|节|课时|期|岁|公里|张|本|套|台|间|页|种|款)[呀啊呢哦的]?(?=\s*[?？]?\s*$)|咋个|啷个|几点|几号|哪天|(能|可以|行得?)[^，,。？?\s]{1,8}不(?=\s|$|[，,。])|多久|多长时间|什么时候|啥时候|怎么(弄|办|走|用|算|收|约|预约|申请|参加|领)|能不能|可不可以|有没有|要不要|让不让|包不包|送不送|用不用|带不带"
    r"|有.{0,6}(优惠|活动|折扣)[？?]|\b(what time|how (do|long|many|much)|when (is|are|do)|can i)\b"
)
#: A question by its very words.
ASKS_BY_WORDS = re.compile(_ASKING, re.I)
#: A question about what holds for everybody, whatever is under way: hours, what is kept how long, what one takes.
ASKS_WHAT_HOLDS = re.compile(
    r"\b(are you (open|closed)|(what are )?your (opening|office|business) hours|do you (open|close|sell|accept|offer)"
    r"|(does|is|are) (it|that|this|the [^,.?!]{1,40}) still (apply|hold|run|count|on|valid|running)|how long (are|is) [^,.?!]{2,40} (kept|stored|valid|free|covered)|until when can (i|we))\b"
    r"|(保修|质保|包修|保固|维保|有效|保质)(期限?)?[^，,。]{0,4}(多久|多长|几年|几个月|多少天|什么时候到期)|\bhow long[^,.?!]{0,30}(warranty|guarantee)"
    r"|(多久|几年|几天|几个月|几次).{0,4}一(次|回)|一般(要|需要)?(几|多少)(天|个)|(活动|优惠|折扣)[^，,。]{0,6}还(有|在|搞|做)(没|不|吗|么)|几点(开门|关门|上班|下班|打烊|营业)|(开门?|营业)到几点",
    re.I,
)
#: A question that leaves no doubt, by its words, its mark or how it ends or begins.
PLAIN_QUESTION = re.compile(
    rf"{_ASKING}|[?？]\s*$|(吗|么|呢|不|没|伐|啵|咩)[呀啊哈呢]?\s*$|(?P<twice>[\u4e00-\u9fff])不(?P=twice)(?!(?P=twice))"
    r"|^\W*(btw |and |so |hi |hello |quick one:? |by the way )*(what|how|when|where|which|who|until when|can (i|we)|do you|are you|is (there|it)|are there|does|will you)\b",
    re.I,
)
#: What a published rule answers, whoever asks: whether one may bring something back.
ASKS_THE_RULE = re.compile(
    r"(还|还能|能|可以|可不可以|支持|给)(能|不能)?(退货?|换货?|退换)(得了|得掉|的)?(吗|么|嘛|吧|伐|啵|咩|不(?=\s|$|[，,。？?]))|(退|换)得(了|掉|成)?(吗|么|嘛|伐|啵|不(?=\s|$|[，,。？?]))|(能不能|可不可以|能|可以|支持|还能)[^，,。？?]{0,4}(七天|7天)?(无理由|包退|包换)[^，,。？?]{0,4}(退|换)?[^，,。？?]{0,2}[？?呀吗么嘛不啊]|\b(can|could) (i|we|it) (still )?(return|exchange|be returned)\b",
    re.I,
)
#: Somebody is glad.
PRAISES = re.compile(
    r"不错|太(棒|好|赞)|真(好|棒|香)|漂亮|好看|满意|好多了|亮多了|喜欢|给力|厉害|开心|抢着|点赞|\[(玫瑰|强|爱心|庆祝|鼓掌)\]|[👍🌹❤😍🎉]|\b(lovely|great|perfect|brilliant|love it|happy with|amazing)\b",
    re.I,
)
#: A partner fends off what a customer holds against them.
FENDS_OFF = re.compile(
    r"\b(some|any)(body|one) pays,? it(?:'?s| is) (?:you|your)\b|\bdon'?t (?:you |even )?(?:dare|think of)\b[^.!?]{0,30}\bmy (?:invoice|bill|money|pay)\b"
    r"|\b(was (clean|fine|ok|intact|whole) when it left|signed for it|(you|they)('re| are) paying|having (you|us) on)\b|(自己|早就|本来就|提醒过|说过|指给|签过字|点(过|了)头)[^。]{0,40}(赔|扣|认|掏|工钱|没门)|(要|想)赔|没门|门都没有|休想|不认(这|账)|凭什么|(要|想)(掏|扣)钱?[^，,。]{0,4}你们",
    re.I,
)
#: A wish for some other day: nothing is wanted now.
SOME_DAY = re.compile(
    r"下(个)?月|下(次|回)|以后|改天|过(几|两|些|一)?(天|周|个月|阵子?)(?!的)|有(空|机会)|\b(next month|some ?day|one day)\b",
    re.I,
)
#: Laughter, and nothing that has to be done.
LAUGHS = re.compile(r"^\W*(lol|haha+|hehe+|lmao|哈哈+|hhh+|嘿嘿|笑死)", re.I)
#: Somebody will do it later, in whatever words.
DELAYS = re.compile(
    r"再(?!也|不)|才(?!不)|晚点|晚些|回头|稍后|一会|待会|等(我|他|她|一|下)|到家|没空|还没|在忙|开会|\b(later|tonight|not yet|will(?! do\b))\b",
    re.I,
)
#: What has the form of a question, if only in part.
HAS_A_QUESTION = re.compile(
    rf"{_ASKING}|[?？]|(吗|呢|么|不|没|没有|嘛|伐|啵|咩)[哈啊呀呢]?\s*$|几[个天次件块年月]|怎么|怎样|咋|哪|什么|啥|谁"
    r"|\b(what|how|when|where|which|why|who|can|could|does|do|is|are|will|would)\b",
    re.I,
)
#: Something is called off: one thing of several, or the matter (that leaves no doubt with `CALLS_OFF`).
CANCELS = re.compile(
    r"取消|不用(来|修|装|换|弄|上门|送|寄|退|洗)|不(修|装|换|要|做|办|洗|退|订)了|算了|别来了|cancel|call (it|this) off|no longer need",
    re.I,
)
#: Not now: what somebody says who will come back to it, whatever else they say (`WILL_DO` is a promise to do it).
LATER = re.compile(
    r"晚点|晚上|明天|后天|回头|一会|等(我|下|会|一下)|再说|先不|later|tomorrow|tonight|收到货|试试|再(试|用|装|弄|测|穿|戴)(?!也)",
    re.I,
)
#: Yes to all of several: 都行, “yes to both”.
ALL_OF_THEM = re.compile(r"都(行|可以|好|要|同意|没问题|定了|确认)|\b(both|all of (them|it)|yes to (both|all))\b", re.I)
#: Yes and nothing else.
BARE_YES = re.compile(
    r"^\W*((好的?|可以的?|行的?|没问题|嗯+|是的?|对的?|同意)|(yep|yeah|yes|sure|ok(ay)?|fine|good|great|works)([,\s]+(fine|good|ok|go ahead|please|(by|with|for) me|do it))*)[。~～.!！吧呀啊哈了\s]*$",
    re.I,
)
#: What was said to be done is not as it should be.
NOT_RIGHT = re.compile(
    r"还是(没|不|开|显示|坏|漏)|没(关|弄|成|好|装|拆)|不对|不符|对不上|没有(关|弄|做)|失败|not (off|done|ok|right|working)|still (on|broken|not)|进(了)?水|water in",
    re.I,
)
#: Done and found right, however short (`FINISHED` names the act).
DONE_WORDS = re.compile(
    r"行了|好了|可以了|通过|已经?关|完成|没问题|合格|对得上|换上|装好|修好|洗完|正常|ok\b|passed|works", re.I
)
#: Asking how something works or what holds, in whatever form.
ASKS_FOR_RULE = re.compile(
    r"怎么|如何|几点|几号|哪天|(啥|什么)时(候|间)|(包|含|让|收|管|送|带)不\w|流程|规则|政策|条件|规定|最(长|多|少|短|迟|晚)|多久|多长|几次|几天|几年|能不能|可不可以|可以.{0,6}(吗|不|么)|能.{0,8}(吗|不|么)|需要.{0,8}(吗|什么|哪些)|要.{0,8}(哪些|什么)"
    r"|\b(how (do|does|long|many|often)|can (i|you|we)|is it possible|what('s| is| are) (the|your))\b",
    re.I,
)
#: Asking for something to be done, not how it works (`CHANGE` leaves no doubt).
DEMANDS = re.compile(
    r"帮我|给我|我要|我想(退|改|停|换|转|取消)|马上|赶紧|现在就|立刻|请?你们?(退|改|停|换)|把我|我的.{0,8}(改|换|停|退|转)"
    r"|\b(please|can you|could you)\b.{0,16}\b(change|cancel|refund|freeze|transfer|pause)\b|\bmy\b",
    re.I,
)
#: When something of one's own takes place.
ASKS_WHEN = re.compile(r"几点|(什么|啥)时(候|间)|哪天|几号|\b(when|what time|which day)\b", re.I)
#: Somebody or something comes or leaves; opening hours are another matter.
TAKES_PLACE = re.compile(r"[开走到出来去发送取](?!门|业|始|票)|\b(leave|depart|arrive|come|deliver|pick)", re.I)
#: Somebody who bargains asks for no rule.
BARGAINS = re.compile(
    r"便宜|少(点|一点|几|收)|再(减|送|优惠|打|少)|能不能(减|送|打|少|免)|抹(个)?零|给.{0,4}(优惠|折|减)|最低|送我|免(了|掉)|\b(cheaper|better price|discount|deal|waive)\b",
    re.I,
)
#: Glad, with nothing that is wanted: how people go on once a matter has come out well.
GLAD = re.compile(
    r"^\W*(太好了|太棒了|哈哈+|嘿嘿|嘻嘻|哎[呀哟]?[，,\s]?(真|太)?好+|好好好+|真好|好耶|耶+|可算|总算)|念叨|(算|就|也)?放(下)?心了|心[^，,。]{0,4}放下|踏实了|高兴(坏|死)?|盼着"
    r"|\b(so happy|over the moon|chuffed|can'?t wait|keeps? (talking|going on) about)\b",
    re.I,
)
#: A page or screen that stays empty: a fault, whatever the tone.
SHOWS_NOTHING = re.compile(
    r"(一片|全是?)(白|黑|空白|灰)|[白黑蓝灰]屏|空白(页|的)?|点(了|开)?[^，,。\s]{0,4}(没反应|不开|不动)|打不开|什么(都|也)(没有|看不到|不显示|不出)|一直转圈?"
)
#: Something is said to have been sent here, in so many words.
SENT_HERE = re.compile(
    r"(截图|照片|图片?|视频|单子?|表格?|文件|面单|凭证)[^，,。]{0,6}(发|传|放|贴|丢|扔)(在|到|上|进)?[^，,。\s]{0,6}(了|啦|来)|(发|传|放|贴)(在|到|上|进)?(群|这|上面)[^，,。\s]{0,3}(了|啦|里)"
)
#: It stays as it is, for all that speaks against it: 袖标还是横着吧 盖住就盖住.
STAYS = re.compile(
    r"还是[^，,。？?\s]{1,8}(吧|算了|的)?(?=[\s，,。]|$)|(?P<so>[\u4e00-\u9fff]{1,4})就(?P=so)|不(改|换|动|调|变)了?(?=[\s，,。]|$)|(不要|别|不用)(改|裁|换|动|调|挪|加|减|移|缩|变|印|做成)|(照|按)(原来|原样|旧|老样子)"
    r"|\b(?:stays?|staying) (?!in\b|at\b|on\b|up\b|with\b|late\b|home\b|open\b|closed\b|away\b|there\b|tuned\b|for\b|over|until\b|till\b|off\b|here\b)\w+"
    r"|\b(?:keep|leave|leaving|keeping) (?:it|them|mine|ours|(?:the|my|our|that|those) [\w' -]{2,24}?) (?:as (?:it|they)(?:'s| is| are| was| were|'re)|as is|the same|the way (?:it|they)|like (?:that|it is)|in (?:the )?\w+$|(?:gold|silver|white|black|red|blue|green|plain|matt|matte|glossy|where (?:it|they)))"
    r"|\b(?:don'?t|do not|no need to) (?:change|move|swap|alter) (?:it|them|that|the|anything)\b|^\W*no changes?\b|\bno changes? (?:to|for|on) (?:it|them|the|that)\b|\b(?:stick|sticking) (?:with|to) (?:the|what|our|my)\b|\brather (?:keep|leave|stay|have it as)\b",
    re.I,
)
#: A partner has looked at something.
LOOKED_AT = re.compile(r"(我|咱|老师|师傅)?(们)?(已经?)?(看|查|审|核)(过|完|好)?了(?![吗没么])")
#: The customer is to do again what was done before.
ONCE_MORE = re.compile(
    r"\b(get|ask|tell|have|need|want)( to have)? (your|the|that|my|our) (\w+ )?(lady|guy|client|customer|parent|guest|mum|mom|dad|family|couple|people|one|skipper|tenant|owner|user|buyer|pair|lot)s? (to )?(please )?(re)?(do|try|run|send|take|fill|repeat|have another go|go over)\b.{0,40}\b(again|over|once more|same as|like (last|before)|another go)\b"
    r"|(叫|让|请|麻烦|通知)(他|她|客户|那(边|家|位|个)|[\u4e00-\u9fff]{1,3}(女士|先生|姐|哥|总|老师|太太))[^，,。]{0,6}(把)?那(个|啥|玩意|东西|一步|步)?[^，,。]{0,6}(再|重新?)(弄|搞|做|来|发|跑|试|填)(一?(遍|次|下)|过)?",
    re.I,
)
#: What a picture was that came just before.
THAT_PICTURE = re.compile(
    r"刚(才|刚)?[^，,。]{0,4}(那|发|这)?[^，,。]{0,2}(张|个|图|照片?)?[^，,。]{0,2}是|^\W*(那|这)张(图|照片)?是|\bthat (one|photo|picture|pic) (is|was|'s)\b"
    r"|\b(the|that|this|my|those|these) (last |first |previous |earlier |latest )?(one|photo|picture|pic|image|file|shot|drawing|artwork|screenshot|sketch|scan|logo|design)s?( (just now|above|before|earlier|from (just now|before|earlier)|(that )?(i|we) (just |have just )?(sent|posted|put up)( (just now|earlier|before))?))?( is| was|'s| were| are| goes| belongs)\b"
    r"|^\W*((oh|ah|sorry|yes|hi|so|right|that|this|ok)\b\W*)*(it|that|this)('s| is| was) (for|of|from|the) (the |my |our )?\w|^\W*((oh|ah|sorry|yes)\b\W*)*for (the|my|our) [\w' -]{2,30}\W*$|^\W*the [\w' -]{2,24} (one|ones|order|job)\W*$",
    re.I,
)
#: Whether the picture that comes with it will do.
WILL_IT_DO = re.compile(
    r"(这个|这张|这样|这种|是这)[^，,。]{0,4}(对|行|可以|是|成|中)?[^，,。]{0,2}(不|吗|伐|么|嘛|吧|没)[?？\s]*$|\b(is this|this) (the )?(one|it|right|ok)\b",
    re.I,
)
#: A partner wants something photographed.
HAVE_IT_PHOTOGRAPHED = re.compile(
    r"(?<![我已在])拍(清楚|清晰|仔细|一?张|一下|个|好发|给我)(?!了)|\b(need|want) (a |another )?(pic|photo|picture|shot)s? (of|from)\b",
    re.I,
)
#: Somebody says that they complain.
MAKES_A_COMPLAINT = re.compile(
    r"\b(make|file|lodge|raise|put in) (a|an official|a formal) complaint\b|^\W*(我)?(要|得|来)投诉(?!电话|渠道)", re.I
)
#: A clause that says of an act that it is done: 切过来了, 时间也校了.
CLAUSE_DONE = re.compile(r"^(?!.*([没不还等再要会]|知道|收到|明白|谢|辛苦|麻烦))[^，,。\s]{1,8}了[啊呀哈~～]?$")
#: Something is handed over with these words.
GIVES = re.compile(
    r"(给|发|传|补)(你|您|上|来|过|好)|这(个|张|就)?(是|才)|在这|喏|就这|拍(了|好|的|来|过)|\b(here|there)\b", re.I
)
#: The picture comes later: 截图晚点哈, “I'll send it when I'm back”.
PICTURE_LATER = re.compile(
    r"(截图|照片|图片?|视频)[^，,。]{0,4}(晚点|晚些|待会|等会|等下|稍后|回头|晚上|明天|到家|过会)|(晚点|晚些|待会|等会|等下|稍后|回头)[^，,。]{0,3}(发|传|补|拍)|\b(i'?ll|i will|i can|we'?ll) (send|take|get|do|upload) (it|them|that|one|the \w+)\b.{0,30}\b(when|once|on|later|tonight|tomorrow|after|by)\b",
    re.I,
)
#: Thanks stand first.
BEGINS_WITH_THANKS = re.compile(
    r"^\W*((great|lovely|perfect|brilliant|ok(ay)?|right|wonderful|good)[,.! ]+)?(many )?(thanks?( you)?|cheers|ta)\b|^\W*((好的?|太好了|行|嗯+)[，,。！!\s]*)?(谢谢|多谢|感谢|谢了|辛苦)",
    re.I,
)
