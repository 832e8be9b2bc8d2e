"""Settings of the tests: those of the project, with a fast hasher, a private folder and no outside channel."""

import atexit
import os
import shutil
import tempfile

if "AIJIA_VAR_DIR" not in os.environ:
    os.environ["AIJIA_VAR_DIR"] = tempfile.mkdtemp(prefix="aijia-test-")
    atexit.register(shutil.rmtree, os.environ["AIJIA_VAR_DIR"], ignore_errors=True)
os.environ.setdefault("WECOM_SANDBOX", "1")

from aijia.settings import *  # noqa: F403
from aijia.settings import CACHES, DATABASES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_TASK_ALWAYS_EAGER = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
if "sqlite" in DATABASES["default"]["ENGINE"]:
    DATABASES["default"]["TEST"] = {"NAME": os.path.join(os.environ["AIJIA_VAR_DIR"], "test.sqlite3")}
if not CACHES["default"]["BACKEND"].endswith("RedisCache"):
    CACHES["default"] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
# The suite is the same with and without the optional package; tests of pictures switch it on.
PICTURE_TEXT = False
