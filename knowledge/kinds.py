"""What each kind of knowledge needs beside title and text, and whether what is there will do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from knowledge.models import KnowledgeKind as K
from knowledge.voices import VoiceChoices
from knowledge.wordings import LANGUAGES, TemplateChoices, find_template, unfit_places


@dataclass(frozen=True)
class FieldSpec:
    """One field of a kind.

    :param type: ``line`` (one line), ``lines`` (a list, one a line) or ``choice``.
    :param choices: code and words, for ``choice``.
    """

    key: str
    label: Any
    type: str = "line"
    required: bool = False
    choices: Iterable[tuple[str, Any]] = ()
    help: Any = ""


@dataclass(frozen=True)
class KindSpec:
    """What a kind needs.

    :param flow: ``required``, ``optional`` or ``""`` (no link to a flow).
    :param products: whether a product has to be named. :param channels: whether a channel has to be.
    :param body: whether it needs a text. :param sample: whether it may carry a picture.
    """

    fields: tuple[FieldSpec, ...] = ()
    flow: str = "optional"
    products: bool = False
    channels: bool = False
    body: bool = True
    sample: bool = False
    help: Any = ""


_PATTERNS = (
    FieldSpec("patterns", gettext_lazy("what may not be said"), "lines",
              help=gettext_lazy("One phrase a line; /…/ is a regular expression.")),
    FieldSpec("examples", gettext_lazy("sentences it must catch"), "lines"),
    FieldSpec("allowed", gettext_lazy("sentences it must not catch"), "lines"),
)  # fmt: skip
_TOPICS = (
    ("refund", gettext_lazy("Refund")), ("return", gettext_lazy("Return")), ("exchange", gettext_lazy("Exchange")),
    ("warranty", gettext_lazy("Warranty")), ("logistics", gettext_lazy("Logistics")),
    ("payment", gettext_lazy("Payment and invoice")), ("other", gettext_lazy("Other")),
)  # fmt: skip
_SEVERITIES = (("avoid", gettext_lazy("Must not be used")), ("ask", gettext_lazy("Ask a person first")))

SPECS: dict[str, KindSpec] = {
    K.SERVICE_FLOW: KindSpec(
        flow="required", body=False,
        help=gettext_lazy("Words the flow: {name}, {materials}, {due:STATE} and {proof} are filled from its configuration."),
    ),
    K.MATERIAL_LIST: KindSpec(
        flow="required", body=False, sample=True,
        fields=(FieldSpec("hints", gettext_lazy("how to make them"), "lines"),),
        help=gettext_lazy("{materials} is filled from the flow; a sample picture shows what a good one looks like."),
    ),
    K.CUSTOMER_WORDING: KindSpec(
        help=gettext_lazy("An answer to a question that customers ask, in the words in which they may be told it."),
        fields=(
            FieldSpec("situation", gettext_lazy("when to use it")),
            FieldSpec("template", gettext_lazy("stands for the wording template"), "choice", choices=TemplateChoices(),
                      help=gettext_lazy("Left empty, it is an answer that is found by its words.")),
            FieldSpec("language", gettext_lazy("language"), "choice", choices=LANGUAGES),
        ),
        sample=True,
    ),
    K.FORBIDDEN_COMMITMENT: KindSpec(fields=_PATTERNS, help=gettext_lazy("The gate stops every text that says this.")),
    K.HANDOFF_CONDITION: KindSpec(
        help=gettext_lazy("When a person takes over, and who."),
        fields=(
            FieldSpec("condition", gettext_lazy("when"), required=True),
            FieldSpec("to", gettext_lazy("to whom"), required=True),
        ),
    ),
    K.PARTNER_BOUNDARY: KindSpec(
        help=gettext_lazy("What a partner may be told, and what not."),
        fields=(
            FieldSpec("partner", gettext_lazy("partner (empty: all)")),
            FieldSpec("may", gettext_lazy("what a partner may be told"), "lines"),
            FieldSpec("may_not", gettext_lazy("what a partner may not be told"), "lines"),
        ),
    ),
    K.COMPLETION_RULE: KindSpec(
        help=gettext_lazy("What shows that a matter of this flow is really done."),
        flow="required", fields=(FieldSpec("signs", gettext_lazy("what shows that it is done"), "lines", required=True),)
    ),
    K.QA_FINDING: KindSpec(
        help=gettext_lazy("What one of us should not have said, and what is said instead."),
        fields=(
            FieldSpec("wrong", gettext_lazy("what was said"), "lines"),
            FieldSpec("right", gettext_lazy("what should be said"), "lines"),
        ),
    ),
    K.RISK_HINT: KindSpec(
        help=gettext_lazy("Words that point to a risk, for those who review."),
        fields=(FieldSpec("topics", gettext_lazy("risk topics"), "lines"), FieldSpec("signs", gettext_lazy("words that point to it"), "lines")),
    ),
    K.PRODUCT: KindSpec(
        help=gettext_lazy("What is true of a product: use, care, sizes."),
        products=True, sample=True,
    ),
    K.CONTRAINDICATION: KindSpec(
        help=gettext_lazy("For whom or when a product must not be used."),
        products=True,
        fields=(
            FieldSpec("who", gettext_lazy("for whom"), required=True),
            FieldSpec("severity", gettext_lazy("how grave"), "choice", required=True, choices=_SEVERITIES),
        ),
    ),
    K.CAMPAIGN: KindSpec(
        flow="", sample=True,
        fields=(FieldSpec("terms", gettext_lazy("conditions"), "lines"), FieldSpec("link", gettext_lazy("link"))),
        help=gettext_lazy("Found, cited and drafted from only within its dates, to the minute."),
    ),
    K.MEMBERSHIP_RULE: KindSpec(
        help=gettext_lazy("What members have: tiers, points, benefits. Say who may be told."),
        fields=(FieldSpec("tiers", gettext_lazy("tiers"), "lines"),),
    ),
    K.POLICY: KindSpec(
        help=gettext_lazy("A rule that always holds: return, exchange, refund, warranty, logistics, invoice."),
        fields=(FieldSpec("topic", gettext_lazy("about"), "choice", choices=_TOPICS),),
    ),
    K.BRAND_RULE: KindSpec(fields=_PATTERNS, help=gettext_lazy("What the brand never says, or always says in another way.")),
    K.PLATFORM_RULE: KindSpec(fields=_PATTERNS, channels=True, help=gettext_lazy("Holds in the channels that are named.")),
    K.TONE_EXAMPLE: KindSpec(
        help=gettext_lazy("A sentence that sounds as the brand should; drafts are worded after it."),
        fields=(
            FieldSpec("voice", gettext_lazy("brand voice"), "choice", required=True, choices=VoiceChoices()),
            FieldSpec("instead_of", gettext_lazy("instead of"), "lines"),
        ),
    ),
}  # fmt: skip


def spec_of(kind: str) -> KindSpec:
    """What a kind needs.

    :raises KeyError: for a code that is no kind.
    """
    return SPECS[kind]


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """A pattern of an editor: a plain phrase (spaces do not matter), or a regular expression between slashes.

    :raises ValueError: when the expression is none.
    """
    pattern = pattern.strip()
    if len(pattern) > 2 and pattern.startswith("/") and pattern.endswith("/"):
        try:
            return re.compile(pattern[1:-1], re.I)
        except re.error as error:
            raise ValueError(str(error)) from error
    return re.compile(r"\s*".join(re.escape(char) for char in re.sub(r"\s+", "", pattern)), re.I)


def problems(
    kind: str,
    *,
    title: str,
    body: str,
    fields: Mapping[str, Any],
    has_flow: bool,
    products: Sequence[str],
    channels: Sequence[str],
    has_dates: bool,
) -> list[str]:
    """What is missing or wrong, in sentences; empty when it can be published."""
    spec = spec_of(kind)
    found: list[str] = []
    if not title.strip():
        found.append(_("It needs a title."))
    if spec.body and not body.strip():
        found.append(_("It needs a text."))
    if spec.flow == "required" and not has_flow:
        found.append(_("It needs the flow that it is about."))
    if spec.products and not [name for name in products if name.strip()]:
        found.append(_("It needs the product that it is about."))
    if spec.channels and not [name for name in channels if name.strip()]:
        found.append(_("It needs the channel in which it holds."))
    if (kind == K.CAMPAIGN) != has_dates:
        found.append(
            _("A campaign needs its first and last moment.")
            if kind == K.CAMPAIGN
            else _("Only a campaign has dates: make this a campaign, or leave them out.")
        )
    for one in spec.fields:
        value = fields.get(one.key)
        if one.required and not value:
            found.append(_("It needs: %(field)s.") % {"field": one.label})
        if value and one.type == "choice" and value not in dict(one.choices):
            found.append(_("%(value)s is no choice of: %(field)s.") % {"value": value, "field": one.label})
    unknown = set(fields) - {one.key for one in spec.fields}
    if unknown:
        found.append(_("This kind has no such field: %(fields)s.") % {"fields": ", ".join(sorted(unknown))})
    return found + _template_problems(fields, body) + _pattern_problems(fields)


def _template_problems(fields: Mapping[str, Any], body: str) -> list[str]:
    """What keeps a text from standing for a wording template."""
    key = str(fields.get("template") or "")
    if find_template(key) is None:
        return []
    unknown, missing = unfit_places(key, str(fields.get("language") or "zh"), body)
    found = []
    if unknown:
        found.append(
            _("This template does not know: %(places)s.") % {"places": ", ".join(f"{{{one}}}" for one in unknown)}
        )
    if missing:
        found.append(_("The text must hold: %(places)s.") % {"places": ", ".join(f"{{{one}}}" for one in missing)})
    return found


def _pattern_problems(fields: Mapping[str, Any]) -> list[str]:
    found, patterns = [], []
    for text in fields.get("patterns") or []:
        try:
            patterns.append(compile_pattern(text))
        except ValueError as error:
            found.append(_("“%(pattern)s” is no pattern: %(error)s.") % {"pattern": text, "error": error})
    if not patterns:
        return found
    for sentence in fields.get("examples") or []:
        if not any(pattern.search(sentence) for pattern in patterns):
            found.append(_("No pattern catches the example “%(sentence)s”.") % {"sentence": sentence})
    for sentence in fields.get("allowed") or []:
        if any(pattern.search(sentence) for pattern in patterns):
            found.append(_("A pattern catches “%(sentence)s”, which is allowed.") % {"sentence": sentence})
    return found
