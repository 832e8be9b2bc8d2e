"""Settings of the project. What differs between machines comes from the environment (`env.py`)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from aijia.settings.admin import UNFOLD as UNFOLD
from aijia.settings.env import BASE_DIR, VAR_DIR, read

ENVIRONMENT = read()
PRODUCTION = ENVIRONMENT.production
DEBUG = ENVIRONMENT.debug
SECRET_KEY = ENVIRONMENT.secret_key or "unset"
FIELD_ENCRYPTION_KEYS = list(ENVIRONMENT.field_encryption_keys)
ALLOWED_HOSTS = list(ENVIRONMENT.allowed_hosts)
CSRF_TRUSTED_ORIGINS = list(ENVIRONMENT.trusted_origins)

# --- rooms ------------------------------------------------------------------------------------------------------------

ROOMS = (
    "aijia",
    "channels_wecom",
    "metrics",
    "triage",
    "review",
    "delivery",
    "knowledge",
    "cases",
    "conversations",
    "people",
    "evidence",
    "foundation",
)
INSTALLED_APPS = [
    "aijia.site.ThemeConfig",
    "unfold.contrib.filters",
    "unfold.contrib.simple_history",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "simple_history",
    "django_fsm",
    "axes",
    "django_otp",
    *ROOMS,
    "aijia.api",
    "aijia.signin",
    "aijia.search",
]
WECOM_SANDBOX = ENVIRONMENT.wecom_sandbox
if (BASE_DIR / "channels_wecom" / "sandbox" / "apps.py").exists():
    INSTALLED_APPS.append("channels_wecom.sandbox")
AUTH_USER_MODEL = "people.User"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "aijia.signin.middleware.SecondStep",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "aijia.urls"
WSGI_APPLICATION = "aijia.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "aijia" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# --- database, cache, broker --------------------------------------------------------------------------------------------

VAR_DIR.mkdir(parents=True, exist_ok=True)


def _database() -> dict[str, Any]:
    if ENVIRONMENT.database_url:
        config: dict[str, Any] = environ.Env.db_url_config(ENVIRONMENT.database_url)
        config.setdefault("CONN_MAX_AGE", 600)
        config["CONN_HEALTH_CHECKS"] = True
        return config
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": VAR_DIR / "aijia.sqlite3",
        "CONN_MAX_AGE": 600,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=134217728;",
        },
    }


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = ENVIRONMENT.redis_url
CACHES: dict[str, dict[str, Any]] = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": str(VAR_DIR / "cache")}
    )
}

CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 8
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_TASK_DEFAULT_QUEUE = "aijia"
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {"visibility_timeout": 120, "unacked_restore_throttle": 1}
else:
    BROKER_DIR = VAR_DIR / "broker"
    for _folder in ("queue", "processed", "control"):
        (BROKER_DIR / _folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_URL = "filesystem://"
    CELERY_BROKER_TRANSPORT = "aijia.broker:Transport"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "queue"),
        "data_folder_out": str(BROKER_DIR / "queue"),
        "processed_folder": str(BROKER_DIR / "processed"),
        "control_folder": str(BROKER_DIR / "control"),
        "store_processed": False,
        "polling_interval": 0.1,
    }
# The sweep is the guarantee, the nudge only makes it quick; expiry keeps a stopped worker from finding a backlog of bells.
CELERY_BEAT_SCHEDULE = {
    "process": {"task": "aijia.tasks.process", "schedule": 2.0, "options": {"expires": 4}},
    "read-pictures": {"task": "aijia.tasks.read_pictures", "schedule": 2.0, "options": {"expires": 4}},
    "sweep-deadlines": {"task": "aijia.tasks.sweep_deadlines", "schedule": 20.0, "options": {"expires": 30}},
    "meanings": {"task": "aijia.tasks.meanings", "schedule": 30.0, "options": {"expires": 60}},
    "housekeeping": {"task": "aijia.tasks.housekeeping", "schedule": 600.0, "options": {"expires": 900}},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")

# --- language and time --------------------------------------------------------------------------------------------------

FORMAT_MODULE_PATH = ["aijia.formats"]
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

# --- files --------------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [path for path in [BASE_DIR / "aijia" / "static"] if path.exists()]
WHITENOISE_USE_FINDERS = True
_media = urlsplit(ENVIRONMENT.media_root)
MEDIA_ROOT = Path(_media.path) if _media.scheme in ("", "file") else VAR_DIR / "media"
MEDIA_URL = "/media-is-served-by-a-view/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 25 * 1024 * 1024

# --- security -----------------------------------------------------------------------------------------------------------

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
# Somebody who guesses is kept out for a quarter of an hour, by name and address together; others sign in meanwhile.
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "aijia/locked.html"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = reverse_lazy("admin:login")
LOGIN_REDIRECT_URL = reverse_lazy("admin:index")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_HTTPONLY = True
# The outer bound; how long a session really lasts is a row (`aijia.signin`).
SESSION_COOKIE_AGE = 14 * 24 * 3600
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31536000 if PRODUCTION else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
X_FRAME_OPTIONS = "SAMEORIGIN"
# What a row was once is read, never put back past the operations.
SIMPLE_HISTORY_REVERT_DISABLED = True
CSRF_FAILURE_VIEW = "aijia.errors.too_old"

# --- WeCom, delivery, engines --------------------------------------------------------------------------------------------

WECOM_API_BASE = ENVIRONMENT.wecom_api_base
WECOM_ARCHIVE_SOURCE = ENVIRONMENT.wecom_archive_source
WECOM_CALLBACK_MAX_BYTES = ENVIRONMENT.wecom_callback_max_bytes
DELIVERY_CHANNEL = ENVIRONMENT.delivery_channel
LLM_BASE_URL = ENVIRONMENT.llm_base_url
LLM_API_KEY = ENVIRONMENT.llm_api_key
LLM_MODEL = ENVIRONMENT.llm_model
# The local engine, or the one that asks a language model where its address and model are given. TRIAGE_ENGINE=local keeps it waiting.
_chosen = ENVIRONMENT.triage_engine or ("llm" if LLM_BASE_URL and LLM_MODEL else "local")
#: Whether searches of knowledge also compare meanings.
KNOWLEDGE_VECTORS = ENVIRONMENT.knowledge_vectors
#: Whether the words in pictures are read: where requirements-ocr.txt is installed, unless PICTURE_TEXT=0.
PICTURE_TEXT = ENVIRONMENT.picture_text is not False
PICTURE_TEXT_WANTED = ENVIRONMENT.picture_text is True
TRIAGE_ENGINE = {
    "local": "triage.engines.local.engine.LocalEngine",
    "llm": "triage.engines.llm.engine.LlmEngine",
}.get(_chosen, _chosen)

# --- API ----------------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "aijia.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["aijia.api.permissions.IsStaff", "aijia.api.permissions.MayDoThis"],
    "EXCEPTION_HANDLER": "aijia.api.errors.problem",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["aijia.api.parsing.Json"],
    "DEFAULT_THROTTLE_CLASSES": ["aijia.api.throttling.PerCaller", "aijia.api.throttling.Anonymous"],
    "DEFAULT_THROTTLE_RATES": {"caller": "1200/min", "costly": "60/min", "anon": "60/min"},
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "aijia.api.pagination.Pages",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Aijia Customer Service",
    "DESCRIPTION": "Service cases: who waits for whom, what may be said, and how it can be shown.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "aijia.api.schema.add_problems"],
    "ENUM_NAME_OVERRIDES": {
        "DecisionModeEnum": "triage.models.Mode",
        "CaseStateEnum": "cases.models.CaseState",
        "WaitStateEnum": "cases.models.WaitState",
        "DraftStateEnum": "review.models.DraftState",
        "OutboundStateEnum": "delivery.models.OutboundState",
        "WritebackStateEnum": "cases.models.WritebackState",
        "PictureStateEnum": "conversations.models.PictureState",
        "PictureKindEnum": "conversations.models.PictureKind",
        "AttachmentStateEnum": "conversations.models.AttachmentState",
        "RoleEnum": "cases.models.Role",
        "SideEnum": "people.models.Side",
        "ConversationKindEnum": "conversations.models.ConversationKind",
        "KnowledgeKindEnum": "knowledge.models.KnowledgeKind",
        "KnowledgeStateEnum": "knowledge.models.KnowledgeState",
        "OutboundKindEnum": "delivery.models.OutboundKind",
        "MaterialStateEnum": "cases.models.Material.State",
        "LabelKindEnum": "triage.models.DecisionLabel.Kind",
    },
}

# --- logging ------------------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "aijia": {"level": "INFO"},
        "channels_wecom": {"level": "INFO"},
        "triage": {"level": "INFO"},
        # It warns at every connection that a broker of files has no host.
        "kombu.connection": {"level": "WARNING" if REDIS_URL else "ERROR"},
    },
}
