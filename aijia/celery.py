"""The Celery application. Celery is a doorbell: the rows in the database are the queue (docs/adr/0004)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aijia.settings")

app = Celery("aijia")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
