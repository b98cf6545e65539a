"""Reading what a wallet paid from the logs of a transaction. Pure."""

from typing import Any

import pytest

from sdk.chain.accounts import new_key
from sdk.chain.addresses import Deployment
from sdk.chain.channel import Channel
from sdk.chain.errors import ChainError
from sdk.chain.payouts import EXECUTION_SUCCESS, PAID, _paid
from sdk.chain.safe import ZERO

CHANNEL = Channel(
    chain_id=31337,
    deployment=Deployment(),
    session_id="0x" + "11" * 32,
    consumer=new_key().address,
    provider=new_key().address,
    refund_account=new_key().address,
    token=ZERO,
    refund_opens_at=1_900_000_000,
)
WALLET, STRANGER = CHANNEL.address, new_key().address
VOUCHER = "0x" + CHANNEL.digest(CHANNEL.voucher(5)).hex()
SWEEP = "0x" + CHANNEL.digest(CHANNEL.sweep()).hex()


def _log(account: str, topics: list[str], data: str = "0x") -> dict[str, Any]:
    return {"address": account.lower(), "topics": topics, "data": data}


def _pays(account: str, spent: int, refund: int) -> dict[str, Any]:
    return _log(account, [PAID], f"0x{spent:064x}{refund:064x}")


def _executes(account: str, safe_tx_hash: str) -> dict[str, Any]:
    return _log(account, [EXECUTION_SUCCESS, safe_tx_hash], "0x" + "00" * 32)


def _receipt(*logs: dict[str, Any]) -> dict[str, Any]:
    placed = [
        log | {"blockNumber": "0x5", "logIndex": hex(index)} for index, log in enumerate(logs)
    ]
    return {"transactionHash": "0xab", "logs": placed[::-1]}


def test_the_wallets_own_log_counts_and_nobody_elses() -> None:
    receipt = _receipt(
        _pays(STRANGER, 1, 1),
        _pays(CHANNEL.deployment.payout, 2, 2),
        _pays(WALLET, 5, 7),
        _pays(STRANGER, 3, 3),
        _executes(STRANGER, VOUCHER),
        _executes(WALLET, VOUCHER),
        _pays(WALLET, 4, 4),
    )
    assert _paid(CHANNEL, receipt, VOUCHER) == (5, 7)


def test_each_transaction_has_its_own_log() -> None:
    nested = _receipt(
        _pays(WALLET, 0, 9),
        _executes(WALLET, SWEEP),
        _pays(WALLET, 5, 0),
        _executes(WALLET, VOUCHER),
    )
    assert _paid(CHANNEL, nested, SWEEP) == (0, 9)
    assert _paid(CHANNEL, nested, VOUCHER) == (5, 0)


@pytest.mark.parametrize(
    "logs",
    [
        [],
        [_pays(WALLET, 5, 7)],
        [_executes(WALLET, VOUCHER)],
        [_executes(WALLET, VOUCHER), _pays(WALLET, 5, 7)],
        [_pays(WALLET, 5, 7), _executes(WALLET, SWEEP), _executes(WALLET, VOUCHER)],
        [_pays(STRANGER, 5, 7), _executes(WALLET, VOUCHER)],
    ],
)
def test_what_was_not_paid_is_not_read(logs: list[dict[str, Any]]) -> None:
    with pytest.raises(ChainError, match="no payout"):
        _paid(CHANNEL, _receipt(*logs), VOUCHER)
