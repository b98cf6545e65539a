"""The key of a peer: its file, and the names that follow from it."""

import stat
from pathlib import Path

import pytest
from libp2p.crypto.ed25519 import create_new_key_pair
from libp2p.peer.id import ID

from sdk.errors import InvalidInputError
from sdk.p2p.keys import KeyFileError, P2pKey, load_key, peer_id_of, verify_ed25519

SEED = bytes(range(32))


def test_the_peer_id_is_libp2ps() -> None:
    key = P2pKey(SEED)
    assert key.peer_id == str(ID.from_pubkey(create_new_key_pair(SEED).public_key))
    assert peer_id_of("0x" + key.ed25519) == key.peer_id


def test_a_missing_file_is_made_for_its_owner_only_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "p2p.key"
    key = load_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_key(path) == key
    assert load_key(tmp_path / "other.key") != key


@pytest.mark.parametrize("content", ["", "zz", "ab" * 31, "ab" * 33, "é"])
def test_a_bad_file_is_named_and_left_alone(tmp_path: Path, content: str) -> None:
    path = tmp_path / "p2p.key"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(KeyFileError, match=r"p2p\.key"):
        load_key(path)
    assert path.read_text(encoding="utf-8") == content


def test_a_folder_is_no_key_file(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError):
        load_key(tmp_path)


def test_signatures_hold_for_their_key_and_message_only() -> None:
    key, other = P2pKey(SEED), P2pKey.generate()
    signature = key.sign(b"message")
    assert verify_ed25519(key.ed25519, b"message", signature)
    assert not verify_ed25519(key.ed25519, b"massage", signature)
    assert not verify_ed25519(other.ed25519, b"message", signature)
    assert not verify_ed25519("00", b"message", signature)


def test_the_sealing_key_follows_from_the_seed_and_differs_from_it() -> None:
    key = P2pKey(SEED)
    assert key.x25519 == P2pKey(SEED).x25519
    assert len(bytes.fromhex(key.x25519)) == 32
    assert key.x25519 != key.ed25519
    assert key.x25519_private_key().private_bytes_raw() != SEED


def test_the_seed_is_not_shown() -> None:
    assert SEED.hex() not in repr(P2pKey(SEED))
    assert "seed" not in repr(P2pKey(SEED))


@pytest.mark.parametrize("text", ["", "00", "zz" * 32, "00" * 33])
def test_what_is_no_key_has_no_peer_id(text: str) -> None:
    with pytest.raises(InvalidInputError):
        peer_id_of(text)
