#!/usr/bin/env python
"""Run the suite on the embedded default, then again on real PostgreSQL and Redis.

Given servers are used (TEST_DATABASE_URL, TEST_REDIS_URL); otherwise private instances are started where the binaries are installed.
Where neither can be had it says so at the end, and fails with AIJIA_REQUIRE_SERVICES=1.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack

from services import private_postgres, private_redis

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def run(title: str, extra: dict[str, str], arguments: list[str]) -> int:
    """One run of pytest in a process of its own."""
    print(f"\n=== {title}", flush=True)
    env = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")}
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=ROOT, env={**env, **extra}).returncode


def main() -> int:
    """Both runs; the exit code is that of the first that failed."""
    arguments = sys.argv[1:]
    embedded = run("Embedded default (SQLite, no servers)", {}, arguments)
    with ExitStack() as stack:
        database = os.environ.get("TEST_DATABASE_URL") or stack.enter_context(private_postgres())
        redis = os.environ.get("TEST_REDIS_URL") or stack.enter_context(private_redis())
        if database and redis:
            real = run("Real PostgreSQL and Redis", {"DATABASE_URL": database, "REDIS_URL": redis}, arguments)
            return embedded or real
    missing = " and ".join(name for name, url in (("PostgreSQL", database), ("Redis", redis)) if not url)
    print(f"\n!!! NOT RUN: the suite on real PostgreSQL and Redis, because {missing} could not be had here.")
    print("!!! Install them, or give TEST_DATABASE_URL and TEST_REDIS_URL.")
    return embedded or (1 if os.environ.get("AIJIA_REQUIRE_SERVICES") == "1" else 0)


if __name__ == "__main__":
    sys.exit(main())
