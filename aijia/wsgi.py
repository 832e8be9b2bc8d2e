"""The WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aijia.settings")

application = get_wsgi_application()

from aijia.checks import refuse_to_start  # noqa: E402  (needs the applications)

refuse_to_start()
