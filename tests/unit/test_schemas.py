"""The published schemas are those of this version, and real messages keep to them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import jsonschema_rs
import pytest

from sdk.events.body import Body
from sdk.events.charging import MeterValueReported
from sdk.events.envelope import Envelope, body_classes
from sdk.events.schemas import schemas, signed_types
from sdk.events.service import ChargingStatus
from sdk.events.station import AccountBalance, BalanceReported, SessionStopRequested
from sdk.schema_files import schema_files, write_schemas

PUBLISHED = Path(__file__).parents[2] / "docs" / "schemas"
AT = datetime(2026, 1, 2, tzinfo=UTC)


def envelope(body: Body) -> dict[str, object]:
    made = Envelope.model_validate(
        {"id": UUID(int=1), "charge_point_id": "CP1", "at": AT, "body": dict(body)}
    )
    read: dict[str, object] = json.loads(made.to_json())
    return read


def test_the_published_schemas_are_those_of_this_version() -> None:
    published = {file.name: file.read_text("utf-8") for file in PUBLISHED.glob("*.json")}
    assert published == schema_files(), "run: noroam schemas docs/schemas"


def test_every_body_has_a_schema_and_every_signed_one_its_payload() -> None:
    names = set(schemas())
    assert names == {
        "Envelope",
        *body_classes(),
        *(f"{signed}.payload" for signed in signed_types()),
    }


def test_every_schema_is_one() -> None:
    for name, schema in schemas().items():
        assert jsonschema_rs.meta.is_valid(schema), name


@pytest.mark.parametrize(
    "body",
    [
        SessionStopRequested(),
        MeterValueReported(sampled_at=AT, energy_wh=5),
        ChargingStatus(session_id="0x" + "a" * 64, phase="charging", deposit=2**200),
        BalanceReported(
            chain_id=1,
            block_number=2,
            balances=(
                AccountBalance(
                    account="0x" + "1" * 40, role="gas", token="0x" + "0" * 40, balance=10**30
                ),
            ),
        ),
    ],
)
def test_what_is_sent_keeps_to_the_schema(body: Body) -> None:
    sent = envelope(body)
    found = schemas()
    jsonschema_rs.validate(found["Envelope"], sent)
    kind = str(body.model_dump()["type"])
    jsonschema_rs.validate(found[kind], sent["body"])


def test_the_type_is_never_left_out() -> None:
    sent = envelope(SessionStopRequested())
    sent["body"] = {}
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.validate(schemas()["Envelope"], sent)
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.validate(schemas()["SessionStopRequested"], {})


def test_money_is_a_string_of_digits() -> None:
    balance = {"account": "0x" + "1" * 40, "role": "gas", "token": "0x" + "0" * 40, "balance": 10}
    told = {"type": "BalanceReported", "chain_id": 1, "block_number": 2, "balances": [balance]}
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.validate(schemas()["BalanceReported"], told)


def test_files_of_events_that_are_no_more_are_removed(tmp_path: Path) -> None:
    (tmp_path / "Gone.schema.json").write_text("{}")
    (tmp_path / "notes.txt").write_text("mine")
    written = write_schemas(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {
        "notes.txt",
        *(file.name for file in written),
    }
