"""The project package: settings, addresses, worker, the desk, and commands that span rooms. Nothing imports it."""

from aijia.celery import app as celery_app

__all__ = ["celery_app"]
