"""Endpoints: how the chain stands for the process that serves the API, and connecting again."""

import asyncio
import json

from sdk.bus import keys
from sdk.chain.errors import ChainError
from sdk.chain.journal import Sent
from sdk.events.station import ChainReconnected
from session_manager.api.chain_shown import (
    BlockShown,
    ChainShown,
    GasAccount,
    PendingTransaction,
    Reconnected,
    block_shown,
    node_shown,
    pending_shown,
)
from session_manager.api.own_chain import chain_of, process_of
from session_manager.api.own_process import OwnChain
from session_manager.api.routes import Asked, Route

_TAGS = ("Chain",)


async def _get(asked: Asked) -> ChainShown:
    chain, server = chain_of(asked), process_of(asked).server
    account, client = chain.sender.address, chain.client
    held = await asked.services.bus.read(keys.sent(client.chain_id, account))
    block: BlockShown | None = None
    balance: int | None = None
    pending: list[PendingTransaction] = []
    fault: str | None = None
    try:
        newest, balance, used = await asyncio.gather(
            client.block(), chain.sender.balance(), client.transaction_count(account, "latest")
        )
        block = block_shown(newest, asked.services.clock())
        journal = {int(nonce): Sent.from_fields(json.loads(held[nonce])) for nonce in held}
        pending = list(pending_shown(journal, used, newest.base_fee, chain.deployment))
    except ChainError as error:
        fault = str(error)
    health = chain.watch.health
    return ChainShown(
        server=server,
        chain_id=client.chain_id,
        state=health.state if health else "unknown",
        reason=(health.reason or None) if health else None,
        node=node_shown(chain.watch.status),
        nodes=[node_shown(node) for node in client.nodes],
        block=block,
        gas=_gas(chain, balance),
        pending=pending,
        pending_error=fault,
    )


def _gas(chain: OwnChain, balance: int | None) -> GasAccount:
    watch = chain.watch
    return GasAccount(
        address=chain.sender.address,
        balance=balance,
        is_low=watch.gas_low,
        payout_price=watch.settlement_price,
    )


async def _reconnect(asked: Asked) -> Reconnected:
    server = process_of(asked).server
    answer = await chain_of(asked).watch.reconnect()
    asked.services.log.info("connecting to the chain again: asked by %s", asked.principal.name)
    if not isinstance(answer, ChainReconnected):
        return Reconnected(server=server, outcome="unreachable", reason=answer.reason)
    return Reconnected(
        server=server,
        outcome="reconnected",
        chain_id=answer.chain_id,
        block_number=answer.block_number,
        latency_ms=answer.latency_ms,
    )


ROUTES = (
    Route(
        method="GET",
        path="/chain",
        name="get_chain",
        summary="Read how the chain stands, and what the gas account has on its way",
        role="viewer",
        description=ChainShown.__doc__ or "",
        handler=_get,
        answer=ChainShown,
        tags=_TAGS,
    ),
    Route(
        method="POST",
        path="/chain/reconnect",
        name="reconnect_chain",
        summary="Have the process that serves this connect to the chain's nodes again",
        role="operator",
        handler=_reconnect,
        answer=Reconnected,
        tags=_TAGS,
    ),
)
