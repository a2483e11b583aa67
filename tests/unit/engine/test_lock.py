"""The record of a lock's holder."""

import json

import msgspec
import pytest

from shipit.engine.lock import LockRecord, read_lock
from shipit.model import Actor

RECORD = LockRecord(
    holder=Actor("ada", "build-7", 4711, "https://ci.example/runs/9"),
    since=1_750_000_000,
    token="0f3a",
    expires=1_750_003_600,
)


def test_it_says_who_holds_the_lock_where_and_since_when() -> None:
    assert str(RECORD) == (
        "held by ada on build-7, process 4711, https://ci.example/runs/9, since 2025-06-15 15:06 UTC"
    )


def test_its_text_is_json_that_people_can_read_too() -> None:
    assert json.loads(RECORD.text) == {
        "holder": {"user": "ada", "host": "build-7", "process": 4711, "url": "https://ci.example/runs/9"},
        "since": 1_750_000_000,
        "token": "0f3a",
        "expires": 1_750_003_600,
    }
    assert RECORD.text.endswith(b"}\n")
    assert len(RECORD.text.splitlines()) > 5


@pytest.mark.parametrize("record", [RECORD, LockRecord(holder=Actor("ada", "here", 1), since=0, token="")])
def test_it_is_read_back_as_it_was(record: LockRecord) -> None:
    assert read_lock(record.text) == record


NEVER = LockRecord(holder=Actor("ada", "here", 1), since=10**17, token="")


@pytest.mark.parametrize("text", [b"", b"{}", b'{"holder": "ada"}', b"4711\n", NEVER.text])
def test_any_other_text_is_no_record(text: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        read_lock(text)
