"""`noroam label`: the label of a connector, to print."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from sdk.charge_point_config import ChargePointConfig
from sdk.cli_context import run_on_bus
from sdk.cli_options import Id
from sdk.errors import InvalidInputError
from sdk.register import Register

if TYPE_CHECKING:
    from sdk.label import LabelForm, LabelSize

_SIZES = {"a7": (74.0, 105.0), "a6": (105.0, 148.0), "a5": (148.0, 210.0)}
_MOST = 1000.0

Size = Annotated[
    str, typer.Option(help="a7 (74x105), a6, a5, or width x height in mm, such as 60x90.")
]
Font = Annotated[
    Path | None,
    typer.Option(help="A TrueType font to embed for a name that is not in Latin letters (PDF)."),
]


def label(
    charge_point_id: Id,
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")],
    *,
    connector: Annotated[int, typer.Option(min=1, help="Which connector.")] = 1,
    form: Annotated[
        Literal["svg", "pdf"] | None, typer.Option("--format", help="Else: as the file is named.")
    ] = None,
    size: Size = "a7",
    font: Font = None,
) -> None:
    """Write the label of a connector: the QR code with its DID, and what people read."""
    chosen = form or _form_of(output)
    config = run_on_bus(lambda bus: Register(bus).get(charge_point_id))
    if connector > config.connectors:
        raise InvalidInputError(f"{charge_point_id} has {config.connectors} connectors")
    data = drawn_label(config, connector, chosen, size=size, font=font)
    write_label(output, data)
    typer.echo(f"{output} says {config.qr_text(connector)}")


def drawn_label(
    config: ChargePointConfig,
    connector: int,
    form: "LabelForm",
    *,
    size: str = "a7",
    font: Path | None = None,
) -> bytes:
    """Draw the label of a connector; tells on stderr how a name is written that few fonts have.

    Raises InvalidInputError.
    """
    from sdk.label import LabelText, font_of  # noqa: PLC0415 - slow to load
    from sdk.label import label as draw  # noqa: PLC0415

    embedded = _font(config.name, font) if form == "pdf" else None
    used = font_of(config.name, embedded)
    if form == "pdf" and used is None:
        typer.echo(
            f"no font here has the letters of {config.name!r}: {config.charge_point_id} stands in "
            "its place; name one by --font, or take SVG",
            err=True,
        )
    elif form == "svg" and used != "Helvetica":
        typer.echo("whoever shows the SVG chooses the font for its name", err=True)
    text = LabelText(config.qr_text(connector), config.name, config.charge_point_id, connector)
    return draw(text, form, _size(size), embedded)


def write_label(output: Path, data: bytes) -> None:
    """Write a label into a file. Raises InvalidInputError."""
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(data)
    except OSError as error:
        raise InvalidInputError(f"{output} cannot be written: {error.strerror}") from error


def _form_of(output: Path) -> "LabelForm":
    match output.suffix.lower():
        case ".svg":
            return "svg"
        case ".pdf":
            return "pdf"
        case _:
            raise InvalidInputError(f"{output}: give --format, or a name with .svg or .pdf")


def _size(text: str) -> "LabelSize":
    from sdk.label import LabelSize  # noqa: PLC0415 - slow to load

    if text.lower() in _SIZES:
        return LabelSize(*_SIZES[text.lower()])
    match = re.fullmatch(r"([0-9.]{1,6})x([0-9.]{1,6})", text)
    try:
        width, height = (float(match[1]), float(match[2])) if match else (0.0, 0.0)
    except ValueError:
        width, height = 0.0, 0.0
    if not (0 < width <= _MOST and 0 < height <= _MOST):
        raise InvalidInputError(f"--size: {text} is none of {', '.join(_SIZES)}, nor as 60x90")
    return LabelSize(width, height)


def _font(name: str, given: Path | None) -> bytes | None:
    """Read the given font; without one, where the name needs one, the first that has it."""
    from sdk.label_fonts import font_for  # noqa: PLC0415 - slow to load

    if given is not None:
        try:
            return given.read_bytes()
        except OSError as error:
            raise InvalidInputError(f"--font {given}: {error.strerror}") from error
    return font_for(name)
