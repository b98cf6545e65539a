"""Nodes that answer nonsense: it counts as no answer, and the next node is asked."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from sdk.chain import answers
from sdk.chain.client import ChainClient
from sdk.chain.errors import ChainUnavailableError
from sdk.chain.safe import ZERO

CHAIN_ID = 31337
HASH = "0x" + "ab" * 32
LOG = {
    "address": ZERO,
    "topics": [HASH],
    "data": "0x",
    "blockNumber": "0x5",
    "logIndex": "0x0",
    "transactionHash": HASH,
}
RECEIPT = {
    "transactionHash": HASH,
    "blockNumber": "0x5",
    "gasUsed": "0x5208",
    "from": ZERO,
    "logs": [LOG],
}
BLOCK = {"number": "0x5", "hash": HASH, "parentHash": HASH, "timestamp": "0x9"}
GOOD: dict[str, Any] = {
    "eth_chainId": hex(CHAIN_ID),
    "eth_getBlockByNumber": BLOCK,
    "eth_getBalance": "0x7",
    "eth_getCode": "0x6001",
    "eth_call": "0x" + "00" * 31 + "08",
    "eth_getLogs": [LOG],
    "eth_maxPriorityFeePerGas": "0x1",
    "eth_estimateGas": "0x5208",
    "eth_getTransactionCount": "0x3",
    "eth_sendRawTransaction": HASH,
    "eth_getTransactionReceipt": RECEIPT,
    "eth_getTransactionByHash": {"hash": HASH},
}
QUESTIONS: dict[str, Callable[[ChainClient], Awaitable[Any]]] = {
    "block": lambda client: client.block(),
    "balance": lambda client: client.balance(ZERO),
    "code": lambda client: client.code(ZERO),
    "call": lambda client: client.call(ZERO, b""),
    "logs": lambda client: client.logs(0, 1),
    "tip": lambda client: client.tip(),
    "estimate": lambda client: client.estimate(ZERO, ZERO, b""),
    "transaction_count": lambda client: client.transaction_count(ZERO),
    "send_raw": lambda client: client.send_raw(b"\1"),
    "receipt": lambda client: client.receipt(HASH),
    "transaction": lambda client: client.transaction(HASH),
}
NO_JSON_RPC = ["[]", "null", "{}", '"x"', "5", "<html>", ""]
NONSENSE: list[Any] = [5, {}, "x", True, [5], ["x"]]
OddNode = Callable[..., Awaitable[str]]


@pytest.fixture
async def odd_node() -> AsyncIterator[OddNode]:
    """Start a node that answers every question with one body, or with sense; gives its URL."""
    runners: list[web.AppRunner] = []

    async def start(body: str | None = None, *, right_chain: bool = True) -> str:
        async def answer(request: web.Request) -> web.Response:
            method = (await request.json())["method"]
            text = body
            if text is None or (right_chain and method == "eth_chainId"):
                text = json.dumps({"jsonrpc": "2.0", "id": 1, "result": GOOD[method]})
            return web.Response(text=text, content_type="application/json")

        app = web.Application()
        app.router.add_post("/", answer)
        runners.append(web.AppRunner(app))
        await runners[-1].setup()
        await web.TCPSite(runners[-1], "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runners[-1].addresses[0][1]}"

    yield start
    for runner in runners:
        await runner.cleanup()


def _result(value: Any) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": 1, "result": value})


@pytest.mark.parametrize("right_chain", [True, False])
@pytest.mark.parametrize("body", [*NO_JSON_RPC, *(_result(value) for value in NONSENSE)])
async def test_nonsense_counts_as_no_answer(
    odd_node: OddNode, body: str, *, right_chain: bool
) -> None:
    bad = await odd_node(body, right_chain=right_chain)
    alone, helped = ChainClient([bad], CHAIN_ID), ChainClient([bad, await odd_node()], CHAIN_ID)
    for name, ask in QUESTIONS.items():
        with pytest.raises(ChainUnavailableError):
            await ask(alone)
        assert await ask(helped), name
        await helped.close()
    assert not alone.status.connected
    await alone.close()


@pytest.mark.parametrize("name", sorted(QUESTIONS.keys() - {"receipt", "transaction"}))
async def test_nothing_is_no_answer_where_there_must_be_one(odd_node: OddNode, name: str) -> None:
    client = ChainClient([await odd_node(_result(None))], CHAIN_ID)
    with pytest.raises(ChainUnavailableError):
        await QUESTIONS[name](client)
    await client.close()


@pytest.mark.parametrize("name", sorted(QUESTIONS.keys() - {"code", "call"}))
async def test_no_bytes_are_no_number_and_no_object(odd_node: OddNode, name: str) -> None:
    client = ChainClient([await odd_node(_result("0x"))], CHAIN_ID)
    with pytest.raises(ChainUnavailableError):
        await QUESTIONS[name](client)
    await client.close()


async def test_nothing_means_that_it_is_not_there(odd_node: OddNode) -> None:
    client = ChainClient([await odd_node(_result(None))], CHAIN_ID)
    assert await client.receipt(HASH) is None
    assert await client.transaction(HASH) is None
    assert await client.find_block(9) is None
    await client.close()


@pytest.mark.parametrize("field", sorted(RECEIPT.keys() - {"from"}))
def test_a_receipt_that_is_not_whole_is_nonsense(field: str) -> None:
    assert answers.receipt(RECEIPT) == RECEIPT
    for odd in (RECEIPT | {field: 5}, {k: v for k, v in RECEIPT.items() if k != field}):
        with pytest.raises(ValueError, match=r"expected|hex|32 bytes|list"):
            answers.receipt(odd)


@pytest.mark.parametrize("field", sorted(LOG))
def test_a_log_that_is_not_whole_is_nonsense(field: str) -> None:
    assert answers.logs([LOG]) == [LOG]
    for odd in (LOG | {field: 5}, LOG | {field: ["x"]}, LOG | {field: None}):
        with pytest.raises(ValueError, match=r"expected|hex|32 bytes|list"):
            answers.logs([odd])
