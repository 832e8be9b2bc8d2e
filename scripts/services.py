"""Private PostgreSQL and Redis instances, started where their binaries are installed: for tests and benchmarks."""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[bytes], seconds: float = 40) -> None:
    """Wait until something listens."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError("the server stopped at once")
        with socket.socket() as sock:
            if sock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("the server does not answer")


def binary(name: str) -> str | None:
    """Where a server binary is, Debian's PostgreSQL folders included."""
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}")) + [shutil.which(name) or ""]
    return next((path for path in found if path and os.access(path, os.X_OK)), None)


@contextmanager
def private_postgres(*, durable: bool = True) -> Iterator[str | None]:
    """A PostgreSQL of our own in a temporary folder; None where it is not installed.

    One that is not `durable` waits for no disk: what is lost with the machine is lost, everything else is the same.
    """
    initdb, postgres = binary("initdb"), binary("postgres")
    if not initdb or not postgres:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="aijia-pg-") as folder:
        prefix: list[str] = []
        if os.getuid() == 0:  # PostgreSQL refuses to run as root
            user = pwd.getpwnam("postgres" if any(u.pw_name == "postgres" for u in pwd.getpwall()) else "nobody")
            os.chown(folder, user.pw_uid, user.pw_gid)
            prefix = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        data, port = os.path.join(folder, "data"), free_port()
        subprocess.run(
            [*prefix, initdb, "-D", data, "-U", "aijia", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
            check=True, stdout=subprocess.DEVNULL, cwd=folder,
        )  # fmt: skip
        loose = [] if durable else ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
        server = subprocess.Popen(
            [*prefix, postgres, "-D", data, "-p", str(port), "-k", folder, "-h", "127.0.0.1", "-c", "max_connections=60", *loose],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder,
        )  # fmt: skip
        try:
            wait_for(port, server)
            time.sleep(0.5)
            yield f"postgres://aijia@127.0.0.1:{port}/postgres"
        finally:
            server.send_signal(2)
            server.wait(30)


@contextmanager
def private_redis() -> Iterator[str | None]:
    """A Redis of our own; None where it is not installed."""
    redis = binary("redis-server")
    if not redis:
        yield None
        return
    port = free_port()
    server = subprocess.Popen(
        [redis, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_for(port, server)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(10)
