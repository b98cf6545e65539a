"""Puts together what drives one station."""

import asyncio
import secrets
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, replace

from sdk.bus.interface import Bus, Guard
from sdk.chain.accounts import SigningKey
from sdk.chain.addresses import Deployment
from sdk.chain.client import ChainClient
from sdk.chain.sender import Sender
from sdk.did.identifier import EthrDid
from sdk.did.registry import DidRegistry
from sdk.events.station import DidDeactivated, DidDeactivateFailed
from sdk.gateways import LiveGateways
from sdk.ids import Clock
from sdk.logs import Logger
from sdk.records.ending import enlist
from sdk.register import ChargePointConfig
from session_manager.chain_watch import ChainWatch
from session_manager.consumers import Consumers
from session_manager.deactivation import give_up
from session_manager.driver import Driver, Tools
from session_manager.faults import fault_of
from session_manager.keyring import Keyring
from session_manager.onboarding import Onboarding
from session_manager.operators import Operators
from session_manager.outgoing import Stationery
from session_manager.private_tag import keep_private_tag
from session_manager.quotes import Quotes, QuoteTerms
from session_manager.reception import Reception
from session_manager.resuming import Resuming
from session_manager.selling import Selling
from session_manager.session.deadlines import Limits
from session_manager.session.state import Session
from session_manager.settlement import Settlement
from session_manager.station_desk import ChainDesk
from session_manager.surroundings import Conditions, Surroundings
from session_manager.tokens import AllowedTokens
from session_manager.transactions import Transactions


@dataclass(frozen=True, slots=True)
class Process:
    """What all stations of a process share."""

    bus: Bus
    clock: Clock
    log: Logger
    gateways: LiveGateways
    client: ChainClient
    sender: Sender
    deployment: Deployment
    watch: ChainWatch
    settlement: Settlement
    onboarding: Onboarding
    keyring: Keyring
    tokens: AllowedTokens
    terms: QuoteTerms
    limits: Limits
    private_id: str | None
    hand_over: bool
    command_seconds: float


class Stations:
    """Makes drivers, for the charge points whose key is here."""

    def __init__(self, process: Process, group: asyncio.TaskGroup) -> None:
        """Run what takes time in `group`."""
        self._process = process
        self._group = group

    async def make_driver(self, config: ChargePointConfig) -> Driver | None:
        """Make the driver of a charge point; None where its key is not ours."""
        key = await self._process.keyring.open(config.address)
        return self._driver(config, key) if key is not None else None

    def _driver(self, config: ChargePointConfig, key: SigningKey) -> Driver:
        process = self._process
        quotes = Quotes(key, process.deployment, process.terms)
        surroundings = Surroundings(
            process.bus, lambda: self._conditions(config.charge_point_id), process.gateways
        )
        consumers = Consumers(
            quotes,
            Selling(process.bus, quotes, process.tokens, surroundings, _random_bytes32),
            Resuming(process.bus, quotes, surroundings),
        )
        transactions = Transactions(
            process.bus,
            process.private_id,
            lambda started, n, now: quotes.private(config, started, n, now),
        )

        paid: set[str] = set()

        def look(charge_point_id: str, sessions: Mapping[str, tuple[int, Session]]) -> None:
            just_paid = {name for name, (_, it) in sessions.items() if it.executed is not None}
            if just_paid - paid:
                process.onboarding.look_again(charge_point_id)
            paid.clear()
            paid.update(just_paid)
            process.settlement.look(
                charge_point_id, key, lambda session: quotes.channel(session.terms), sessions
            )

        tools = Tools(
            bus=process.bus,
            clock=process.clock,
            limits=self._limits,
            log=process.log,
            stationery=Stationery(quotes, key, process.command_seconds),
            reception=Reception(process.bus, consumers, self._operators(config, key), transactions),
            look=look,
            prepare=lambda guard: self._prepare(config.charge_point_id, guard),
        )
        return Driver(config.charge_point_id, config.connectors, tools)

    async def _prepare(self, charge_point_id: str, guard: Guard) -> None:
        process = self._process
        await enlist(process.bus, charge_point_id)
        await keep_private_tag(process.bus, charge_point_id, process.private_id, guard)

    def _limits(self) -> Limits:
        process = self._process
        if not process.hand_over:
            return process.limits
        return replace(process.limits, hand_over_below=process.watch.settlement_price)

    def _operators(self, config: ChargePointConfig, key: SigningKey) -> Operators:
        process, charge_point_id = self._process, config.charge_point_id

        async def deactivate() -> DidDeactivated | DidDeactivateFailed:
            registry = DidRegistry(process.client, process.deployment)
            answer = await give_up(registry, EthrDid.parse(config.did), key, process.sender)
            process.onboarding.look_again(charge_point_id)
            return answer

        desk = ChainDesk(
            config.did,
            key,
            (process.client, process.sender, process.watch),
            process.tokens,
            lambda: process.onboarding.publish(charge_point_id),
            deactivate,
        )
        return Operators(process.bus, desk, process.clock, self._spawn)

    def _spawn(self, work: Awaitable[None]) -> None:
        async def do() -> None:
            fault = await fault_of(work)
            if fault is not None:
                self._process.log.error("can't answer an operator: %s", fault, exc_info=fault)

        self._group.create_task(do())

    def _conditions(self, charge_point_id: str) -> Conditions:
        process = self._process
        return Conditions(
            onboarded=process.onboarding.is_onboarded(charge_point_id),
            chain_up=process.watch.up,
            gas_low=process.watch.gas_low,
        )


def _random_bytes32() -> str:
    return "0x" + secrets.token_hex(32)
