"""What is on its way, and what it waits for; changes of a DID as they are shown."""

import pytest

from sdk.chain.addresses import Deployment
from sdk.chain.fees import Fees
from sdk.chain.journal import Call, Sent
from sdk.chain.safe import EXECUTION
from sdk.did.identifier import EthrDid
from sdk.did.registry_events import (
    NOBODY,
    Attribute,
    AttributeChanged,
    ChangedBlock,
    DelegateChanged,
    OwnerChanged,
)
from session_manager.api.chain_shown import pending_shown
from session_manager.api.identities_shown import change_shown, owners

DEPLOYMENT = Deployment()
WALLET = "0x" + "1" * 40
ONE, TWO = "0x" + "a" * 40, "0x" + "b" * 40


def sent(nonce: int, most: int = 100, call: Call | None = None) -> Sent:
    return Sent(nonce, call or Call(WALLET, b""), Fees(most, 1), ("0x" + "2" * 64,), 0.0)


@pytest.mark.parametrize(
    ("offers", "expected"),
    [
        ({4: 100, 5: 100, 6: 100}, ["confirmations", "block", "block"]),
        ({5: 9, 6: 100}, ["higher_fee", "earlier_nonce"]),
        ({5: 9, 6: 8}, ["higher_fee", "higher_fee"]),
        ({6: 100}, ["earlier_nonce"]),
        ({5: 100, 7: 100, 8: 100}, ["block", "earlier_nonce", "earlier_nonce"]),
    ],
)
def test_what_each_waits_for(offers: dict[int, int], expected: list[str]) -> None:
    journal = {nonce: sent(nonce, most) for nonce, most in offers.items()}
    shown = pending_shown(journal, used=5, base_fee=10, deployment=DEPLOYMENT)
    assert [each.waits_for for each in shown] == expected


@pytest.mark.parametrize(
    ("call", "purpose"),
    [
        (Call(DEPLOYMENT.did_registry, b"x"), "identity"),
        (Call(DEPLOYMENT.multi_send.lower(), b"x"), "identity"),
        (Call(DEPLOYMENT.payout, b"x"), "payout"),
        (Call(WALLET, EXECUTION + b"x"), "payout"),
        (Call(WALLET, b"", 1), "transfer"),
        (Call(WALLET, b"x"), "other"),
    ],
)
def test_what_each_is_for(call: Call, purpose: str) -> None:
    (shown,) = pending_shown({0: sent(0, call=call)}, 0, 10, DEPLOYMENT)
    assert (shown.purpose, shown.to) == (purpose, call.to)


def test_who_had_the_right_to_change_a_did() -> None:
    did = EthrDid.parse(f"did:ethr:0x7a69:{WALLET}")
    changes = (ONE, TWO, NOBODY, ONE)
    history = [ChangedBlock(n, (OwnerChanged(0, owner),)) for n, owner in enumerate(changes)]
    assert list(owners(did, history)) == [did.address, ONE, TWO, did.address]


def test_changes_in_a_line() -> None:
    named = Attribute("did/svc/p2p", "Säule".encode())
    lines = [
        change_shown(AttributeChanged(0, named, 86_400)),
        change_shown(AttributeChanged(0, Attribute("k\n", b"\xff" * 200), 0)),
        change_shown(DelegateChanged(0, "veriKey", ONE, 2**255)),
        change_shown(OwnerChanged(0, NOBODY)),
    ]
    assert lines[0].text == "did/svc/p2p until 1970-01-02 00:00:00 UTC: Säule"
    assert (lines[1].name, lines[1].revoked, lines[1].value[:4]) == ("k", True, "0xff")
    assert len(lines[1].value) == 201
    assert lines[2].until is not None
    assert (lines[2].until.year, lines[2].kind) == (9999, "delegate")
    assert (lines[3].text, lines[3].revoked) == ("given up", True)
