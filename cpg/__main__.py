"""Composition root of the charge point gateway."""

import asyncio
import gc
import resource
import secrets
import socket

from cpg.connection import Rules
from cpg.gatekeeper import Gatekeeper, Trust
from cpg.proxies import Proxies
from cpg.quarantine import Quarantine
from cpg.server import Gateway
from cpg.settings import CpgSettings
from cpg.sweep import Sweep
from cpg.tls import Contexts, TlsFiles
from sdk.ca.files import has_authority
from sdk.ca.local import LocalAuthority
from sdk.errors import NoroamError
from sdk.ids import utc_now
from sdk.service import Context, cannot_listen, run

_OBJECTS = 10_000
"""So many more objects than before make the collector look at the young ones."""


async def serve(settings: CpgSettings, context: Context) -> None:
    """Run until the context says stop."""
    owner = f"{socket.gethostname()}:{secrets.token_hex(4)}"
    gateway = _gateway(settings, context, owner)
    sweep = Sweep(context.bus, owner, gateway.holds, utc_now, context.log)
    _make_room()
    failure: NoroamError | None = None
    async with context.bus.follow() as follower, asyncio.TaskGroup() as group:
        try:
            host, port = await gateway.start(settings.cpg_host, settings.cpg_port, follower, group)
            await _open_tls(gateway, settings, context)
        except OSError as error:
            failure = cannot_listen("CPG_HOST, CPG_PORT, CPG_TLS_HOST, CPG_TLS_PORT", error)
        except NoroamError as error:
            failure = error
        else:
            sweeping = group.create_task(sweep.run())
            context.ready(_url("ws", host, port))
            await context.stopping.wait()
            sweeping.cancel()
        await gateway.stop()
    if failure is not None:
        raise failure  # out of the group, which would wrap it


def _gateway(settings: CpgSettings, context: Context, owner: str) -> Gateway:
    rules = Rules(
        owner,
        settings.heartbeat_interval,
        settings.heartbeat_interval * settings.heartbeat_grace,
        settings.call_timeout,
        settings.cpg_messages_per_second,
        settings.cpg_message_burst,
    )
    bus, log = context.bus, context.log
    quarantine = None
    if settings.unknown_charge_points == "quarantine":
        interval, most = settings.quarantine_interval, settings.quarantine_max
        quarantine = Quarantine(bus, utc_now, interval=interval, most=most)
    key = settings.credential_key.get_secret_value()
    trust = Trust(Proxies(settings.cpg_trusted_proxies), settings.cpo_name)
    gatekeeper = Gatekeeper(bus, key, quarantine=quarantine, trust=trust)
    authority = _authority(settings)
    return Gateway(bus, gatekeeper, rules, utc_now, log, quarantine=quarantine, authority=authority)


async def _open_tls(gateway: Gateway, settings: CpgSettings, context: Context) -> None:
    """Open the door that speaks TLS, where there is one. Raises OSError, SettingsError."""
    port, certificate, key = settings.cpg_tls_port, settings.cpg_tls_cert, settings.cpg_tls_key
    if port is None or certificate is None or key is None:
        return
    files = TlsFiles(certificate, key, settings.cpg_tls_client_ca, settings.cpg_tls_crl)
    contexts = Contexts(files, context.log)
    host, port = await gateway.start_tls(
        settings.cpg_tls_host or settings.cpg_host, port, contexts.current
    )
    context.log.info("listens with TLS at %s", _url("wss", host, port))


def _authority(settings: CpgSettings) -> LocalAuthority | None:
    """Give this machine's authority, if there is one. Raises CaFilesError."""
    folder = settings.ca_folder
    return LocalAuthority(folder, utc_now, settings.ca_days) if has_authority(folder) else None


def _url(scheme: str, host: str, port: int) -> str:
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _make_room() -> None:
    """Allow as many sockets as the system does, and look for garbage seldom: there is little."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS)


def main() -> None:
    """Run the service: `noroam-cpg`."""
    run("cpg", CpgSettings, serve)


if __name__ == "__main__":
    main()
