"""Keystore files, which are slow on purpose; and what signing loads."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from sdk.chain.accounts import SigningKey, create_keystore, load_keystore
from sdk.chain.errors import KeyFileError

SECRET = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"


def test_a_keystore_opens_with_its_password_only(tmp_path: Path) -> None:
    key = create_keystore(tmp_path / "keys", "correct horse")
    path = tmp_path / "keys" / f"{key.address}.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert key.secret.hex() not in path.read_text("utf-8")
    assert load_keystore(path, "correct horse").address == key.address
    with pytest.raises(KeyFileError, match="password") as refused:
        load_keystore(path, "wrong")
    assert "wrong" not in str(refused.value)


def test_a_keystore_is_never_replaced(tmp_path: Path) -> None:
    key = SigningKey.from_hex(SECRET)
    create_keystore(tmp_path, "one", key)
    with pytest.raises(FileExistsError):
        create_keystore(tmp_path, "two", key)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"crypto": {}, "version": 3}', "null"])
def test_a_file_that_is_no_keystore_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "odd.json"
    path.write_text(content, "utf-8")
    with pytest.raises(KeyFileError, match=r"odd\.json"):
        load_keystore(path, "any")
    with pytest.raises(KeyFileError, match=r"none\.json"):
        load_keystore(tmp_path / "none.json", "any")


def test_signing_loads_no_web3() -> None:
    script = (
        "import sys, sdk.chain.accounts, sdk.chain.channel, sdk.chain.safe;"
        "sys.exit(any(m in sys.modules for m in ('web3', 'eth_account', 'aiohttp')))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
