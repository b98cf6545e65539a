"""A connector's label: its QR code is read back from what was drawn, and names stay legible."""

import re
import zlib
from base64 import a85decode
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import reportlab
from qr_reader import Rect, modules_of, read_qr

from sdk.label import LabelError, LabelSize, LabelText, font_of, label, qr_modules

DID = "did:ethr:0x7a69:0xBB980B7765ba082fB8a8031d3BEA65Ab97eB5448"
DID_LINES = ("did:ethr:0x7a69:", "0xBB980B7765ba082fB8a8031d3BEA65Ab97eB5448")
VERA = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
SVG = "{http://www.w3.org/2000/svg}"


def text(name: str = "Yard", connector_id: int = 1) -> LabelText:
    return LabelText(f"{DID}?connector={connector_id}", name, "CP-1", connector_id)


def rects_of_svg(svg: bytes) -> list[Rect]:
    groups = ET.fromstring(svg).iter(f"{SVG}rect")  # noqa: S314 - our own
    sides = ("x", "y", "width", "height")
    drawn = [it for it in groups if "style" in it.attrib]
    found = [[float(it.attrib[side]) for side in sides] for it in drawn]
    return [(x, y, width, height) for x, y, width, height in found]


def page_of_pdf(pdf: bytes) -> str:
    streams = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    for stream in streams:
        coded = stream.strip().removesuffix(b"~>")
        page = zlib.decompress(a85decode(coded)) if coded != stream.strip() else b""
        if b" re" in page:
            return page.decode("latin-1")
    raise AssertionError("no page")


@pytest.mark.parametrize("connector_id", [1, 2, 999])
@pytest.mark.parametrize("did", [DID, "did:ethr:0xd0a:0x" + "00" * 20, DID.replace("7a69", "1")])
def test_the_qr_code_of_an_svg_is_read_back(did: str, connector_id: int) -> None:
    said = f"{did}?connector={connector_id}"
    svg = label(LabelText(said, "Yard", "CP-1", connector_id), "svg")
    assert read_qr(modules_of(rects_of_svg(svg))) == said


def test_the_qr_code_of_a_pdf_is_read_back() -> None:
    page = page_of_pdf(label(text(connector_id=2), "pdf"))
    number = r"(-?[\d.]+)"
    drawn = re.findall(rf"{number} {number} {number} {number} re", page)
    moved = re.findall(rf"1 0 0 1 {number} {number} cm", page)
    assert drawn
    rects = [(float(x), float(y), float(w), float(h)) for x, y, w, h in drawn]
    assert all(move == ("0", "0") for move in moved)
    assert read_qr(modules_of(rects)) == f"{DID}?connector=2"


def test_a_changed_module_is_noticed_by_the_reader() -> None:
    modules = qr_modules(text().qr)
    assert read_qr(modules) == text().qr
    modules[20][20] = not modules[20][20]
    with pytest.raises(AssertionError):
        read_qr(modules)


def test_it_is_as_large_as_was_asked_for_and_the_same_each_time() -> None:
    svg = label(text(), "svg", LabelSize(60, 90)).decode()
    assert 'width="60mm" height="90mm"' in svg
    pdf = label(text(), "pdf", LabelSize(60, 90))
    assert re.search(rb"/MediaBox \[ 0 0 170\.07\d+ 255\.11\d+ \]", pdf)
    assert label(text(), "pdf", LabelSize(60, 90)) == pdf


def test_a_person_reads_name_connector_and_the_whole_did() -> None:
    svg = label(text("Yard <b>& Säule 5", 2), "svg")
    said = [it.text for it in ET.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314 - our own
    assert said == ["Yard <b>& Säule 5", "Connector 2", "CP-1", *DID_LINES]
    assert "".join(DID_LINES) == DID


def test_a_long_name_stays_on_the_label() -> None:
    svg = label(text("W" * 100), "svg")
    element = next(ET.fromstring(svg).iter(f"{SVG}text"))  # noqa: S314 - our own
    assert element.text is not None
    assert element.text.endswith("…")
    assert float(element.attrib["x"]) > 0


def test_a_name_that_no_font_has_gives_way_to_the_id() -> None:
    assert font_of("Säule") == "Helvetica"
    assert font_of("Ł") == "Vera"
    assert font_of("充电桩") is None
    assert font_of("شحن", VERA.read_bytes()) is None
    shown = page_of_pdf(label(text("充电桩"), "pdf"))
    assert shown.count("(CP-1)") == 2
    svg = label(text("充电桩"), "svg").decode()
    assert "充电桩" in svg


def test_a_font_is_embedded_where_the_name_needs_one() -> None:
    assert b"/FontFile2" in label(text("Ładowarka"), "pdf")
    assert b"/FontFile2" not in label(text("Ladowarka"), "pdf")
    with pytest.raises(LabelError, match="no TrueType font"):
        label(text("充电桩"), "pdf", font=b"nonsense")


def test_what_would_be_too_small_to_scan_is_refused() -> None:
    with pytest.raises(LabelError, match="too small"):
        label(text(), "svg", LabelSize(20, 30))
