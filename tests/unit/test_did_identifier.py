"""DIDs and QR texts, as scanned or typed."""

import pytest

from sdk.charge_point_config import qr_text, station_did
from sdk.did.errors import MalformedDidError
from sdk.did.identifier import EthrDid, QrCode

ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
DID = f"did:ethr:0x7a69:{ADDRESS}"


@pytest.mark.parametrize("address", [ADDRESS, ADDRESS.lower(), "0x" + ADDRESS[2:].upper()])
def test_a_did_is_the_same_in_every_case(address: str) -> None:
    did = EthrDid.parse(f"did:ethr:0x7A69:{address}")
    assert did == EthrDid(31337, ADDRESS)
    assert str(did) == DID == station_did(31337, ADDRESS)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ADDRESS,
        f"did:ethr:{ADDRESS}",
        f"did:ethr:sepolia:{ADDRESS}",
        f"did:web:0x1:{ADDRESS}",
        f"did:ethr:0x1:{ADDRESS}00",
        f"did:ethr:0x1:0x{'02' * 33}",
        f"did:ethr:0x1:{ADDRESS.replace('aA', 'Aa', 1)}",
        f"{DID}?connector=1",
        f"{DID}\n",
    ],
)
def test_what_is_no_did_of_an_account_is_refused(text: str) -> None:
    with pytest.raises(MalformedDidError):
        EthrDid.parse(text)


def test_a_qr_code_names_did_chain_and_connector() -> None:
    code = QrCode(EthrDid(31337, ADDRESS), 2)
    assert str(code) == f"{DID}?connector=2" == qr_text(DID, 2)
    assert QrCode.parse(str(code)) == code


def test_a_qr_code_without_connector_means_the_first() -> None:
    assert QrCode.parse(f" {DID}\n") == QrCode(EthrDid(31337, ADDRESS), 1)


@pytest.mark.parametrize("query", ["connector=0", "connector=x", "connector=1&connector=2"])
def test_a_qr_code_with_no_such_connector_is_refused(query: str) -> None:
    with pytest.raises(MalformedDidError):
        QrCode.parse(f"{DID}?{query}")
