"""The broker of files: what is half written is not there yet."""

from __future__ import annotations

import threading
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection

from aijia.broker import Channel


@pytest.fixture
def channel(tmp_path: Path) -> Channel:
    for name in ("queue", "control"):
        (tmp_path / name).mkdir()
    options = {
        "data_folder_in": str(tmp_path / "queue"),
        "data_folder_out": str(tmp_path / "queue"),
        "control_folder": str(tmp_path / "control"),
    }
    made = Connection("filesystem://", transport="aijia.broker:Transport", transport_options=options).channel()
    assert isinstance(made, Channel)
    return made


def test_a_message_is_read_as_it_was_written_and_once(channel: Channel) -> None:
    channel._put("aijia", {"body": "铭牌"})
    assert channel._get("aijia") == {"body": "铭牌"}
    with pytest.raises(Empty):
        channel._get("aijia")


def test_what_another_process_is_still_writing_is_not_taken(
    channel: Channel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    rename = __import__("os").replace

    def before_it_is_in_place(source: str, target: str) -> None:
        with pytest.raises(Empty):
            channel._get("aijia")
        seen.extend(path.name for path in (tmp_path / "queue").iterdir())
        rename(source, target)

    monkeypatch.setattr("aijia.broker.os.replace", before_it_is_in_place)
    channel._put("aijia", {"body": "x"})
    assert len(seen) == 1
    assert channel._get("aijia") == {"body": "x"}


def test_a_table_of_queues_that_is_being_written_is_waited_for(channel: Channel, tmp_path: Path) -> None:
    table = tmp_path / "control" / "bells.exchange"
    table.write_text("")
    later = threading.Timer(0.15, table.write_text, ['[["", "", "aijia"]]'])
    later.start()
    assert [row[2] for row in channel.get_table("bells")] == ["aijia"]
    later.join()
