"""Sessions as the console shows them: written as a Session Manager leaves them in Redis."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import ended_sessions
from console_world import ConsoleWorld, console_world
from ended_sessions import CP, STARTED, store
from playwright.async_api import Page

from sdk.audit import Audit, AuditNote, AuditWho
from sdk.bus import keys
from sdk.events.service import ChargingStatus
from sdk.logs import get_logger
from sdk.records.record import SessionRecord
from sdk.records.row import Row
from sdk.tariff import Tariff

ROWS = "table tbody tr"


@asynccontextmanager
async def sessions_world(redis_url: str) -> AsyncIterator[ConsoleWorld]:
    """Run a console with two charge points of two connectors each."""
    async with console_world(redis_url) as world:
        for name in (CP, "CP-2"):
            await world.bus.write(keys.config(name), {"connectors": "2"})
            await world.bus.add_member(keys.STATIONS, name)
        yield world


async def end(
    world: ConsoleWorld, at: datetime, curve: int = 0, tariff: Tariff | None = None, **changes: Any
) -> SessionRecord:
    """End a session at a moment; `changes` are its row's."""
    given = {"charge_point_id": changes.get("charge_point_id", CP)}
    tariff = tariff or ended_sessions.TARIFF
    content = ended_sessions.receipt(tariff=tariff, **given)
    kept = ended_sessions.record(content, ended_sessions.readings(curve))
    told: dict[str, Any] = {
        name: changes[name] for name in ("failure", "stop_reason", "flags") if name in changes
    }
    status = kept.status.model_copy(update=told)
    outcome = changes.get("outcome", kept.outcome)
    kept = kept.model_copy(update={"ended_at": at, "status": status, "outcome": outcome})
    row: Row = ended_sessions.row(kept)
    await store(world.bus, kept, row._replace(**changes))
    return kept


async def stop(world: ConsoleWorld, session_id: str) -> None:
    """Note that somebody stopped a session, and another restarted its charge point before."""
    trail = Audit(world.bus, get_logger("test"))
    for number, (name, action, about) in enumerate(
        [("night shift", "Reset", None), ("Erika", "stop_session", session_id)]
    ):
        note = AuditNote(
            at=STARTED + timedelta(seconds=10 + number),
            source="console",
            who=AuditWho(id=name, name=name, role="operator"),
            action=action,
            charge_point_id=CP,
            connector_id=1 if about else None,
            session_id=about,
            outcome="accepted",
        )
        await trail.take(note)


async def charge(world: ConsoleWorld, session_id: str) -> None:
    """Have a session run on connector 1."""
    told = {"session_id": session_id, "phase": "charging", "energy_wh": 5_250, "power_w": 11_040}
    status = ChargingStatus.model_validate(told | {"deposit": 5 * 10**18, "cost": 2 * 10**18})
    shown = {"phase": "charging", "status": status.model_dump_json()}
    await world.bus.write(keys.session(CP, 1), shown)


async def figure(page: Page, name: str) -> str:
    """Read a figure by its name."""
    return await page.locator(f"[data-figure={name}]").inner_text()
