"""The tokens that are taken, over the API."""

import structlog
from api_answers import promised, refused
from api_world import api_world

from sdk.bus.redis_bus import RedisBus
from sdk.chain.client import ChainClient
from sdk.chain.heads import NewHeads
from sdk.chain.safe import ZERO
from sdk.chain.tokens import Tokens
from session_manager.api.own_process import OwnProcess
from session_manager.tokens import AllowedTokens

SETTINGS = {"CHAIN_ID": "31337"}


async def test_the_chains_own_token_is_told_without_asking_a_node(
    redis_bus: RedisBus, redis_url: str
) -> None:
    del redis_bus  # it has emptied the server
    client = ChainClient(["http://127.0.0.1:9"], 31337)
    contract = "0x" + "12" * 20
    tokens = AllowedTokens(Tokens(client, "TST"), NewHeads(()), [contract], structlog.get_logger())
    process = OwnProcess("console-1", SETTINGS, tokens=tokens)
    try:
        async with api_world(redis_url, process=process) as api:
            told = promised("list_tokens", await api.get("/tokens", role="viewer"))
            refused(await api.get("/tokens", role=None), 401)
    finally:
        await client.close()
    # The contract never answered: an amount of it could not be shown.
    native = {"chain_id": 31337, "token": ZERO.lower(), "symbol": "TST", "decimals": 18}
    assert told["items"] == [native]
