"""Addresses of the API."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.routers import DefaultRouter

from aijia.api import views

router = DefaultRouter(use_regex_path=False)
router.include_root_view = False
router.include_format_suffixes = False
router.register("cases", views.CaseView, basename="case")
router.register("waits", views.WaitView, basename="wait")
router.register("materials", views.MaterialView, basename="material")
router.register("writebacks", views.WritebackView, basename="writeback")
router.register("hand-overs", views.HandOverView, basename="hand-over")
router.register("planned-cases", views.PlanView, basename="planned-case")
router.register("conversations", views.ConversationView, basename="conversation")
router.register("messages", views.MessageView, basename="message")
router.register("attachments", views.AttachmentView, basename="attachment")
router.register("decisions", views.DecisionView, basename="decision")
router.register("examples", views.ExampleView, basename="example")
router.register("models", views.ModelView, basename="model")
router.register("drafts", views.DraftView, basename="draft")
router.register("outbound", views.OutboundView, basename="outbound")
router.register("customers", views.CustomerView, basename="customer")
router.register("people", views.PersonView, basename="person")
router.register("staff", views.StaffView, basename="staff")
router.register("knowledge-proposals", views.ProposalView, basename="knowledge-proposal")
router.register("knowledge", views.KnowledgeView, basename="knowledge")

app_name = "api"
urlpatterns = [
    path("me/", views.MeView.as_view(), name="me"),
    path("figures/", views.FiguresView.as_view(), name="figures"),
    path("search/", views.SearchView.as_view(), name="search"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="api:schema"), name="docs"),
    path("", include(router.urls)),
    re_path("", views.NotHereView.as_view()),
]
