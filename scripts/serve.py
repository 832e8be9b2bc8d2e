#!/usr/bin/env python
"""Start everything together: database, demo company (once), web, worker and scheduler. Ctrl-C stops all of it.

The embedded default needs no server. DATABASE_URL and REDIS_URL switch to PostgreSQL and Redis; PORT chooses the port.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PORT = os.environ.get("PORT", "8000")
BASE = f"http://127.0.0.1:{PORT}"
MAX_RESTARTS = 5


def environment() -> dict[str, str]:
    """The environment of all processes: outside production the local WeCom is on, unless the environment says otherwise."""
    env = dict(os.environ)
    env.setdefault("DJANGO_SETTINGS_MODULE", "aijia.settings")
    if env.get("AIJIA_ENV") != "production" and os.path.exists(os.path.join(ROOT, "channels_wecom/sandbox/apps.py")):
        env.setdefault("WECOM_SANDBOX", "1")
        env.setdefault("WECOM_API_BASE", f"{BASE}/sandbox")
        # Not a warning for a demonstration on one's own machine.
        env.setdefault("PYTHONWARNINGS", "ignore:You're running the worker with superuser privileges")
        env.setdefault("WECOM_ARCHIVE_SOURCE", "channels_wecom.sandbox.archive.SandboxArchive")
    return env


@dataclass
class Child:
    """One process that belongs to the product."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    restarts: int = 0
    started_at: float = 0.0
    ready_at: float = field(default=0.0)

    def start(self, env: dict[str, str]) -> None:
        self.started_at = time.monotonic()
        # A process group of its own: Ctrl-C reaches only us, and we stop the children in order.
        self.process = subprocess.Popen(self.command, cwd=ROOT, env=env, start_new_session=True)


def children() -> list[Child]:
    """Web, worker, scheduler."""
    python = sys.executable
    celery = [python, "-m", "celery", "-q", "-A", "aijia"]
    return [
        Child("web", [python, "-m", "gunicorn", "aijia.wsgi:application", "--bind", f"127.0.0.1:{PORT}", "--worker-class", "gthread",
                      "--workers", "2", "--threads", "4", "--timeout", "60", "--graceful-timeout", "5", "--log-level", "warning"]),
        Child("worker", [*celery, "worker", "--pool", "threads", "--concurrency", "2", "-Q", "aijia", "--loglevel", "WARNING",
                         "--without-gossip", "--without-mingle", "--without-heartbeat"]),
        Child("scheduler", [*celery, "beat", "--loglevel", "WARNING"]),
    ]  # fmt: skip


def stop(running: list[Child]) -> None:
    """Ask every child to stop, and end those that do not."""
    for child in running:
        if child.process is not None and child.process.poll() is None:
            child.process.send_signal(signal.SIGTERM)
    end = time.monotonic() + 12
    for child in running:
        if child.process is None:
            continue
        try:
            child.process.wait(max(0.1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait(5)


def say_where(env: dict[str, str]) -> None:
    """Print where to look and how to sign in."""
    lines = ["", "Aijia 客服 is running · 已启动", "", f"  Admin 后台          {BASE}/admin/"]
    if env.get("WECOM_SANDBOX") == "1":
        lines += [f"  Local WeCom 本地企业微信  {BASE}/sandbox/"]
        lines += [
            "",
            "  Logins 登录（demo company 演示公司, password 密码 aijia-demo）",
            "    linyue   handler 客服     hejie   supervisor 主管     fangzong   manager 经理",
            "    keke     editor 知识编辑   lishen   auditor 审计       admin      administrator 管理员",
        ]
    print("\n".join([*lines, "", "  Ctrl-C stops everything · 按 Ctrl-C 全部停止", ""]), flush=True)


def main() -> int:
    """Prepare, start, watch, stop."""
    env = environment()
    manage = [sys.executable, os.path.join(ROOT, "manage.py")]
    # One process: what takes longest where everything is there already is to read the whole product.
    step = ["load_demo", "--migrate", "--base-url", BASE] if env.get("WECOM_SANDBOX") == "1" else ["migrate", "-v0"]
    if subprocess.run([*manage, *step], cwd=ROOT, env=env).returncode:
        return 1
    running = children()
    asked = False

    def ask(_signal: int, _frame: object) -> None:
        nonlocal asked
        asked = True

    signal.signal(signal.SIGINT, ask)
    signal.signal(signal.SIGTERM, ask)
    for child in running:
        child.start(env)
    say_where(env)
    code = 0
    while not asked:
        time.sleep(0.3)
        for child in running:
            if child.process is None or child.process.poll() is None:
                continue
            if time.monotonic() - child.started_at > 60:
                child.restarts = 0
            child.restarts += 1
            if child.restarts > MAX_RESTARTS:
                print(f"The {child.name} stops again and again; everything is stopped.", file=sys.stderr, flush=True)
                asked, code = True, 1
                break
            print(
                f"The {child.name} stopped (exit {child.process.returncode}); starting it again.",
                file=sys.stderr,
                flush=True,
            )
            time.sleep(min(10, child.restarts))
            child.start(env)
    print("Stopping ...", flush=True)
    stop(running)
    return code


if __name__ == "__main__":
    sys.exit(main())
