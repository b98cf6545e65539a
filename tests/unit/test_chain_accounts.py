"""Keys: signatures as other tools make them, and keystore files."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct
from hypothesis import given, settings
from hypothesis import strategies as st

from sdk.chain.accounts import (
    InvalidSignatureError,
    SigningKey,
    create_keystore,
    load_keystore,
    new_key,
    recover_digest,
    recover_text,
)
from sdk.chain.errors import KeyFileError

SECRET = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"


def test_an_address_is_in_checksum_case() -> None:
    assert SigningKey.from_hex(SECRET).address == "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"


@settings(max_examples=10, deadline=None)
@given(st.text(max_size=300))
def test_a_text_is_signed_as_personal_sign_does(text: str) -> None:
    key = SigningKey.from_hex("0x" + SECRET)
    ours = key.sign_text(text)
    theirs = Account.sign_message(encode_defunct(text=text), SECRET)
    assert ours == "0x" + bytes(theirs.signature).hex()
    assert recover_text(text, ours) == key.address


def test_another_text_gives_another_signer() -> None:
    key = new_key()
    assert recover_text("one", key.sign_text("two")) != key.address


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "0x",
        "0x12",
        "zz" * 65,
        "0x" + "00" * 65,
        "0x" + "ff" * 64 + "1b",
        "0x" + "11" * 64 + "00",
    ],
)
def test_a_malformed_signature_belongs_to_no_key(signature: str) -> None:
    with pytest.raises(InvalidSignatureError):
        recover_digest(bytes(32), signature)


@pytest.mark.parametrize("secret", ["", "00" * 32, "ff" * 32, "12", "no hex"])
def test_what_is_no_key_is_refused(secret: str) -> None:
    with pytest.raises(KeyFileError):
        SigningKey.from_hex(secret)


def test_a_key_is_never_shown() -> None:
    key = SigningKey.from_hex(SECRET)
    shown = f"{key!r} {key} {[key]}"
    assert SECRET not in shown
    assert str(key.secret) not in shown
    assert key.address in shown


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
