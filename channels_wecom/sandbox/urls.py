"""Addresses of the local WeCom. `WECOM_API_BASE` is where this is mounted: the API stands below it at `cgi-bin/`."""

from django.urls import path

from channels_wecom.sandbox import api, page

app_name = "wecom_sandbox"
urlpatterns = [
    path("", page.index, name="page"),
    path("page/poll", page.poll, name="poll"),
    path("page/post", page.post, name="post"),
    path("page/recall", page.recall, name="recall"),
    path("page/end", page.end, name="end"),
    path("page/oauth", page.oauth, name="oauth"),
    path("page/confirm", page.confirm, name="confirm"),
    path("page/media/<str:media_id>", page.media, name="media"),
    path("cgi-bin/<path:path>", api.cgi_bin, name="api"),
]
