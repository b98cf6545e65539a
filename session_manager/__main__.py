"""Composition root of the Session Manager."""

import asyncio
import gc
import secrets
import socket
from importlib.resources import files
from pathlib import Path

from sdk.accounts import Accounts
from sdk.api_keys import ApiKeys
from sdk.audit import Audit
from sdk.bus.sent_journal import SentJournal
from sdk.chain.accounts import SigningKey
from sdk.chain.addresses import Deployment
from sdk.chain.client import ChainClient
from sdk.chain.heads import NewHeads
from sdk.chain.outbox import Bidding
from sdk.chain.reorgs import Reorganisations
from sdk.chain.sender import Sender
from sdk.chain.tokens import Tokens
from sdk.did.errors import MalformedDidError
from sdk.gateways import LiveGateways
from sdk.ids import utc_now
from sdk.service import Context, cannot_listen, run
from sdk.settings import SettingsError
from sdk.webhooks.addresses import networks_of
from sdk.webhooks.post import Poster
from sdk.webhooks.register import Webhooks
from session_manager.access import Access
from session_manager.alert_desk import AlertDesk
from session_manager.alert_evaluator import AlertEvaluator
from session_manager.alert_look import AlertLook
from session_manager.alert_reports import AlertReporter
from session_manager.api.asking import Asking
from session_manager.api.catalogue import api
from session_manager.api.event_feed import Feeds
from session_manager.api.own_process import OwnChain, OwnProcess
from session_manager.api.registrar import Registrar
from session_manager.api.routes import Services
from session_manager.chain_news import ChainNews
from session_manager.chain_watch import ChainWatch
from session_manager.console import Api, Console, ConsoleAddress
from session_manager.console_web import is_loopback
from session_manager.inspector import Inspector
from session_manager.key_sources import gas_key, station_keys
from session_manager.keyring import Keyring
from session_manager.manager import Manager
from session_manager.onboarding import Onboarding
from session_manager.publisher import Publisher
from session_manager.quotes import QuoteTerms
from session_manager.roster import Roster
from session_manager.session.deadlines import Limits
from session_manager.settings import SessionManagerSettings
from session_manager.settlement import Settlement
from session_manager.sign_ins import SignIns
from session_manager.stations import Process, Stations
from session_manager.tokens import AllowedTokens
from session_manager.wallets import Wallets
from session_manager.webhook_desk import WebhookDesk

_OBJECTS = (100_000, 50, 100)


async def serve(settings: SessionManagerSettings, context: Context) -> None:
    """Run until the context says stop."""
    secret = await gas_key(settings.gas_key, settings.gas_key_file, settings.keys_password)
    client = ChainClient(settings.chain_urls, settings.chain_id)
    heads = NewHeads(settings.chain_urls)
    sender = _sender(settings, context, client, secret)
    deployment = Deployment()
    watch = ChainWatch(client, sender, heads, deployment, context.log)
    keyring = _keyring(settings, context)
    reorgs = Reorganisations(client, heads)
    wallets = Wallets(client, sender, heads, reorgs, settings.confirmations)
    chain_tokens = Tokens(client, settings.native_symbol)
    publisher = Publisher(client, sender, deployment, keyring.known)
    inspector = _inspector(settings, context, publisher)
    onboarding = Onboarding(context.bus, inspector, utc_now, context.log)
    process = Process(
        bus=context.bus,
        clock=utc_now,
        log=context.log,
        gateways=LiveGateways(context.bus, utc_now),
        client=client,
        sender=sender,
        deployment=deployment,
        watch=watch,
        settlement=Settlement(
            context.bus, wallets, utc_now, context.log, settings.chain_margin_seconds
        ),
        onboarding=onboarding,
        keyring=keyring,
        tokens=AllowedTokens(chain_tokens, heads, settings.tokens, context.log),
        private_id=settings.private_mode_id,
        hand_over=settings.hand_over,
        terms=_terms(settings),
        limits=_limits(settings),
        command_seconds=settings.command_seconds,
    )
    watch.reserve_for(lambda: process.settlement.wallets_in_use)
    try:
        await _work(settings, context, process)
    finally:
        await client.close()


async def _work(settings: SessionManagerSettings, context: Context, process: Process) -> None:
    owner = f"{socket.gethostname()}:{secrets.token_hex(4)}"
    console = _console(settings, context, process.watch, _own_process(settings, owner, process))
    url = await _listen(console)
    if not (settings.console_tls or is_loopback(settings.console_host)):
        context.log.warning(
            "passwords can be read on the way: other machines reach %s, and CONSOLE_TLS is not set",
            url,
        )
    if settings.private_mode_id is not None:
        context.log.warning(
            "PRIVATE MODE: the idTag %s charges without money", settings.private_mode_id
        )
    news = ChainNews(context.bus, utc_now, context.log)
    process.watch.on_change(news.hear)
    async with asyncio.TaskGroup() as group:
        stations = Stations(process, group)

        def on_change(charge_point_id: str, held: bool) -> None:  # noqa: FBT001 - a callback
            if held:
                process.onboarding.add(charge_point_id)
                news.add(charge_point_id)
            else:
                news.remove(charge_point_id)
                process.onboarding.remove(charge_point_id)
                process.settlement.drop(charge_point_id)

        manager = Manager(
            context.bus,
            owner,
            stations.make_driver,
            on_change,
            context.log,
            settings.lease_seconds,
        )
        runners = (
            process.settlement,
            process.watch,
            process.tokens,
            news,
            process.onboarding,
            manager,
            console,
            AlertReporter(context.bus, owner, process.watch, process.sender, utc_now, context.log),
            _alert_desk(settings, context, owner),
        )
        tasks = [group.create_task(runner.run()) for runner in runners]
        _make_room()
        context.ready(url)
        await context.stopping.wait()
        await console.stop()
        for task in tasks:
            task.cancel()


def _inspector(
    settings: SessionManagerSettings, context: Context, publisher: Publisher
) -> Inspector:
    try:
        return Inspector(context.bus, publisher, settings.authority_dids, utc_now)
    except MalformedDidError as error:
        raise SettingsError(f"AUTHORITY_DIDS: {error}") from error


async def _listen(console: Console) -> str:
    try:
        return await console.start()
    except OSError as error:
        raise cannot_listen("CONSOLE_HOST, CONSOLE_PORT", error) from error


def _console(
    settings: SessionManagerSettings, context: Context, watch: ChainWatch, own: OwnProcess
) -> Console:
    static = Path(str(files("dui"))) / "static"
    address = ConsoleAddress(
        settings.console_host,
        settings.console_port,
        static,
        settings.console_hosts,
        settings.console_trusted_proxies,
    )
    return Console(
        context.bus, lambda: watch.status, utc_now, address, api=_api(settings, context, own)
    )


def _api(settings: SessionManagerSettings, context: Context, process: OwnProcess) -> Api:
    bus, secret = context.bus, settings.credential_key
    if secret is None:
        context.log.warning("no API key opens anything: CREDENTIAL_KEY is not set")
    keys = ApiKeys(bus, secret.get_secret_value()) if secret is not None else None
    sign_ins = SignIns(bus, Accounts(bus), utc_now, secure=settings.console_tls)
    access = Access(keys, utc_now, settings.api_requests_per_minute, sign_ins=sign_ins)
    registrar = Registrar(settings.key_folder, settings.keys_password, secret, settings.chain_id)
    asking, feeds, gateways = Asking(bus), Feeds(bus), LiveGateways(bus, utc_now)
    services = Services(
        bus,
        utc_now,
        context.log,
        access,
        keys,
        asking,
        feeds,
        registrar,
        gateways,
        Audit(bus, context.log),
        process,
        webhooks=_webhooks(settings, context),
        zone=settings.console_zone,
    )
    return Api(api(services), services.run, sign_ins)


def _webhooks(settings: SessionManagerSettings, context: Context) -> Webhooks:
    secret = settings.credential_key
    poster = Poster(utc_now, networks_of(settings.webhook_networks))
    key = secret.get_secret_value() if secret is not None else None
    return Webhooks(context.bus, key, poster, utc_now)


def _alert_desk(settings: SessionManagerSettings, context: Context, owner: str) -> AlertDesk:
    bus, log = context.bus, context.log
    look = AlertLook(bus, Roster(bus, log), LiveGateways(bus, utc_now), utc_now)
    webhooks = WebhookDesk(bus, _webhooks(settings, context), utc_now, log)
    evaluator = AlertEvaluator(bus, look, webhooks.wake, log)
    return AlertDesk(bus, owner, (evaluator, webhooks), log, settings.lease_seconds)


def _own_process(settings: SessionManagerSettings, owner: str, process: Process) -> OwnProcess:
    chain = OwnChain(
        process.client,
        process.sender,
        process.watch,
        process.deployment,
        settings.authority_dids,
        process.clock,
    )
    return OwnProcess(owner, settings.effective(), chain, process.tokens)


def _sender(
    settings: SessionManagerSettings, context: Context, client: ChainClient, key: SigningKey
) -> Sender:
    journal = SentJournal(context.bus, settings.chain_id, key.address)
    highest = settings.max_fee_gwei * 10**9
    bidding = Bidding(max_fee_per_gas=highest, tell=context.log.warning)
    return Sender(
        client, key, confirmations=settings.confirmations, journal=journal, bidding=bidding
    )


def _keyring(settings: SessionManagerSettings, context: Context) -> Keyring:
    password = settings.keys_password.get_secret_value() if settings.keys_password else ""
    own = station_keys(settings.station_keys)
    return Keyring(settings.key_folder, password, context.log, own)


def _terms(settings: SessionManagerSettings) -> QuoteTerms:
    return QuoteTerms(
        chain_id=settings.chain_id,
        valid=settings.quote_seconds,
        session=settings.session_seconds,
        refund_margin=settings.refund_margin_seconds,
        voucher_interval=settings.voucher_interval,
        voucher_grace=settings.voucher_grace,
    )


def _limits(settings: SessionManagerSettings) -> Limits:
    return Limits(
        deposit=settings.deposit_timeout,
        authorise=settings.authorise_timeout,
        start=settings.start_timeout,
        voucher=settings.voucher_grace,
        offline=settings.offline_grace,
        stop=settings.stop_timeout,
        approval=settings.approval_timeout,
        close=settings.close_timeout,
        execution=settings.execution_timeout,
        tick=settings.voucher_interval,
    )


def _make_room() -> None:
    """Look for garbage seldom: a look at all of a thousand sessions stops them for a second."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_OBJECTS)


def main() -> None:
    """Run the service: `noroam-session-manager`."""
    run("session_manager", SessionManagerSettings, serve)


if __name__ == "__main__":
    main()
