"""Addresses that WeCom calls, and those of the sidebar inside its client."""

from django.urls import path

from channels_wecom import toolbar, views

app_name = "channels_wecom"
urlpatterns = [
    path("callback/<slug:account>/", views.callback, name="callback"),
    path("toolbar/<slug:account>/token", toolbar.token, name="toolbar-token"),
    path("toolbar/<slug:account>/prepared", toolbar.prepared, name="toolbar-prepared"),
    path("toolbar/<slug:account>/prepared/<uuid:outbound_id>/tap", toolbar.tap, name="toolbar-tap"),
]
