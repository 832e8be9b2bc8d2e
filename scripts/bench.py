#!/usr/bin/env python
"""Run the benchmarks on PostgreSQL and Redis: given servers (BENCH_DATABASE_URL, BENCH_REDIS_URL) or private ones.

The database is a scratch one: everything in it is deleted. Arguments go to `manage.py bench`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack

from services import private_postgres, private_redis

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def main() -> int:
    """Start what is needed, migrate, measure."""
    with ExitStack() as stack:
        database = os.environ.get("BENCH_DATABASE_URL") or stack.enter_context(private_postgres())
        redis = os.environ.get("BENCH_REDIS_URL") or stack.enter_context(private_redis())
        if not database or not redis:
            print(
                "The benchmarks need PostgreSQL and Redis: install them, or give BENCH_DATABASE_URL and BENCH_REDIS_URL."
            )
            return 1
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="aijia-bench-"))
        env = {
            **os.environ, "DATABASE_URL": database, "REDIS_URL": redis, "AIJIA_VAR_DIR": folder, "WECOM_SANDBOX": "0",
            "DELIVERY_CHANNEL": "delivery.ports.CapturingChannel",
        }  # fmt: skip
        manage = [sys.executable, os.path.join(ROOT, "manage.py")]
        if subprocess.run([*manage, "migrate", "-v0"], cwd=ROOT, env=env).returncode:
            return 1
        return subprocess.run([*manage, "bench", "--scratch", *sys.argv[1:]], cwd=ROOT, env=env).returncode


if __name__ == "__main__":
    sys.exit(main())
