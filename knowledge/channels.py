"""Channels as editors name them, and the codes by which the rest of the product knows them."""

from __future__ import annotations

from collections.abc import Collection

from knowledge.text import normalise

#: Codes with the names that people write for them. A name that is not here (a shop) is its own code.
_NAMES = {
    "wecom": "wecom|企业微信|企微|微信|wechat|wxwork",
    "kf": "kf|微信客服|客服窗口|客服会话|customer service",
    "staff_private": "staff_private|私聊|单聊|一对一|个人微信|private chat",
    "customer_group": "customer_group|客户群|服务群|微信群|customer group",
    "tmall": "tmall|天猫|天猫旗舰店|天猫店",
    "taobao": "taobao|淘宝|淘宝店",
    "jd": "jd|京东|京东旗舰店|京东店|京东自营",
    "douyin": "douyin|抖音|抖音小店|抖店",
    "pdd": "pdd|拼多多",
}
_CODES = {normalise(name): code for code, names in _NAMES.items() for name in names.split("|")}


def code_of(name: str) -> str:
    """The code of a channel that somebody named."""
    plain = normalise(name.strip())
    return _CODES.get(plain, plain)


def holds_in(named: Collection[str], channels: Collection[str]) -> bool:
    """Whether what names these channels holds in any of those; what names none holds everywhere, and nothing asked leaves nothing out."""
    if not named or not channels:
        return True
    return not {code_of(one) for one in named}.isdisjoint({code_of(one) for one in channels})
