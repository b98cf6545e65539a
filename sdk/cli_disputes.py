"""`noroam disputes`: sessions whose payout did not go through in time, and what to decide."""

from enum import StrEnum
from typing import Annotated

import typer

from sdk.bus.interface import Bus
from sdk.cli_context import print_json, run_on_bus
from sdk.cli_disputes_show import print_dispute, print_disputes, print_unbilled
from sdk.cli_options import Id, Json
from sdk.cli_show import shown_amount
from sdk.disputes import (
    Dispute,
    UnknownDisputeError,
    find_dispute,
    read_disputes,
    read_unbilled,
)
from sdk.errors import InvalidInputError, UnavailableError
from sdk.events.station import (
    DisputeDecision,
    DisputeResolved,
    DisputeResolveRefused,
    DisputeResolveRequested,
    StationCommandRefused,
)
from sdk.ids import utc_now
from sdk.station import Answer, CommandTimeoutError, Station

app = typer.Typer(
    help="See sessions whose payout did not go through in time, and decide about them.",
    no_args_is_help=True,
)

Points = Annotated[
    list[str] | None,
    typer.Option("--charge-point", help="Only of this one; can be given several times."),
]
Session = Annotated[str, typer.Argument(help="Its id, or the beginning of it.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask again.")]
Wait = Annotated[float, typer.Option("--timeout", min=0.1, help="Seconds to wait for the answer.")]


class Decision(StrEnum):
    """What can be decided, as it is written on the command line."""

    RETRY = "retry"
    REFUND = "refund"
    WRITE_OFF = "write-off"

    @property
    def on_the_wire(self) -> DisputeDecision:
        """The same in `DisputeResolveRequested`."""
        match self:
            case Decision.RETRY:
                return "retry"
            case Decision.REFUND:
                return "refund"
            case Decision.WRITE_OFF:
                return "write_off"


@app.command("list")
def list_disputes(*, charge_point: Points = None, json_output: Json = False) -> None:
    """List sessions that wait off their connector for their payout, the oldest first.

    Also those that are worth less than their gas, and left to the driver (HAND_OVER).
    """
    found = run_on_bus(lambda bus: read_disputes(bus, utc_now(), charge_point or None))
    if json_output:
        print_json([each.model_dump(mode="json") for each in found])
    else:
        print_disputes(found)


@app.command()
def show(charge_point_id: Id, session_id: Session, *, json_output: Json = False) -> None:
    """Show one of them: what holds it up, and what can be done."""
    found = run_on_bus(lambda bus: find_dispute(bus, utc_now(), charge_point_id, session_id))
    print_json(found.model_dump(mode="json")) if json_output else print_dispute(found)


@app.command()
def resolve(
    charge_point_id: Id,
    session_id: Session,
    decision: Decision,
    *,
    yes: Yes = False,
    timeout: Wait = 15.0,
    json_output: Json = False,
) -> None:
    """Decide: retry the payout now, refund the whole deposit to the driver, or write-off.

    After write-off the station starts no other payout. One that is on its way already may still go
    through; what the wallet holds else is the driver's to take back once the refund opens. A retry
    that fails is tried again by itself, as before.
    """
    found = run_on_bus(lambda bus: find_dispute(bus, utc_now(), charge_point_id, session_id))
    if not found.decisions:
        raise InvalidInputError(" ".join(found.advice))
    if not yes and (question := _question(found, decision)):
        typer.confirm(question, abort=True, err=True)
    answer = run_on_bus(lambda bus: _ask(bus, found, decision, timeout))
    _check(answer, found)
    if json_output:
        print_json(answer.model_dump(mode="json"))
    else:
        typer.echo(_DONE[decision])


@app.command()
def unbilled(*, charge_point: Points = None, json_output: Json = False) -> None:
    """List energy that charge points told of after its session was paid: nobody paid for it."""
    found = run_on_bus(lambda bus: read_unbilled(bus, charge_point or None))
    if json_output:
        print_json([each.model_dump(mode="json") for each in found])
    else:
        print_unbilled(found)


async def _ask(bus: Bus, found: Dispute, decision: Decision, seconds: float) -> Answer:
    wanted = DisputeResolveRequested(session_id=found.session_id, decision=decision.on_the_wire)
    async with Station.over(bus, found.charge_point_id) as station:
        try:
            return await station.command(wanted, connector_id=found.connector_id, timeout=seconds)
        except CommandTimeoutError as error:
            raise CommandTimeoutError(
                f"no Session Manager answered for {found.charge_point_id} within {seconds:g} s; it "
                "is decided as soon as one drives it that has its key: see `noroam disputes list`"
            ) from error


def _check(answer: Answer, found: Dispute) -> None:
    match answer:
        case DisputeResolved():
            return
        case DisputeResolveRefused(reason="no_voucher"):
            raise InvalidInputError(
                "the driver's app signed no refund of this session; retry, or write it off"
            )
        case DisputeResolveRefused():
            raise UnknownDisputeError(
                f"{found.charge_point_id} has no disputed session {found.session_id} any more"
            )
        case StationCommandRefused(reason=reason, detail=detail):
            raise UnavailableError(f"refused: {reason}{f', {detail}' if detail else ''}")
        case _:
            raise UnavailableError("the answer is none that this version knows")


def _question(found: Dispute, decision: Decision) -> str | None:
    def amount(money: int) -> str:
        return shown_amount(money, found.token_decimals, found.token_symbol)

    match decision:
        case Decision.RETRY:
            return None
        case Decision.REFUND:
            gives_up = f"; the station gives up {amount(found.payout)}" if found.payout else ""
            return f"Give {amount(found.deposit)} back to the driver{gives_up}?"
        case Decision.WRITE_OFF:
            given_up = f"Give up {amount(found.payout or 0)}, and end the session?"
            return f"{_ON_ITS_WAY} {given_up}"


_ON_ITS_WAY = "A payout that is on its way already may still go through."
_DONE = {
    Decision.RETRY: "It is being paid out again now.",
    Decision.REFUND: "The whole deposit is being given back now.",
    Decision.WRITE_OFF: f"It is written off: the session has ended. {_ON_ITS_WAY}",
}
