"""Wallets that hold an ERC-20: one that answers, one that answers nothing, one that refuses."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from eth_abi.abi import encode

from sdk.chain.addresses import Deployment
from sdk.chain.client import ChainClient
from sdk.chain.errors import DepositGoneError, NotATokenError, TransactionRevertedError
from sdk.chain.safe import ZERO, selector
from sdk.chain.settlement import confirmed_deposit, read_wallet
from sdk.chain.tokens import TokenInfo, Tokens, _text

DEPOSIT = 25_000_000
NewPurse = Callable[..., Any]
PutContract = Callable[[str], Awaitable[str]]


async def _mint(purse: Any, account: str, amount: int) -> None:
    call = selector("mint(address,uint256)") + encode(["address", "uint256"], [account, amount])
    await purse.gas.send(purse.channel.token, call)


async def _tell(purse: Any, function: str, account: str) -> None:
    call = selector(f"{function}(address)") + encode(["address"], [account])
    await purse.gas.send(purse.channel.token, call)


@pytest.mark.parametrize("kind", ["Token", "QuietToken"])
@pytest.mark.parametrize("difference", [0, -1, 5])
async def test_a_token_is_paid_out_to_the_last_unit(
    purse: NewPurse, put_contract: PutContract, kind: str, difference: int
) -> None:
    p = purse(token=await put_contract(kind))
    held = DEPOSIT + difference
    await _mint(p, p.channel.address, held)
    assert (await confirmed_deposit(p.client, p.channel, 0))[0] == held
    paid = await p.execute(p.channel.voucher(DEPOSIT - 3))
    assert (paid.deposit, paid.spent, paid.refund) == (held, DEPOSIT - 3, 3 + difference)
    assert await p.balances() == (DEPOSIT - 3, 3 + difference, 0)
    assert paid.gas_used <= 400_000


async def test_a_token_that_refuses_the_provider_pays_nobody(
    purse: NewPurse, put_contract: PutContract
) -> None:
    p = purse(token=await put_contract("Token"))
    await _mint(p, p.channel.address, DEPOSIT)
    await _tell(p, "refuse", p.channel.provider)
    with pytest.raises(TransactionRevertedError):
        await p.execute(p.channel.voucher(5))
    assert await p.balances() == (0, 0, DEPOSIT)


async def test_a_token_that_refuses_the_driver_pays_the_provider(
    purse: NewPurse, put_contract: PutContract
) -> None:
    p = purse(token=await put_contract("Token"))
    await _mint(p, p.channel.address, DEPOSIT)
    await _tell(p, "refuse", p.channel.refund_account)
    paid = await p.execute(p.channel.voucher(5))
    assert (paid.deposit, paid.spent, paid.refund, paid.left) == (5, 5, 0, DEPOSIT - 5)
    assert await p.balances() == (5, 0, DEPOSIT - 5)


async def test_a_driver_that_sends_more_back_than_it_got_blocks_nobody(
    purse: NewPurse, put_contract: PutContract
) -> None:
    p = purse(token=await put_contract("Token"))
    await _mint(p, p.channel.address, DEPOSIT)
    await _tell(p, "be_generous", p.channel.refund_account)
    paid = await p.execute(p.channel.voucher(5))
    assert (paid.spent, paid.refund, paid.left) == (5, 0, 2 * (DEPOSIT - 5))
    assert (await p.balances())[0] == 5


async def test_what_is_no_token_pays_nothing(purse: NewPurse) -> None:
    p = purse(token="0x" + "ee" * 20)
    with pytest.raises(DepositGoneError):
        await p.execute(p.channel.voucher(5))
    assert (await read_wallet(p.client, p.channel)).nonce == 0


async def test_a_token_says_how_it_is_counted(
    chain: ChainClient, put_contract: PutContract
) -> None:
    tokens = Tokens(chain, "AGUNG")
    assert await tokens.read(ZERO) == TokenInfo(ZERO, 18, "AGUNG")
    address = await put_contract("NamedToken")
    assert await tokens.read(address) == TokenInfo(address, 6, "USDx")
    old = await put_contract("OldToken")
    assert await tokens.read(old.lower()) == TokenInfo(old.lower(), 2, "MKR")


async def test_a_token_is_read_once(chain: ChainClient, put_contract: PutContract) -> None:
    address = await put_contract("NamedToken")
    tokens = Tokens(chain)
    known = await tokens.read(address)
    await chain.rpc("anvil_setCode", address, "0x")
    assert await tokens.read(address.lower()) is known
    with pytest.raises(NotATokenError):
        await Tokens(chain).read(address)


async def test_what_tells_no_decimals_is_no_token(
    chain: ChainClient, put_contract: PutContract
) -> None:
    silent = await put_contract("QuietToken")
    for address in ("0x" + "ee" * 20, silent, Deployment().safe, Deployment().payout):
        with pytest.raises(NotATokenError, match="no decimals"):
            await Tokens(chain).read(address)


@pytest.mark.parametrize(
    ("answer", "symbol"),
    [
        (encode(["string"], ["A\nB\x00C\u202eD "]), "ABCD"),
        (encode(["string"], ["x" * 99]), "x" * 32),
        (encode(["string"], [""]), ""),
        (b"", ""),
        (b"\xff" * 32, ""),
        (b"\xff" * 96, ""),
        (bytes(31) + b"\x20" + b"\xff" * 32, ""),
        (b"MKR" + bytes(29), "MKR"),
    ],
)
def test_only_what_can_be_shown_of_a_symbol_is_taken(answer: bytes, symbol: str) -> None:
    assert _text(answer) == symbol
