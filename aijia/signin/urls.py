"""Addresses of signing in."""

from django.urls import path

from aijia.signin import views

app_name = "signin"
urlpatterns = [
    path("verify/", views.verify, name="verify"),
    path("set-up/", views.set_up, name="set_up"),
    path("", views.security, name="security"),
]
