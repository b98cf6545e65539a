"""What a simulated charge point is, and what it does wrong on purpose."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

MAXIMUM_W = 22_000
FAILURES = ("firmware-download", "firmware-install", "lock", "unlock", "upload")
"""What can be made to fail."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What it is; each has an option of the same name on the command line."""

    id: str = "CP1"
    vendor: str = "Noroam"
    model: str = "Simulated"
    url: str = "ws://127.0.0.1:9000"
    tls_url: str = ""
    password: str = ""
    ca_file: str = ""
    certificate: str = ""
    key: str = ""
    cpo_name: str = ""
    connectors: int = 1
    power: float = MAXIMUM_W
    interval: float = 10
    speed: float = 1
    soc: float = 20
    meter_wh: float = 100_000
    stop_after_wh: float = 0
    heartbeat: float = 0
    list_maximum: int = 100
    stay_when_full: bool = False
    authorize: bool = False
    wait_for_cable: bool = False
    fixed_cable: bool = False
    no_local_list: bool = False
    reject_start: bool = False
    faulted: bool = False
    faulted_connector: int = 0
    mute: bool = False


@dataclass
class Script:
    """What it does against its better knowledge; may be changed while it runs."""

    answers: dict[str, str] = field(default_factory=dict)
    """Action -> status that it answers, doing nothing; `!Code`: by that CALLERROR."""
    failures: set[str] = field(default_factory=set)
    """Of `FAILURES`."""


def read_options(doc: str, arguments: Sequence[str] | None = None) -> tuple[Options, Script]:
    """Read the command line."""
    found = vars(_parser(doc).parse_args(arguments))
    known = {each.name for each in fields(Options)}
    options = Options(**{name: value for name, value in found.items() if name in known})
    return options, Script(dict(found["answer"]), set(found["fail"]))


def _answer(text: str) -> tuple[str, str]:
    action, equals, status = text.partition("=")
    if not (action and equals and status):
        raise argparse.ArgumentTypeError("should be Action=Status or Action=!Code")
    return action, status


def _parser(doc: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawTextHelpFormatter)
    add, usual = parser.add_argument, Options()

    def option(name: str, help: str, kind: type[Any] = str) -> None:  # noqa: A002 - argparse's name
        default = getattr(usual, name.replace("-", "_"))
        add(f"--{name}", type=kind, default=default, help=help)

    option("id", "charge point id")
    option("vendor", "who made it, as its BootNotification says")
    option("model", "what they call it")
    option("url", "the gateway; the id is appended")
    option("tls-url", "taken instead of --url once its own SecurityProfile is 2 or more")
    option("password", "HTTP Basic password; none: connects without")
    option("ca-file", "PEM of the roots that it trusts")
    option("certificate", "PEM of its own certificate")
    option("key", "PEM of the certificate's key")
    option("cpo-name", "the operator, as its certificate requests name him")
    option("connectors", "how many", int)
    option("faulted-connector", "this connector is faulted; 0: none is", int)
    option("power", "most that it delivers, W", float)
    option("interval", "seconds between meter values (simulated)", float)
    option("speed", "how much faster than the clock it charges", float)
    option("soc", "state of charge of the car, percent", float)
    option("meter-wh", "the meter at the start", float)
    option("stop-after-wh", "stops by itself after so much", float)
    option("heartbeat", "seconds between heartbeats; 0: as told", float)
    option("list-maximum", "most entries of one SendLocalList", int)
    for name, help_ in (
        ("stay-when-full", "the car stays plugged in, idle"),
        ("authorize", "asks Authorize for tags that it does not know"),
        ("wait-for-cable", "no car is there until one is plugged in (SIGUSR1)"),
        ("fixed-cable", "its cables cannot be unlocked"),
        ("no-local-list", "knows no local lists"),
        ("reject-start", "rejects each remote start"),
        ("faulted", "its connectors are faulted"),
        ("mute", "never sends a heartbeat"),
    ):
        add(f"--{name}", action="store_true", help=help_)
    add(
        "--answer",
        type=_answer,
        action="append",
        default=[],
        metavar="ACTION=STATUS",
        help="answers this operation so, and does nothing; STATUS may be !CODE: a CALLERROR",
    )
    add("--fail", choices=FAILURES, action="append", default=[], help="makes this fail")
    return parser
