"""Wording templates: what the product says in a situation, as it ships and as the editors want it.

A room above registers the templates that it fills (`register`); an editor's published item of kind `customer_wording` that names a template stands in
its place, for its flow or for all, in its language. The brand voice (`voices`) decides greeting, tone and words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import get_language

from foundation.remembering import Remembered
from knowledge.models import BrandVoice, KnowledgeKind, KnowledgeVersion
from knowledge.voices import default_voice

PLACE = re.compile(r"\{([a-z_]+)\}")
LANGUAGES = (("zh", "中文"), ("en", "English"))


@dataclass(frozen=True)
class Template:
    """What is said in a situation unless an editor words it anew.

    :param key: its name, ``reply_kind.situation``. :param kind: the reply kind. :param zh: the Chinese text. :param en: the English text.
    :param kind_words: the reply kind in words (lazy).
    """

    key: str
    kind: str
    situation_zh: str
    situation_en: str
    zh: str
    en: str
    kind_words: object = ""

    def __str__(self) -> str:
        """The situation in the language of whoever reads it."""
        return self.situation_zh if (get_language() or "").startswith("zh") else self.situation_en

    def text(self, language: str) -> str:
        """The shipped text, ``zh`` or ``en``."""
        return self.en if language == "en" else self.zh

    def places(self, language: str) -> frozenset[str]:
        """The places that the shipped text fills."""
        return frozenset(PLACE.findall(self.text(language)))


#: What stands in the places while an editor looks at a wording, in Chinese and in English.
EXAMPLES: dict[str, tuple[str, str]] = {
    "answer": ("滤芯建议六个月更换一次。", "Change the filter every six months."),
    "before": ("周三10:00", "Wednesday 10:00"),
    "choices": ("空调安装，还是热水器维修", "the air conditioner or the water heater"),
    "count": ("一张", "one"),
    "extra": ("，王师傅上门", ", Mr Wang will come"),
    "material": ("铭牌照片", "photo of the nameplate"),
    "materials": ("铭牌照片、订单号", "a photo of the nameplate and the order number"),
    "missing": ("订单号", "the order number"),
    "need": ("铭牌照片", "a photo of the nameplate"),
    "news": ("配件已经寄出", "the part is on its way"),
    "phone": ("，电话138****0000", ", phone 138****0000"),
    "picture": ("照片", "photo"),
    "progress": ("配件已经寄出", "the part is on its way"),
    "reason": ("字有些模糊", "the letters are blurred"),
    "request": ("麻烦发一下铭牌照片", "Please send a photo of the nameplate"),
    "result": ("主板已经换好", "the main board has been changed"),
    "time": ("周四15:00", "Thursday 15:00"),
    "who": ("王师傅", "Mr Wang"),
}


@dataclass(frozen=True)
class Wording:
    """A filled template, and the published version that worded it (None: as shipped)."""

    text: str
    version: KnowledgeVersion | None


_registered: dict[str, Template] = {}


def register(templates: Iterable[Template]) -> None:
    """Make templates known; a second registration of a key replaces the first."""
    _registered.update({template.key: template for template in templates})


def list_templates() -> list[Template]:
    """All templates, by reply kind and key."""
    return sorted(_registered.values(), key=lambda one: (one.kind, one.key))


def find_template(key: str) -> Template | None:
    """The template of this key."""
    return _registered.get(key)


class TemplateChoices:
    """The registered templates as choices of a field; empty first: no template."""

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter([(one.key, f"{one} ({one.key})") for one in list_templates()])

    def __len__(self) -> int:
        return len(_registered)

    def __bool__(self) -> bool:
        return True


def unfit_places(key: str, language: str, text: str) -> tuple[list[str], list[str]]:
    """What is wrong with the places of an editor's text: those that the template does not know, and those that it must hold and does not.

    The greeting may be left out; a fact may not.
    """
    template = _registered[key]
    known, used = template.places(language), set(PLACE.findall(text))
    return sorted(used - known - {"greet", "name"}), sorted(known - used - {"greet", "name", "extra", "count"})


def _load() -> dict[tuple[str, str, int | None], KnowledgeVersion]:
    rows = (
        KnowledgeVersion.objects.published()
        .filter(kind=KnowledgeKind.CUSTOMER_WORDING)
        .select_related("item")
        .order_by("pk")
    )
    return {
        (str(row.fields["template"]), str(row.fields.get("language") or "zh"), row.item.flow_id): row
        for row in rows
        if row.fields.get("template")
    }


_overrides = Remembered(_load, seconds=5)
_overrides.forget_on_change(KnowledgeVersion)


def greeting(name: str, *, english: bool, voice: BrandVoice) -> str:
    """How a text to this person begins, by the brand voice."""
    if not name:
        return "Hi, " if english else voice.greeting_nameless
    return (voice.greeting_en if english else voice.greeting).replace("{name}", name)


def render(
    key: str,
    *,
    english: bool,
    name: str = "",
    flow_id: int | None = None,
    voice: BrandVoice | None = None,
    **places: object,
) -> Wording:
    """Fill a template: an editor's wording for this flow, else for all, else as shipped; in the tone and words of the brand. What is filled in
    (facts, names) is never reworded.

    :param voice: whose tone and words (`voices.voice_for`); None: the one that speaks where no other is chosen.

    :raises KeyError: for a template that nobody registered.
    """
    template, language = _registered[key], "en" if english else "zh"
    rows = _overrides()
    version = rows.get((key, language, flow_id)) or rows.get((key, language, None))
    voice = voice or default_voice()
    text = voice.reworded(version.body.strip() if version is not None else template.text(language))
    facts = {"name": name, "greet": greeting(name, english=english, voice=voice), **places}
    filled = PLACE.sub(lambda match: str(facts.get(match.group(1), "")), text)
    return Wording(voice.toned(filled) if not english else filled, version)


def as_example(text: str, *, key: str, english: bool, voice: BrandVoice | None = None) -> str:
    """An editor's words for a template as a customer might read them: greeted by the brand, an example in every place that the template knows.

    What the template does not know stays as it is written, for it would say nothing.
    """
    voice = voice or default_voice()
    place = 1 if english else 0
    name = ("陈女士", "Ms Chen")[place] if not key.endswith(".partner") else ("王师傅", "Mr Wang")[place]
    facts = {one: words[place] for one, words in EXAMPLES.items()}
    facts |= {"name": name, "greet": greeting(name, english=english, voice=voice)}
    template = find_template(key)
    known = template.places("en" if english else "zh") | {"greet", "name"} if template is not None else facts.keys()
    filled = PLACE.sub(
        lambda match: facts.get(match.group(1), match.group(0)) if match.group(1) in known else match.group(0),
        voice.reworded(text),
    )
    return filled if english else voice.toned(filled)
