"""Pictures are read in a process beside the worker: what a picture does to it, or how long it takes, cannot harm the worker."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any

from django.conf import settings

NAME = "rapidocr"
CHILD = Path(__file__).with_name("child.py")
#: How long the engine may take to be there, and a picture to be read.
START_SECONDS, PICTURE_SECONDS = 60.0, 40.0
MAX_BYTES = 15 * 1024 * 1024
#: Errors after which it is tried once more: they may have been the machine's.
PASSING = frozenset({"timed_out", "crashed", "out_of_memory"})


def is_available() -> bool:
    """Whether the package is installed."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


def is_on() -> bool:
    """Whether pictures are read on this installation."""
    return bool(settings.PICTURE_TEXT) and is_available()


@lru_cache(maxsize=1)
def engine_version() -> str:
    """Version of the package, which carries its models."""
    try:
        return version(NAME)
    except PackageNotFoundError:
        return ""


@dataclass(frozen=True)
class Answer:
    """What was read: lines from top to bottom with their confidence, or the code of an error."""

    lines: tuple[tuple[str, float], ...] = ()
    error: str = ""
    detail: str = ""
    milliseconds: int = 0

    @property
    def text(self) -> str:
        """All lines."""
        return "\n".join(words for words, _score in self.lines)

    @property
    def confidence(self) -> float:
        """How sure the engine is of them, weighted by their length; 0 where there are none."""
        weight = sum(len(words) for words, _score in self.lines)
        return sum(len(words) * score for words, score in self.lines) / weight if weight else 0.0


class PictureReader:
    """A process that reads pictures, one after the other; started when the first comes, anew after one that ended it. Use it with `with`."""

    def __init__(self, *, command: list[str] | None = None, seconds: float = PICTURE_SECONDS) -> None:
        self._command = command or [sys.executable, "-I", str(CHILD)]
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> PictureReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read(self, content: bytes) -> Answer:
        """What stands in a picture. Never raises for what a picture does."""
        if len(content) > MAX_BYTES:
            return Answer(error="too_large")
        if self._process is None and (problem := self._start()):
            return Answer(error=problem)
        process, began = self._process, time.monotonic()
        assert process is not None and process.stdin is not None
        raw, late = self._answer(process, b"%d\n" % len(content) + content, self._seconds)
        took = round((time.monotonic() - began) * 1000)
        if raw is None:
            self.close()
            return Answer(error="timed_out" if late else "crashed", milliseconds=took)
        if "error" in raw:
            return Answer(error=str(raw["error"]), detail=str(raw.get("detail", "")), milliseconds=took)
        lines = tuple((str(words), float(score)) for words, score in raw.get("lines", ()))
        return Answer(lines=lines, milliseconds=took)

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for stream in (process.stdin, process.stdout):
            try:
                if stream is not None:
                    stream.close()
            except OSError:
                pass
        process.wait(10)

    def _start(self) -> str:
        # Nothing of the worker's environment: keys and addresses are no business of a process that opens strangers' pictures.
        env = {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1", "HOME": "/nonexistent"}
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env,
            cwd="/", start_new_session=True,
        )  # fmt: skip
        raw, _late = self._answer(self._process, b"", START_SECONDS)
        if raw is None or not raw.get("ready"):
            self.close()
            return "engine_failed"
        return ""

    def _answer(
        self, process: subprocess.Popen[bytes], content: bytes, seconds: float
    ) -> tuple[dict[str, Any] | None, bool]:
        """One line of the process, and whether it was ended because that took too long."""
        assert process.stdin is not None and process.stdout is not None
        late = threading.Event()

        def end() -> None:
            late.set()
            process.kill()

        watch = threading.Timer(seconds, end)
        watch.daemon = True
        watch.start()
        try:
            if content:
                process.stdin.write(content)
                process.stdin.flush()
            line = process.stdout.readline(2_000_000)
            raw = json.loads(line) if line else None
        except (OSError, ValueError):
            raw = None
        finally:
            watch.cancel()
        return raw if isinstance(raw, dict) else None, late.is_set()
