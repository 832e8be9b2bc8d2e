"""Addresses of the project."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.utils.translation import gettext_lazy
from django.views.generic import RedirectView

from aijia import health, media
from aijia.desk.live import live
from aijia.search.views import find_view
from triage.admin_flagging import flag_view

handler400, handler403 = "aijia.errors.bad_request", "aijia.errors.not_allowed"
handler404, handler500 = "aijia.errors.not_found", "aijia.errors.failed"
admin.site.index_title = gettext_lazy("Desk")

urlpatterns = [
    path("", RedirectView.as_view(url="/admin/", permanent=False)),
    path("admin/security/", include("aijia.signin.urls")),
    path("admin/live/", live, name="live"),
    path("admin/messages/<uuid:public_id>/flag/", admin.site.admin_view(flag_view), name="flag_message"),
    path("admin/find/", admin.site.admin_view(find_view), name="find"),
    path("admin/", admin.site.urls),
    path("wecom/", include("channels_wecom.urls")),
    path("api/v1/", include("aijia.api.urls")),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("attachments/<uuid:public_id>/", media.attachment, name="attachment"),
    path("favicon.ico", RedirectView.as_view(url=f"{settings.STATIC_URL}aijia/favicon.svg", permanent=True)),
    path("i18n/", include("django.conf.urls.i18n")),
]
if settings.WECOM_SANDBOX and "channels_wecom.sandbox" in settings.INSTALLED_APPS:
    urlpatterns.append(path("sandbox/", include("channels_wecom.sandbox.urls")))
