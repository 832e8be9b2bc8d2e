"""The message broker of an installation without a server: kombu's folder of files, made safe for two processes at once.

Kombu writes a message into the folder from which the other process reads, so a reader may take a file of which nothing is written yet and die of it;
the table of queues has the same gap. Here a file appears whole or not at all.
"""

from __future__ import annotations

import os
import time
import uuid
from typing import Any

from kombu.transport import filesystem
from kombu.utils.encoding import str_to_bytes
from kombu.utils.json import dumps


class Channel(filesystem.Channel):  # type: ignore[misc]
    """Messages as files; each is written elsewhere and renamed into place."""

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]  # as kombu's own
        name = f"{round(time.monotonic() * 1000)}_{uuid.uuid4()}"
        hidden = os.path.join(self.data_folder_out, f".{name}")
        with open(hidden, "wb") as file:
            file.write(str_to_bytes(dumps(payload)))
        os.replace(hidden, os.path.join(self.data_folder_out, f"{name}.{queue}.msg"))

    def get_table(self, exchange: str) -> list[Any]:
        """Queues bound to an exchange. While another process writes the table it is empty for an instant: look again."""
        for _ in range(20):
            try:
                return list(super().get_table(exchange))
            except ValueError:
                time.sleep(0.05)
        return []


class Transport(filesystem.Transport):  # type: ignore[misc]
    """Named in the settings as the broker's transport."""

    Channel = Channel
