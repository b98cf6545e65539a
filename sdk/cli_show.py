"""How charge points are shown on a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from sdk.events.service import ChargingStatus
from sdk.printable import printable
from sdk.register import ChargePointConfig
from sdk.station_state import ConnectorState, StationState

PRIVATE = "PRIVATE, no money"
"""Stands beside the phase of a session that charges without money."""
_WIDEST = 200


_HASHES = {"password_hash", "next_password_hash"}


def public_fields(config: ChargePointConfig) -> dict[str, Any]:
    """Give what may be shown of a charge point: everything but its passwords' hashes."""
    shown: dict[str, Any] = {
        "charge_point_id": config.charge_point_id,
        "did": config.did,
        "address": config.address,
        "chain_id": config.chain_id,
        "qr": [config.qr_text(number) for number in range(1, config.connectors + 1)],
    }
    rest = config.model_dump(mode="json", exclude=_HASHES, exclude_none=True)
    return {**shown, **rest, "password_required": config.password_hash is not None}


def shown_amount(amount: int, decimals: int, symbol: str) -> str:
    """Write an amount of the token's smallest unit exactly, e.g. "1.5 USDC"."""
    whole, rest = divmod(amount, 10**decimals)
    fraction = str(rest).zfill(decimals).rstrip("0")
    number = f"{whole}.{fraction}" if fraction else str(whole)
    return f"{number} {printable(symbol) or 'tokens'}"


def print_details(shown: Mapping[str, Any]) -> None:
    """Write one charge point, a line per field; only these lines are wrapped by nobody."""
    out = console()
    width = max(len(name) for name in shown)
    for name, value in shown.items():
        for line in _lines(value) or ["none"]:
            out.print(f"{name:<{width}}  {printable(line)}", markup=False, soft_wrap=True)
            name = ""  # noqa: PLW2901 - further values stand below the first
    if "password" in shown:
        out.print("The password is shown only now: set it on the charge point.", style="bold")


def print_table(shown: Sequence[Mapping[str, Any]]) -> None:
    """Write charge points, one per row."""
    table = Table("id", "name", "connectors", "price per kWh", "credential", "did")
    for each in shown:
        table.add_row(
            each["charge_point_id"],
            each["name"],
            str(each["connectors"]),
            each["tariff"]["per_kwh"],
            "yes" if each.get("credential") else "no",
            each["did"],
        )
    console().print(table)


def print_states(states: Sequence[StationState]) -> None:
    """Write what charge points are doing, one row per connector."""
    table = Table(
        "charge point",
        "identity",
        "socket",
        "connector",
        "status",
        "session",
        "power W",
        "energy Wh",
    )
    for state in states:
        for connector in state.connectors:
            table.add_row(*_state_row(state, connector))
    console().print(table)


def _state_row(state: StationState, connector: ConnectorState) -> tuple[str, ...]:
    session = connector.session
    return (
        state.charge_point_id,
        _identity(state),
        "connected" if state.connected else "offline",
        str(connector.connector_id),
        connector.status or "unknown",
        _session(session),
        "" if connector.power_w is None else str(connector.power_w),
        "" if session is None else str(session.energy_wh),
    )


def _session(session: ChargingStatus | None) -> str:
    if session is None:
        return "none"
    return f"[bold red]{session.phase} ({PRIVATE})[/]" if session.private else session.phase


def _identity(state: StationState) -> str:
    reason = state.identity.reason
    return f"{state.identity.state}: {reason}" if reason else state.identity.state


def _lines(value: object) -> list[str]:
    if isinstance(value, Mapping):
        return [f"{name}: {item}" for name, item in value.items()]
    if isinstance(value, list | tuple):
        return [str(item) for item in value]
    return [str(value)]


def console() -> Console:
    """Give where results are written: a terminal as it is, a file or pipe with room for rows."""
    found = Console(highlight=False, soft_wrap=True)
    return found if found.is_terminal else Console(highlight=False, width=_WIDEST)
