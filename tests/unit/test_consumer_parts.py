"""Small parts of the consumer: pauses, ids, whose an event is, what the folder holds."""

import json
from pathlib import Path
from uuid import uuid4

import pytest

from sdk.events.service import ChargingStatus, ServiceDelivered, ServiceRejected
from sdk.p2p.backoff import Backoff
from sdk.p2p.consumer_state import ConsumerState
from sdk.p2p.foreign import is_foreign
from sdk.p2p.recent_ids import RecentIds
from sdk.p2p.session_folder import SessionFolder, session_id_of

OWN, OTHER, UNKNOWN = ("0x" + digit * 64 for digit in "123")
SIGNATURE = "0x" + "0" * 130
DID = "did:ethr:0x7a69:0x" + "0" * 40


def test_pauses_grow_to_the_longest_and_begin_again() -> None:
    pauses = Backoff(1.0, 4.0)
    for most in (1.0, 2.0, 4.0, 4.0):
        assert 0.7 * most <= pauses.next() <= 1.3 * most
    pauses.reset()
    assert pauses.next() <= 1.3


def test_only_the_newest_ids_are_remembered() -> None:
    ids = [uuid4() for _ in range(4)]
    recent = RecentIds(most=3)
    assert [recent.add(id_) for id_ in (*ids[:3], ids[0])] == [True, True, True, False]
    assert recent.add(ids[3])
    assert ids[0] not in recent
    assert all(id_ in recent for id_ in ids[1:])


def receipt(session_id: str) -> ServiceDelivered:
    return ServiceDelivered(payload=json.dumps({"session_id": session_id}), signature=SIGNATURE)


@pytest.mark.parametrize(
    ("body", "foreign"),
    [
        (receipt(OWN), False),
        (receipt(OTHER), True),
        (receipt(OTHER.upper().replace("0X", "0x")), True),
        (receipt(UNKNOWN), False),
        (ServiceDelivered(payload="[]", signature=SIGNATURE), False),
        (ServiceDelivered(payload="{-", signature=SIGNATURE), False),
        (ServiceRejected(session_id=OTHER, reason="busy"), True),
        (ServiceRejected(session_id=OWN, reason="busy"), False),
        (ServiceRejected(reason="busy"), False),
        (ChargingStatus(session_id=OTHER, phase="charging"), False),
    ],
)
def test_what_is_another_sessions_is_left_to_it(body: object, foreign: bool) -> None:  # noqa: FBT001
    assert is_foreign(body, OWN, {OTHER}.__contains__) is foreign  # type: ignore[arg-type]


async def test_a_folder_gives_what_can_be_read(tmp_path: Path) -> None:
    folder = SessionFolder(tmp_path / "sessions")
    state = ConsumerState(did=DID, session_key="0x" + "1" * 64, peer_seed="2" * 64)
    await folder.store("0xAB").save(state)
    (tmp_path / "sessions" / "0xcd.json").write_text("{", encoding="utf-8")
    assert folder.states() == [state]
    assert session_id_of(state) is None
    assert (tmp_path / "sessions").stat().st_mode & 0o077 == 0
