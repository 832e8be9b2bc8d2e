"""The environment, read once and typed. It describes the machine; policy lives in database rows."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import environ
from cryptography.fernet import Fernet

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = Path(os.environ.get("AIJIA_VAR_DIR", BASE_DIR / "var"))


@dataclass(frozen=True)
class Environment:
    """What the environment says, with the embedded default where it says nothing."""

    production: bool
    debug: bool
    secret_key: str
    field_encryption_keys: tuple[str, ...]
    allowed_hosts: tuple[str, ...]
    trusted_origins: tuple[str, ...]
    database_url: str
    redis_url: str
    media_root: str
    wecom_api_base: str
    wecom_sandbox: bool
    wecom_archive_source: str
    wecom_callback_max_bytes: int
    delivery_channel: str
    llm_base_url: str
    llm_api_key: str
    llm_model: str
    triage_engine: str
    knowledge_vectors: bool
    picture_text: bool | None
    sentry_dsn: str


def _made_once(path: Path) -> dict[str, str]:
    """Secrets of the embedded default: made at the first start, readable by the owner only."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = f"SECRET_KEY={secrets.token_urlsafe(48)}\nFIELD_ENCRYPTION_KEYS={Fernet.generate_key().decode()}\n"
        temporary = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(lines)
        try:
            os.link(temporary, path)  # fails where another process was first, and then theirs holds
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    pairs = (line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
    return {key.strip(): value.strip() for key, value in pairs}


def read() -> Environment:
    """Read the environment. Nothing is validated here: system checks say what is wrong, with hints."""
    env = environ.Env()
    production = env.str("AIJIA_ENV", default="embedded") == "production"
    made = {} if production else _made_once(VAR_DIR / "secrets.env")
    keys = env.str("FIELD_ENCRYPTION_KEYS", default=made.get("FIELD_ENCRYPTION_KEYS", ""))
    return Environment(
        production=production,
        debug=env.bool("DEBUG", default=False),
        secret_key=env.str("SECRET_KEY", default=made.get("SECRET_KEY", "")),
        field_encryption_keys=tuple(key.strip() for key in keys.split(",") if key.strip()),
        allowed_hosts=tuple(env.list("ALLOWED_HOSTS", default=[] if production else ["*"])),
        trusted_origins=tuple(env.list("CSRF_TRUSTED_ORIGINS", default=[])),
        database_url=env.str("DATABASE_URL", default=""),
        redis_url=env.str("REDIS_URL", default=""),
        media_root=env.str("MEDIA_STORAGE_URL", default=f"file://{VAR_DIR / 'media'}"),
        wecom_api_base=env.str("WECOM_API_BASE", default="https://qyapi.weixin.qq.com"),
        wecom_sandbox=env.bool("WECOM_SANDBOX", default=False),
        wecom_archive_source=env.str("WECOM_ARCHIVE_SOURCE", default=""),
        wecom_callback_max_bytes=env.int("WECOM_CALLBACK_MAX_BYTES", default=256 * 1024),
        delivery_channel=env.str("DELIVERY_CHANNEL", default="channels_wecom.channel.WeComChannel"),
        llm_base_url=env.str("LLM_BASE_URL", default=""),
        llm_api_key=env.str("LLM_API_KEY", default=""),
        llm_model=env.str("LLM_MODEL", default=""),
        triage_engine=env.str("TRIAGE_ENGINE", default=""),
        knowledge_vectors=env.bool("KNOWLEDGE_VECTORS", default=True),
        picture_text=env.bool("PICTURE_TEXT") if "PICTURE_TEXT" in os.environ else None,
        sentry_dsn=env.str("SENTRY_DSN", default=""),
    )
