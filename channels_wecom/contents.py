"""What a message of WeCom holds, whatever way it came: words, quoted words, attachments. One reading for sessions, archive and app messages."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from channels_wecom.archive import split_quote
from conversations.operations import IncomingAttachment

#: WeCom's message types → ours; what is not named here keeps its own name and is kept raw.
TYPES = {
    "text": "text", "markdown": "text", "image": "image", "voice": "voice", "video": "video", "file": "file",
    "location": "location", "link": "link", "miniprogram": "miniprogram", "weapp": "miniprogram",
    "merged_msg": "chat_record", "chatrecord": "chat_record", "emotion": "sticker", "business_card": "card",
    "card": "card",
}  # fmt: skip
#: Types whose bytes can be fetched.
WITH_BYTES = frozenset({"image", "voice", "video", "file", "sticker"})
MAX_RECORD_LINES = 100
_MENTION = re.compile(r"@([^\s@\u2005]{1,64})")


@dataclass(frozen=True)
class Contents:
    """A message taken apart. `quoted` is what is talked about, never the sender's own claim."""

    type: str
    text: str = ""
    quoted: str = ""
    attachments: tuple[IncomingAttachment, ...] = ()
    mentions: tuple[str, ...] = ()


def read(kind: str, content: dict[str, Any]) -> Contents:
    """Take a message apart.

    :param kind: WeCom's message type. :param content: the object of that name.
    """
    name = TYPES.get(kind, kind)[:24]
    if name == "text":
        text, quoted = split_quote(str(content.get("content", "")))
        return Contents(name, text, quoted, mentions=_mentions(text))
    if kind == "mixed":
        return _mixed(content)
    if name == "location":
        words = [str(content.get(key) or "") for key in ("title", "name", "address")]
        return Contents(
            name, " ".join(dict.fromkeys(word for word in words if word)), attachments=(_attached(name, content),)
        )
    if name == "link":
        quoted = "\n".join(filter(None, (str(content.get(key) or "") for key in ("title", "desc", "description"))))
        return Contents(name, "", quoted, (_attached(name, content),))
    if name == "chat_record":
        return Contents(name, "", _record(content), (_attached(name, content),))
    if name in TYPES.values():
        return Contents(name, attachments=(_attached(name, content),))
    return Contents(name)


def _mentions(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_MENTION.findall(text)))


def _attached(name: str, content: dict[str, Any]) -> IncomingAttachment:
    title = content.get("filename") or content.get("title") or content.get("name") or ""
    media = content.get("media_id") or content.get("sdkfileid") or "" if name in WITH_BYTES else ""
    return IncomingAttachment(
        type=name,
        name=str(title),
        media_id=str(media),
        size=int(content.get("filesize") or content.get("imagesize") or 0),
    )


def _inner(value: Any) -> dict[str, Any]:
    """The content of an item: a JSON string in the archive, an object elsewhere."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return {"content": value}
    return value if isinstance(value, dict) else {}


def _mixed(content: dict[str, Any]) -> Contents:
    words: list[str] = []
    attached: list[IncomingAttachment] = []
    for item in content.get("item") or []:
        part = read(str(item.get("type", "")), _inner(item.get("content")))
        if part.text:
            words.append(part.text)
        attached += part.attachments
    text = "\n".join(words)
    return Contents("text" if text or not attached else attached[0].type, text, "", tuple(attached), _mentions(text))


def _record(content: dict[str, Any]) -> str:
    """A forwarded record as readable lines; its structure stays in the payload."""
    lines = []
    for item in (content.get("item") or [])[:MAX_RECORD_LINES]:
        kind = str(item.get("msgtype") or item.get("type") or "").lower().removeprefix("chatrecord")
        inner = _inner(item.get("msg_content") if "msg_content" in item else item.get("content"))
        inner = inner.get(kind) if isinstance(inner.get(kind), dict) else inner  # type: ignore[assignment]
        words = str(inner.get("content") or "") or f"[{kind}]"
        who = str(item.get("sender_name") or "")
        lines.append(f"{who}：{words}" if who else words)
    return "\n".join(lines)
