"""The keyring: keys that were given, keys in files, and files that come later."""

import asyncio
import json
from pathlib import Path

import pytest
from eth_keyfile.keyfile import create_keyfile_json

from sdk.chain.accounts import SigningKey, new_key
from sdk.logs import get_logger
from session_manager import keyring
from session_manager.keyring import Keyring

PASSWORD = "0123456789"


def store(folder: Path, key: SigningKey, name: str, password: str = PASSWORD) -> None:
    """Write a keystore file that is quick to open."""
    folder.mkdir(exist_ok=True)
    content = create_keyfile_json(key.secret, password.encode(), iterations=1)
    (folder / name).write_text(json.dumps(content))


def ring(folder: Path, *keys: SigningKey) -> Keyring:
    return Keyring(folder, PASSWORD, get_logger("test"), keys)


async def test_a_key_that_was_given_needs_no_file(tmp_path: Path) -> None:
    key = new_key()
    assert await ring(tmp_path / "none", key).open(key.address.lower()) is key


@pytest.mark.parametrize("name", ["{}.json", "0x{}", "UTC--2026-01-02T03-04-05.6Z--{}"])
async def test_a_file_is_found_by_the_account_in_its_name(tmp_path: Path, name: str) -> None:
    key = new_key()
    store(tmp_path, key, name.format(key.address[2:].lower()))
    keys = ring(tmp_path)
    assert keys.known(key.address) is None
    opened = await keys.open(key.address)
    assert opened is not None
    assert opened.address == key.address
    assert keys.known(key.address) is opened


async def test_a_file_that_comes_later_is_found(tmp_path: Path) -> None:
    keys, key = ring(tmp_path / "keys"), new_key()
    assert await keys.open(key.address) is None
    store(tmp_path / "keys", new_key(), "0x" + "00" * 20 + ".json")
    assert await keys.open(key.address) is None
    store(tmp_path / "keys", key, f"{key.address}.json")
    assert await keys.open(key.address) is not None


async def test_what_does_not_open_is_told_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong, other, key = new_key(), new_key(), new_key()
    store(tmp_path, wrong, f"{wrong.address}.json", "another")
    store(tmp_path, key, f"{other.address}.json")
    keys = ring(tmp_path)
    for _ in range(2):
        assert await keys.open(wrong.address) is None
        assert await keys.open(other.address) is None
    told = "".join(capsys.readouterr())
    assert told.count("the password does not open it") == 1
    assert told.count("holds another key") == 1
    assert PASSWORD not in told


async def test_many_are_opened_beside_the_event_loop_and_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(keyring, "_TELL_EVERY_S", 0.0)
    stored = [new_key() for _ in range(20)]
    for key in stored:
        store(tmp_path, key, f"{key.address}.json")
    keys = ring(tmp_path)
    opened = await asyncio.gather(*(keys.open(key.address) for key in stored))
    assert [key.address for key in opened if key] == [key.address for key in stored]
    assert "to go" in "".join(capsys.readouterr())
