"""The label of one connector, to print: its QR code, and what a person reads. Pure.

The QR code (ISO/IEC 18004, error correction M, so that a scratch does no harm) holds the station's
DID and the connector. Everything is drawn as vectors; sizes are in millimetres.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import Any, Literal
from unicodedata import bidirectional

from reportlab.graphics import renderPDF, renderSVG
from reportlab.graphics.barcode import qrencoder
from reportlab.graphics.shapes import Drawing, Rect, String
from reportlab.lib.colors import black
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas

from sdk.errors import InvalidInputError

LabelForm = Literal["svg", "pdf"]
QUIET_MODULES = 4
"""The white border that the standard asks for around a QR code."""
SMALLEST_MODULE = 0.5
_PLAIN = "Helvetica"
_BUNDLED = "Vera"
_MARGIN = 0.07
_QR_HEIGHT = 0.68
_SMALLEST_TEXT = 5.0


class LabelError(InvalidInputError):
    """The label can't be drawn: it is too small for its QR code, or the font is none."""


@dataclass(frozen=True, slots=True)
class LabelText:
    """What stands on a label; `qr` is the text of the QR code, `<DID>?connector=<n>`."""

    qr: str
    name: str
    charge_point_id: str
    connector_id: int


@dataclass(frozen=True, slots=True)
class LabelSize:
    """Width and height in mm; the default is DIN A7, upright."""

    width: float = 74.0
    height: float = 105.0


def label(
    text: LabelText,
    form: LabelForm,
    size: LabelSize | None = None,
    font: bytes | None = None,
) -> bytes:
    """Draw a label; the same input gives the same bytes.

    `font` is a TrueType font that is embedded in a PDF for a name that `font_of` finds no other
    for; without one the charge point's id stands in the name's place. An SVG holds the name as
    text: whoever shows it finds a font. Raises LabelError.
    """
    chosen = size or LabelSize()
    drawing = _drawing(text, chosen, form, font)
    if form == "svg":
        return _in_millimetres(renderSVG.drawToString(drawing), drawing, chosen).encode()
    written = BytesIO()
    page = (chosen.width * mm, chosen.height * mm)
    canvas = Canvas(written, pagesize=page, invariant=1)
    canvas.setTitle(f"{text.charge_point_id}, connector {text.connector_id}")
    renderPDF.draw(drawing, canvas, 0, 0)
    canvas.save()
    return written.getvalue()


def font_of(name: str, font: bytes | None = None) -> str | None:
    """Give the font in which a PDF can show a name; None: none that is there has its letters.

    Latin-1 is in each PDF reader's own Helvetica; then comes Vera, which is brought along, then
    `font`. What is written from right to left is beyond all of them. Raises LabelError for a
    `font` that is none.
    """
    if any(bidirectional(letter) in ("R", "AL") for letter in name):
        return None
    try:
        name.encode("latin-1")
    except UnicodeEncodeError:
        return next((it for it in _true_type(font) if _has(it, name)), None)
    return _PLAIN


def qr_modules(text: str) -> list[list[bool]]:
    """Give the dark modules of a QR code, row by row, without the quiet zone."""
    code = qrencoder.QRCode(None, qrencoder.QRErrorCorrectLevel.M)
    code.addData(text)
    code.make()
    return [[bool(dark) for dark in row] for row in code.modules]


def _drawing(text: LabelText, size: LabelSize, form: LabelForm, font: bytes | None) -> Any:  # noqa: ANN401 - reportlab has no types
    width, height = size.width * mm, size.height * mm
    modules = qr_modules(text.qr)
    side = min(width * (1 - _MARGIN), height * _QR_HEIGHT)
    module = side / (len(modules) + 2 * QUIET_MODULES)
    if module < SMALLEST_MODULE * mm:
        raise LabelError(f"{size.width:g} x {size.height:g} mm is too small for the QR code")
    drawing = Drawing(width, height)
    bottom = height * 0.18
    for rect in _dark(modules, (width - side) / 2, bottom, module):
        drawing.add(rect)
    head = (height - bottom - side) / 2
    for line in _lines(text, form, font, head=bottom + side + head * 0.6, height=height):
        drawing.add(_string(line, width))
    return drawing


def _in_millimetres(svg: str, drawing: Any, size: LabelSize) -> str:  # noqa: ANN401 - no types
    """Say how large it is to be printed; reportlab leaves the unit out, which is then a pixel."""
    drawn = f'width="{drawing.width}" height="{drawing.height}"'
    return svg.replace(drawn, f'width="{size.width:g}mm" height="{size.height:g}mm"', 1)


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    font: str
    size: float
    y: float


def _lines(
    text: LabelText, form: LabelForm, font: bytes | None, *, head: float, height: float
) -> Sequence[_Line]:
    name, name_font = text.name or text.charge_point_id, font_of(text.name, font)
    if name_font is None:
        # An SVG's reader looks for a font by itself.
        name = text.charge_point_id if form == "pdf" else name
        name_font = _PLAIN
    elif form == "svg" and name_font != _PLAIN:
        name_font = _PLAIN
    # Whole, for whoever has to type it.
    method, _, address = text.qr.partition("?")[0].rpartition(":")
    return (
        _Line(name, name_font, height * 0.055, head),
        _Line(f"Connector {text.connector_id}", "Helvetica-Bold", height * 0.055, height * 0.13),
        _Line(text.charge_point_id, _PLAIN, height * 0.035, height * 0.09),
        _Line(f"{method}:", "Courier", height * 0.026, height * 0.055),
        _Line(address, "Courier", height * 0.026, height * 0.03),
    )


def _string(line: _Line, width: float) -> Any:  # noqa: ANN401 - reportlab has no types
    room = width * (1 - 2 * _MARGIN)
    text, size = line.text, line.size
    needed = pdfmetrics.stringWidth(text, line.font, size)
    if needed > room:
        size = max(_SMALLEST_TEXT, size * room / needed)
    while len(text) > 1 and pdfmetrics.stringWidth(text, line.font, size) > room:
        text = f"{text[:-2]}…"
    return String(width / 2, line.y, text, fontName=line.font, fontSize=size, textAnchor="middle")


def _dark(modules: Sequence[Sequence[bool]], x: float, y: float, module: float) -> list[Any]:
    """Give the dark modules as rectangles, as wide as they are beside each other."""
    rects = []
    for number, row in enumerate(modules):
        bottom = y + (QUIET_MODULES + len(modules) - 1 - number) * module
        column = 0
        while column < len(row):
            end = column
            while end < len(row) and row[end]:
                end += 1
            if end > column:
                left = x + (QUIET_MODULES + column) * module
                rects.append(_rect(left, bottom, (end - column) * module, module))
            column = end + 1
    return rects


def _rect(x: float, y: float, width: float, height: float) -> Any:  # noqa: ANN401 - no types
    return Rect(x, y, width, height, fillColor=black, strokeColor=None, strokeWidth=0)


def _true_type(font: bytes | None) -> list[str]:
    names = [_registered(_BUNDLED, "Vera.ttf")]
    if font is not None:
        # Named after its content: fonts are registered for the whole process.
        names.append(_registered(f"f{sha256(font).hexdigest()[:16]}", BytesIO(font)))
    return names


def _registered(name: str, source: object) -> str:
    if name not in pdfmetrics.getRegisteredFontNames():
        try:
            pdfmetrics.registerFont(TTFont(name, source))
        except TTFError as error:
            raise LabelError("the font is no TrueType font that can be embedded") from error
    return name


def _has(name: str, text: str) -> bool:
    return all(ord(letter) in pdfmetrics.getFont(name).face.charToGlyph for letter in text)
