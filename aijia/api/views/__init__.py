"""The addresses. Every query starts from what the caller may see; every write goes through the rooms' operations."""

from aijia.api.views.cases import CaseView, HandOverView, MaterialView, PlanView, WaitView, WritebackView
from aijia.api.views.conversations import AttachmentView, ConversationView, MessageView
from aijia.api.views.decisions import DecisionView
from aijia.api.views.drafts import DraftView, OutboundView
from aijia.api.views.figures import FiguresView
from aijia.api.views.knowledge import KnowledgeView, ProposalView
from aijia.api.views.learning import ExampleView, ModelView
from aijia.api.views.not_here import NotHereView
from aijia.api.views.people import CustomerView, MeView, PersonView, StaffView
from aijia.api.views.search import SearchView

__all__ = [
    "AttachmentView",
    "CaseView",
    "ConversationView",
    "CustomerView",
    "DecisionView",
    "DraftView",
    "ExampleView",
    "FiguresView",
    "HandOverView",
    "KnowledgeView",
    "MaterialView",
    "MeView",
    "MessageView",
    "ModelView",
    "NotHereView",
    "OutboundView",
    "PersonView",
    "PlanView",
    "ProposalView",
    "SearchView",
    "StaffView",
    "WaitView",
    "WritebackView",
]
