"""Composition root of the charge point gateway."""

import asyncio
import gc
import resource
import secrets
import socket

from cpg.connection import Rules
from cpg.gatekeeper import Gatekeeper
from cpg.quarantine import Quarantine
from cpg.server import Gateway
from cpg.settings import CpgSettings
from cpg.sweep import Sweep
from sdk.errors import NoroamError
from sdk.ids import utc_now
from sdk.service import Context, cannot_listen, run

_OBJECTS = 10_000
"""So many more objects than before make the collector look at the young ones."""


async def serve(settings: CpgSettings, context: Context) -> None:
    """Run until the context says stop."""
    owner = f"{socket.gethostname()}:{secrets.token_hex(4)}"
    rules = Rules(
        owner,
        settings.heartbeat_interval,
        settings.heartbeat_interval * settings.heartbeat_grace,
        settings.call_timeout,
        settings.cpg_messages_per_second,
        settings.cpg_message_burst,
    )
    bus = context.bus
    quarantine = None
    if settings.unknown_charge_points == "quarantine":
        interval, most = settings.quarantine_interval, settings.quarantine_max
        quarantine = Quarantine(bus, utc_now, interval=interval, most=most)
    key = settings.credential_key.get_secret_value()
    gatekeeper = Gatekeeper(bus, key, quarantine=quarantine)
    gateway = Gateway(bus, gatekeeper, rules, utc_now, context.log, quarantine=quarantine)
    sweep = Sweep(bus, owner, gateway.holds, utc_now, context.log)
    _make_room()
    failure: NoroamError | None = None
    async with bus.follow() as follower, asyncio.TaskGroup() as group:
        try:
            host, port = await gateway.start(settings.cpg_host, settings.cpg_port, follower, group)
        except OSError as error:
            failure = cannot_listen("CPG_HOST, CPG_PORT", error)
        else:
            sweeping = group.create_task(sweep.run())
            context.ready(f"ws://[{host}]:{port}" if ":" in host else f"ws://{host}:{port}")
            await context.stopping.wait()
            sweeping.cancel()
            await gateway.stop()
    if failure is not None:
        raise failure  # out of the group, which would wrap it


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
