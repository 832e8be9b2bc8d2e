"""The Celery application. Celery is a doorbell: the rows in the database are the queue (docs/adr/0004)."""

import os

from celery import Celery
from celery.signals import beat_init, worker_init, worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aijia.settings")

app = Celery("aijia")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def _refuse_to_start(**_kwargs: object) -> None:
    from aijia.checks import refuse_to_start

    refuse_to_start()


@worker_ready.connect
def _warm(**_kwargs: object) -> None:
    from knowledge import vectors

    vectors.warm()
