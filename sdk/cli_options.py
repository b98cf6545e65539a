"""The options that describe a charge point, and the fields of its configuration that they give."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from sdk.amounts import read_amount
from sdk.cli_context import read_text
from sdk.cli_tariff import GivenPrices, changed_tariff, read_price
from sdk.errors import InvalidInputError
from sdk.registration import new_password, usual_deposit
from sdk.tariff import Tariff
from sdk.tolerances import MEANINGS, option_name, read_tolerances

_UNIT_HELP = (
    "Of all amounts: smallest, wei, gwei, ether, how many decimals the token has, or token: as "
    "many as the chain says (CHAIN_URLS)."
)
_NONE = "none"
_PASSWORD_HELP = (
    "What the charge point signs in with. Others can read a command line: rather use the variable "  # noqa: S105 - a help text
    "or --prompt-password."
)
_TOLERATE_HELP = (
    "What it may do against the specification and be heard nevertheless; can be given several "
    "times, takes the place of what was set, also all or none (new: none). "
    + " ".join(f"{option_name(kind)}: {meaning}." for kind, meaning in MEANINGS.items())
)

Id = Annotated[str, typer.Argument(help="Letters, digits, '.', '_', '-'; at most 48.")]
Unit = Annotated[str, typer.Option("--unit", help=_UNIT_HELP)]
Price = Annotated[str, typer.Option("--price-per-kwh", help="Price of 1 kWh.")]
NewPrice = Annotated[str | None, typer.Option("--price-per-kwh", help="Price of 1 kWh.")]
SessionFee = Annotated[
    str | None, typer.Option("--price-per-session", help="Fee, due once energy has flowed.")
]
Deposit = Annotated[
    str | None, typer.Option("--minimum-deposit", help="Least deposit (new: price of 1 kWh).")
]
Step = Annotated[
    str | None, typer.Option("--exposure-step", help="Cost per voucher (new: price of 100 Wh).")
]
Connectors = Annotated[int | None, typer.Option("--connectors", help="How many (new: 1).")]
Name = Annotated[str | None, typer.Option("--name", help="A name for people.")]
Power = Annotated[
    int | None, typer.Option("--power-w", help="Most power of a connector in W (new: 22000).")
]
Plugs = Annotated[
    list[str] | None,
    typer.Option("--plug-type", help="Can be given several times (new: Type 2)."),
]
Tolerate = Annotated[list[str] | None, typer.Option("--tolerate", help=_TOLERATE_HELP)]
Peer = Annotated[
    str | None, typer.Option("--p2p-peer-id", help="The P2P server to announce (else: any).")
]
Credential = Annotated[
    Path | None, typer.Option("--credential-file", help="The authority's credential, a JWT.")
]
Password = Annotated[
    str | None,
    typer.Option("--password", envvar="CHARGE_POINT_PASSWORD", help=_PASSWORD_HELP),
]
NewPassword = Annotated[
    str | None, typer.Option("--password", help="A new one; rather use --prompt-password.")
]
PromptPassword = Annotated[bool, typer.Option("--prompt-password", help="Ask for the password.")]
NoPassword = Annotated[
    bool, typer.Option("--no-password", help="Let it connect without a password.")
]
Json = Annotated[bool, typer.Option("--json", help="Write JSON.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What was given of a charge point; None: not given. Amounts are texts of `unit`.

    `token` is an address; an `exposure_limit` of "none" takes away what was set.
    """

    unit: str
    price_per_kwh: str | None
    price_per_session: str | None
    minimum_deposit: str | None
    exposure_step: str | None
    connectors: int | None
    name: str | None
    power_w: int | None
    plug_types: list[str] | None
    tolerate: list[str] | None
    p2p_peer_id: str | None
    credential_file: Path | None
    prices: GivenPrices = field(default_factory=GivenPrices)
    token: str | None = None
    exposure_limit: str | None = None

    def fields(self, tariff: Tariff | None = None) -> dict[str, Any]:
        """Give the fields of `ChargePointConfig` that these set; `tariff` is what it was so far.

        A new one asks for a deposit of its price of 1 kWh, or its minimum price, with tax. Raises
        InvalidInputError.
        """
        changed = self._tariff(tariff)
        deposit = self._amount(self.minimum_deposit)
        if deposit is None and tariff is None and changed is not None:
            deposit = usual_deposit(changed)
        found: dict[str, Any] = {
            "tariff": changed,
            "minimum_deposit": deposit,
            "exposure_step": self._amount(self.exposure_step),
            "token": self.token,
            "connectors": self.connectors,
            "name": self.name,
            "maximum_power_w": self.power_w,
            "plug_types": tuple(self.plug_types) if self.plug_types else None,
            "tolerances": read_tolerances(self.tolerate) if self.tolerate else None,
            "p2p_peer_id": self.p2p_peer_id,
            "credential": self._credential(),
        }
        fields = {name: value for name, value in found.items() if value is not None}
        return {**fields, **self._limit()}

    def _limit(self) -> dict[str, int | None]:
        if self.exposure_limit is None:
            return {}
        none = self.exposure_limit == _NONE
        return {"exposure_limit": None if none else self._amount(self.exposure_limit)}

    def _tariff(self, tariff: Tariff | None) -> Tariff | None:
        given = {"per_kwh": self.price_per_kwh, "per_session": self.price_per_session}
        prices = {name: read_price(it, self.unit) for name, it in given.items() if it is not None}
        return changed_tariff(tariff, {**prices, **self.prices.changes(self.unit)})

    def _amount(self, text: str | None) -> int | None:
        return None if text is None else read_amount(text, self.unit)

    def _credential(self) -> str | None:
        return read_text(self.credential_file, "credential") if self.credential_file else None


@dataclass(frozen=True, slots=True)
class ChosenPassword:
    """A charge point's password; None: it needs none. One that was `made` must be shown."""

    value: str | None
    made: bool = False


def choose_password(
    password: str | None, *, prompt: bool, none: bool, make: bool
) -> ChosenPassword | None:
    """Settle on a password; None: nothing was said of it, and it is not to be made.

    Raises InvalidInputError for more than one choice or an empty password.
    """
    if none and prompt:
        raise InvalidInputError("--no-password and --prompt-password exclude each other")
    if none:
        return ChosenPassword(None)
    if prompt:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    if password is not None:
        if not password:
            raise InvalidInputError("the password is empty; use --no-password for none")
        return ChosenPassword(password)
    return ChosenPassword(new_password(), made=True) if make else None
