"""Keys: signatures as other tools make them."""

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct
from hypothesis import given, settings
from hypothesis import strategies as st

from sdk.chain.accounts import (
    InvalidSignatureError,
    SigningKey,
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
