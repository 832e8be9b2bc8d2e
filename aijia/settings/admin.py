"""How the admin looks and what its sidebar holds."""

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def _link(title: Any, icon: str, name: str, query: str = "") -> dict[str, Any]:
    def link(_request: Any) -> str:
        return f"{reverse_lazy(f'admin:{name}_changelist')}{query}"

    def permitted(request: Any) -> bool:
        from django.apps import apps  # not before the applications are there
        from django.contrib import admin

        app, model = name.rsplit("_", 1)
        model_admin = admin.site._registry.get(apps.get_model(app, model))
        return model_admin is not None and model_admin.has_view_permission(request)

    return {"title": title, "icon": icon, "link": link, "permission": permitted}


def _page(title: Any, icon: str, name: str, permission: str) -> dict[str, Any]:
    """A page that is no list of rows."""
    return {
        "title": title, "icon": icon, "link": lambda _request: reverse_lazy(f"admin:{name}"),
        "permission": lambda request: request.user.has_perm(permission),
    }  # fmt: skip


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Aijia"),
    "SITE_HEADER": _("Aijia Customer Service"),
    "SITE_SYMBOL": "support_agent",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda _request: static("aijia/favicon.svg")}],
    "STYLES": [lambda _request: static("aijia/admin.css"), lambda _request: static("aijia/work.css")],
    "SCRIPTS": [
        lambda _request: static("aijia/live.js"),
        lambda _request: static("aijia/fields.js"),
        lambda _request: static("aijia/long.js"),
    ],
    "SHOW_LANGUAGES": True,
    "ACCOUNT": {
        "navigation": [
            {"title": _("Signing in safely"), "link": reverse_lazy("signin:security")},
            {"title": _("Change password"), "link": reverse_lazy("admin:password_change")},
        ]
    },
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "aijia.desk.dashboard",
    "COLORS": {
        "primary": {
            "50": "oklch(97% .014 155)",
            "100": "oklch(94% .03 155)",
            "200": "oklch(89% .06 155)",
            "300": "oklch(82% .1 155)",
            "400": "oklch(74% .14 155)",
            "500": "oklch(65% .15 155)",
            "600": "oklch(51% .12 155)",
            "700": "oklch(47% .11 155)",
            "800": "oklch(39% .09 155)",
            "900": "oklch(33% .07 155)",
            "950": "oklch(24% .05 155)",
        }
    },
    "SIDEBAR": {
        "show_search": False,
        "navigation": [
            {
                "title": _("Work"),
                "items": [
                    _link(_("Review queue"), "rate_review", "review_draft", "?state__exact=pending"),
                    _link(_("To send"), "send", "delivery_outbound", "?state__exact=prepared"),
                    _link(_("Cases"), "folder_open", "cases_servicecase", "?state__exact=open"),
                    _link(_("Waiting items"), "hourglass_top", "cases_waitingitem", "?open=1"),
                    _link(_("Planned cases"), "event_repeat", "cases_plannedcase", "?running=1"),
                    _link(_("Hand-overs"), "swap_horiz", "cases_handover", "?state__exact=offered"),
                    _link(_("Conversations"), "forum", "conversations_conversation"),
                ],
            },
            {
                "title": _("People"),
                "items": [
                    _link(_("Customers"), "groups", "people_customer"),
                    _link(_("Identities"), "badge", "people_identity"),
                    _link(_("Partners"), "handshake", "people_partner"),
                    _link(_("Staff"), "person", "people_staffmember"),
                    _link(_("Duty rosters"), "event_available", "people_dutyroster"),
                ],
            },
            {
                "title": _("Knowledge"),
                "collapsible": True,
                "work_of": "knowledge.add_knowledgeitem",
                "items": [
                    _link(_("Knowledge items"), "menu_book", "knowledge_knowledgeitem"),
                    _page(
                        _("Editors' desk"), "edit_note", "knowledge_knowledgeitem_board", "knowledge.view_knowledgeitem"
                    ),
                    _page(
                        _("Campaign calendar"),
                        "event",
                        "knowledge_knowledgeitem_calendar",
                        "knowledge.view_knowledgeitem",
                    ),
                    _page(_("Try a question"), "quiz", "knowledge_knowledgeitem_try", "knowledge.view_knowledgeitem"),
                    _link(_("Proposals"), "lightbulb", "knowledge_proposal", "?state__exact=open"),
                    _link(_("Unanswered questions"), "help_center", "knowledge_gap", "?state__exact=open"),
                    _link(_("Duplicates and contradictions"), "difference", "knowledge_qualityflag", "?open=1"),
                    _page(
                        _("Import and export"), "sync_alt", "knowledge_importrun_add", "knowledge.exchange_knowledge"
                    ),
                    _link(_("Brand voice and wording"), "record_voice_over", "knowledge_brandvoice"),
                    _link(_("Knowledge policy"), "rule_settings", "knowledge_knowledgepolicy"),
                ],
            },
            {
                "title": _("Rules"),
                "collapsible": True,
                "items": [
                    _link(_("Service flows"), "account_tree", "cases_serviceflow"),
                    _link(_("Calendars"), "calendar_month", "cases_calendar"),
                    _link(_("Automation levels"), "tune", "review_automationlevel"),
                    _link(_("Risk boundaries"), "gpp_maybe", "review_riskboundary"),
                    _link(_("Pauses"), "pause_circle", "delivery_pause"),
                    _link(_("Language model"), "memory", "triage_llmpolicy"),
                    _link(_("Learning from the team"), "cognition", "triage_learningpolicy"),
                ],
            },
            {
                "title": _("Record"),
                "collapsible": True,
                "items": [
                    _page(_("Figures of the week"), "monitoring", "cases_servicefact_week", "cases.view_servicefact"),
                    _link(_("Decisions"), "psychology", "triage_decision"),
                    _link(_("Texts of pictures"), "image_search", "conversations_picturetext"),
                    _link(_("Outbound texts"), "outbox", "delivery_outbound"),
                    _link(_("Quality findings"), "fact_check", "review_finding"),
                    _link(_("Labelled examples"), "school", "triage_labelledexample"),
                    _link(_("Trained models"), "model_training", "triage_modelcandidate"),
                    _link(_("Evidence"), "verified", "evidence_chain"),
                    _link(_("Events of signing in"), "key", "signin_signinevent"),
                    _link(_("Inbound events"), "inbox", "channels_wecom_inboundevent"),
                ],
            },
            {
                "title": _("Administration"),
                "collapsible": True,
                "items": [
                    _link(_("Users"), "manage_accounts", "people_user"),
                    _link(_("Roles"), "shield_person", "auth_group"),
                    _link(_("Teams"), "diversity_3", "people_team"),
                    _link(_("Customer tags"), "sell", "people_tag"),
                    _link(_("WeCom accounts"), "hub", "channels_wecom_wecomaccount"),
                    _link(_("API tokens"), "vpn_key", "api_apitoken"),
                    _link(_("Rules for signing in"), "lock", "signin_twosteprule"),
                    _link(_("Length of sessions"), "timer", "signin_sessionrule"),
                ],
            },
        ],
    },
}
