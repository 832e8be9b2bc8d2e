#!/usr/bin/env python
"""Run the suite on the embedded default and, at the same time, on real PostgreSQL and Redis.

Given servers are used (TEST_DATABASE_URL, TEST_REDIS_URL); otherwise private instances are started where the binaries are installed.
Where neither can be had it says so at the end, and fails with AIJIA_REQUIRE_SERVICES=1.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from typing import IO

from services import private_postgres, private_redis

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
#: pytest's exit code where nothing was left to run: tests that are the same on every database run once.
NOTHING = 5


def start(extra: dict[str, str], arguments: list[str], output: IO[str] | None = None) -> subprocess.Popen[str]:
    """Begin a run of pytest in a process of its own.

    Bytecode is kept beside the sources' tree, also where it is switched off: the run itself, and each command that a test starts, reads it.
    """
    left = ("DATABASE_URL", "REDIS_URL", "PYTHONDONTWRITEBYTECODE")
    env = {key: value for key, value in os.environ.items() if key not in left}
    env.setdefault("PYTHONPYCACHEPREFIX", os.path.join(tempfile.gettempdir(), "aijia-bytecode"))
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.Popen(command, cwd=ROOT, env={**env, **extra}, stdout=output, stderr=output, text=True)


def main() -> int:
    """Both runs side by side, one after the other on paper; the exit code is that of the first that failed."""
    arguments = sys.argv[1:]
    with ExitStack() as stack:
        database = os.environ.get("TEST_DATABASE_URL") or stack.enter_context(private_postgres(durable=False))
        redis = os.environ.get("TEST_REDIS_URL") or stack.enter_context(private_redis())
        real = paper = None
        if database and redis:
            paper = stack.enter_context(tempfile.TemporaryFile("w+"))
            both = {"AIJIA_BOTH_HALVES": "1"}
            real = start({"DATABASE_URL": database, "REDIS_URL": redis, **both}, arguments, paper)
        print("\n=== Embedded default (SQLite, no servers)", flush=True)
        embedded = start({"AIJIA_BOTH_HALVES": "1"} if real else {}, arguments).wait()
        if real is not None and paper is not None:
            found = real.wait()
            paper.seek(0)
            print("\n=== Real PostgreSQL and Redis")
            print(paper.read(), flush=True)
            if NOTHING in (embedded, found):  # what was asked for is all in the other half
                return min(embedded, found) if embedded != found else NOTHING
            return embedded or found
    missing = " and ".join(name for name, url in (("PostgreSQL", database), ("Redis", redis)) if not url)
    print(f"\n!!! NOT RUN: the suite on real PostgreSQL and Redis, because {missing} could not be had here.")
    print("!!! Install them, or give TEST_DATABASE_URL and TEST_REDIS_URL.")
    return embedded or (1 if os.environ.get("AIJIA_REQUIRE_SERVICES") == "1" else 0)


if __name__ == "__main__":
    sys.exit(main())
