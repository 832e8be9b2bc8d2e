"""Addresses of the API."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.routers import DefaultRouter

from aijia.api import views

router = DefaultRouter(use_regex_path=False)
router.include_root_view = False
router.register("cases", views.CaseView, basename="case")
router.register("waits", views.WaitView, basename="wait")
router.register("conversations", views.ConversationView, basename="conversation")
router.register("drafts", views.DraftView, basename="draft")
router.register("outbound", views.OutboundView, basename="outbound")

app_name = "api"
urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="api:schema"), name="docs"),
    path("", include(router.urls)),
]
