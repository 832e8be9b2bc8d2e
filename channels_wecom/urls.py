"""Addresses that WeCom calls."""

from django.urls import path

from channels_wecom import views

app_name = "channels_wecom"
urlpatterns = [path("callback/<slug:account>/", views.callback, name="callback")]
