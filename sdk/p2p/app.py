"""Several sessions at once: one app, one libp2p host, one folder of states.

    async with DriverApp(settings, resolver, chain, folder, refund_account=mine) as app:
        await app.resume_all(wallet.send)
        consumer = await app.connect("did:ethr:0x7a69:0x...")
        await consumer.start(await consumer.quote(1, 10**18), wallet.send)
        app.sessions[consumer.session_id]

Each session has a key of its own, to sign and to be answered, and is a `Consumer`. Sessions with
the same P2P server share one stream.
"""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from sdk.chain.accounts import SigningKey, new_key
from sdk.ids import Clock, utc_now
from sdk.p2p.consumer import Consumer
from sdk.p2p.consumer_settings import ConsumerChain, ConsumerSettings, Deposit
from sdk.p2p.consumer_state import ConsumerState
from sdk.p2p.host import P2pHost
from sdk.p2p.keys import load_key
from sdk.p2p.link import Resolver
from sdk.p2p.node import NodeSettings
from sdk.p2p.session_folder import SessionFolder, session_id_of
from sdk.p2p.shared_host import SharedHost
from sdk.p2p.shared_streams import SharedStreams

log = structlog.get_logger(__name__)


class DriverApp:
    """See the module. `folder` holds private keys."""

    def __init__(
        self,
        settings: ConsumerSettings,
        resolver: Resolver,
        chain: ConsumerChain,
        folder: Path,
        *,
        refund_account: str,
        clock: Clock = utc_now,
    ) -> None:
        self._settings = settings
        self._resolver = resolver
        self._chain = chain
        self._path = folder
        self._refund_account = refund_account
        self._clock = clock
        self._stack = AsyncExitStack()
        self._leaving: dict[Consumer, asyncio.Event] = {}
        self._past: set[str] = set()

    @property
    def consumers(self) -> tuple[Consumer, ...]:
        """All that are connected, also those without a session yet."""
        return tuple(self._leaving)

    @property
    def sessions(self) -> Mapping[str, Consumer]:
        """Those with a session, by its id."""
        found = {consumer.session_id: consumer for consumer in self._leaving}
        return {id_: consumer for id_, consumer in found.items() if id_ is not None}

    async def __aenter__(self) -> Self:
        """Start the host. Raises OSError, KeyFileError, HostUnavailableError."""
        self._folder = folder = await asyncio.to_thread(SessionFolder, self._path)
        key = await asyncio.to_thread(load_key, folder.peer_key_file)
        states = await asyncio.to_thread(folder.states)
        self._past = {id_ for id_ in map(session_id_of, states) if id_ is not None}
        host = await self._stack.enter_async_context(P2pHost(NodeSettings(key)))
        self._group = await self._stack.enter_async_context(asyncio.TaskGroup())
        self._streams = SharedStreams(host, self._group)
        self._shared = SharedHost(host, key.seed, self._streams, self._knows)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave all stations; the sessions go on without the app."""
        for leaving in self._leaving.values():
            leaving.set()
        self._streams.close()
        if isinstance(error, asyncio.CancelledError):
            # Perhaps by the group, since a session failed: it then tells that instead.
            await self._stack.__aexit__(kind, error, trace)
        else:
            await self._stack.aclose()

    async def connect(self, did: str) -> Consumer:
        """Find a station and make sure of it, for one more session.

        Raises as `Consumer.connect`.
        """
        secret = "0x" + new_key().secret.hex()
        state = ConsumerState(did=did, session_key=secret, peer_seed=self._shared.seed.hex())
        consumer = await self._enter(state)
        try:
            await consumer.connect(did)
        except BaseException:
            self.leave(consumer)
            raise
        return consumer

    async def resume_all(self, deposit: Deposit | None = None) -> Mapping[str, Consumer]:
        """Take up all sessions of the folder that are not over; give them by their ids.

        Does not wait for their stations; see `Consumer.resume`, with `patient`.
        """
        resumed = {}
        for state in await asyncio.to_thread(self._folder.states):
            session_id = session_id_of(state)
            if session_id is not None and not state.is_over and session_id not in self.sessions:
                resumed[session_id] = consumer = await self._enter(state)
                await consumer.resume(deposit, patient=True)
        return resumed

    def leave(self, consumer: Consumer) -> None:
        """Let go of a session, which goes on without the app until it is resumed."""
        if consumer.session_id is not None:
            self._past.add(consumer.session_id)
        leaving = self._leaving.pop(consumer, None)
        if leaving is not None:
            leaving.set()

    async def _enter(self, state: ConsumerState) -> Consumer:
        key = SigningKey.from_hex(state.session_key)
        consumer = Consumer(
            self._settings,
            self._resolver,
            self._chain,
            refund_account=self._refund_account,
            state=state,
            store=self._folder.store(key.address),
            clock=self._clock,
            shared=self._shared,
        )
        ready = asyncio.Event()
        self._leaving[consumer] = leaving = asyncio.Event()
        self._group.create_task(self._stay(consumer, ready, leaving))
        await ready.wait()
        return consumer

    def _knows(self, session_id: str) -> bool:
        return session_id in self._past or session_id in self.sessions

    async def _stay(self, consumer: Consumer, ready: asyncio.Event, leaving: asyncio.Event) -> None:
        """Look after one session; whatever befalls it must not end the others."""
        try:
            async with consumer:
                ready.set()
                await leaving.wait()
        except* Exception as failures:  # noqa: BLE001 - its store and wallet are the app's own
            reason = str(_first(failures))
            log.warning("a session failed", session_id=consumer.session_id, reason=reason)
            self.leave(consumer)
            consumer.fail(reason)


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    error: BaseException = failures
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
