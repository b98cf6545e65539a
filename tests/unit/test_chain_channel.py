"""The payment channel: what is signed, by whom, for which wallet. Pure."""

from dataclasses import replace
from typing import Any

import pytest
from eth_abi.abi import decode
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak

from sdk.chain.accounts import new_key
from sdk.chain.addresses import Deployment
from sdk.chain.channel import PAY, Channel, session_id_of
from sdk.chain.errors import InvalidChannelError
from sdk.chain.safe import (
    DELEGATECALL,
    ZERO,
    SafeTx,
    exec_call,
    join_signatures,
    multi_send_call,
    salt_nonce,
)

DRIVER, STATION = new_key(), new_key()
SESSION = session_id_of("0x" + "11" * 32, "0x" + "22" * 32)
CHANNEL = Channel(
    chain_id=31337,
    deployment=Deployment(),
    session_id=SESSION,
    consumer=DRIVER.address,
    provider=STATION.address,
    refund_account="0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    token=ZERO,
    refund_opens_at=1_900_000_000,
)


def _paid(tx: SafeTx) -> tuple[Any, ...]:
    assert tx.data[:4] == PAY
    return decode(["uint256", "address", "address", "uint256", "address"], tx.data[4:])


def test_a_session_id_is_the_hash_of_both_nonces() -> None:
    assert session_id_of("11" * 32, "0x" + "22" * 32) == SESSION
    assert "0x" + keccak(b"\x11" * 32 + b"\x22" * 32).hex() == SESSION
    assert session_id_of("0x" + "22" * 32, "0x" + "11" * 32) != SESSION


@pytest.mark.parametrize("nonce", ["0x", "0x11", "0x" + "11" * 33])
def test_a_nonce_is_32_bytes(nonce: str) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        session_id_of(nonce, "0x" + "22" * 32)


def test_the_salt_is_the_hash_of_the_session_id() -> None:
    assert salt_nonce(SESSION) == int.from_bytes(keccak(bytes.fromhex(SESSION[2:])), "big")


@pytest.mark.parametrize(
    "change",
    [
        {"consumer": new_key().address},
        {"provider": new_key().address},
        {"session_id": session_id_of("0x" + "11" * 32, "0x" + "23" * 32)},
        {"deployment": Deployment(fallback_handler=ZERO)},
    ],
)
def test_the_wallet_depends_on_owners_session_and_contracts(change: dict[str, Any]) -> None:
    assert replace(CHANNEL, **change).address != CHANNEL.address


def test_the_three_transactions() -> None:
    provider, refund = CHANNEL.provider.lower(), CHANNEL.refund_account.lower()
    voucher, gated, sweep = CHANNEL.voucher(12), CHANNEL.gated_refund(), CHANNEL.sweep()
    assert _paid(voucher) == (0, ZERO, provider, 12, refund)
    assert _paid(gated) == (CHANNEL.refund_opens_at, ZERO, provider, 0, refund)
    assert _paid(sweep) == (0, ZERO, provider, 0, refund)
    assert (voucher.nonce, gated.nonce, sweep.nonce) == (0, 0, 1)
    for tx in (voucher, gated, sweep):
        assert (tx.to, tx.value, tx.operation) == (CHANNEL.deployment.payout, 0, DELEGATECALL)


def test_the_digest_is_the_typed_data_of_eip_712() -> None:
    tx = CHANNEL.voucher(7)
    fields = [
        ("to", "address", tx.to),
        ("value", "uint256", 0),
        ("data", "bytes", tx.data),
        ("operation", "uint8", 1),
        ("safeTxGas", "uint256", 0),
        ("baseGas", "uint256", 0),
        ("gasPrice", "uint256", 0),
        ("gasToken", "address", ZERO),
        ("refundReceiver", "address", ZERO),
        ("nonce", "uint256", 0),
    ]
    types = {"SafeTx": [{"name": name, "type": kind} for name, kind, _ in fields]}
    message = encode_typed_data(
        {"chainId": 31337, "verifyingContract": CHANNEL.address},
        types,
        {name: value for name, _, value in fields},
    )
    assert CHANNEL.digest(tx) == keccak(b"\x19" + message.version + message.header + message.body)


def test_a_signature_holds_for_its_owner_and_transaction_only() -> None:
    tx = CHANNEL.voucher(5)
    signature = CHANNEL.sign(tx, DRIVER)
    assert signature[-2:] in ("1b", "1c")
    assert CHANNEL.is_signed_by(tx, signature, DRIVER.address.lower())
    assert not CHANNEL.is_signed_by(tx, signature, STATION.address)
    assert not CHANNEL.is_signed_by(CHANNEL.voucher(6), signature, DRIVER.address)
    assert not CHANNEL.is_signed_by(CHANNEL.sweep(), signature, DRIVER.address)
    assert not CHANNEL.is_signed_by(tx, "0x12", DRIVER.address)
    elsewhere = replace(CHANNEL, chain_id=1)
    assert not elsewhere.is_signed_by(tx, signature, DRIVER.address)


def test_signatures_stand_in_the_order_of_their_owners() -> None:
    low, high = "0x" + "0a" * 20, "0x" + "B0" * 20
    assert join_signatures({high: "0x" + "02" * 65, low: "01" * 65}) == b"\1" * 65 + b"\2" * 65


@pytest.mark.parametrize("owner", [STATION.address, STATION.address.lower(), ZERO, "0x", "me"])
def test_owners_of_whom_no_wallet_can_be_made_are_refused(owner: str) -> None:
    with pytest.raises(InvalidChannelError):
        replace(CHANNEL, consumer=owner)


def test_calls_are_packed_as_multi_send_reads_them() -> None:
    call = multi_send_call([("0x" + "aa" * 20, b"\1\2"), ("0x" + "bb" * 20, b"")])
    (packed,) = decode(["bytes"], call[4:])
    assert packed == (
        b"\0" + b"\xaa" * 20 + bytes(32) + (2).to_bytes(32, "big") + b"\1\2"
        b"\0" + b"\xbb" * 20 + bytes(32) + bytes(32)
    )


def test_the_sender_is_never_paid_back_for_gas() -> None:
    types = ["address", "uint256", "bytes", "uint8", "uint256", "uint256", "uint256"]
    types += ["address", "address", "bytes"]
    fields = decode(types, exec_call(CHANNEL.voucher(1), b"s" * 130)[4:])
    assert fields[4:9] == (0, 0, 0, ZERO, ZERO)
    assert fields[9] == b"s" * 130
