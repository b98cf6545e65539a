"""Valid OCPP calls to start from, and values that belong into none. Pure."""

import json
from copy import deepcopy
from dataclasses import dataclass
from random import Random
from typing import Any

Json = dict[str, Any]
MOST = 64 * 1024
"""The longest frame that the gateway takes."""
TAG = "FUZZTAG"
_AT = "2024-05-06T07:08:09.123Z"


@dataclass(frozen=True, slots=True)
class Raw:
    """A piece of text that goes into a frame as it is."""

    text: str


def write(value: object) -> str:
    """Write JSON with raw pieces in it."""
    pieces: list[str] = []

    def name(item: object) -> str:
        assert isinstance(item, Raw), item
        pieces.append(item.text)
        return f"@raw{len(pieces) - 1}@"

    text = json.dumps(value, default=name)
    for number, piece in enumerate(pieces):
        text = text.replace(f'"@raw{number}@"', piece, 1)
    return text


def valid_call(rng: Random, message_id: str, marker: str) -> list[Any]:
    """Write a call that no charge point should be refused."""
    action = rng.choice(list(_PAYLOADS))
    payload = json.loads(_PAYLOADS[action].replace("@marker@", marker))
    if action == "StartTransaction":
        payload["meterStart"] = rng.randrange(10**9)
    return [2, message_id, action, payload]


def hostile_value(rng: Random, marker: str) -> object:
    """Draw a value of any type, size and danger."""
    if rng.random() < 0.8:
        return deepcopy(rng.choice(_VALUES))
    return rng.choice(_long(rng, marker))


def _long(rng: Random, marker: str) -> list[object]:
    size = rng.choice((21, 51, 256, 501, 5000, 50_000))
    depth = rng.choice((10, 127, 128, 1000, 1024, 5000, 30_000))
    return [
        marker,
        "x" * size + marker,
        marker + "\U0001f50c" * (size // 4),
        [marker] * min(size, 1000),
        {f"{marker}{n}": n for n in range(min(size, 1000))},
        Raw("[" * depth + "]" * depth),
        Raw('{"a":' * (depth // 3) + "1" + "}" * (depth // 3)),
        Raw("9" * size),
        Raw("0." + "1" * size),
    ]


_VALUES: list[object] = [
    *(None, True, False, 0, -1, 1, 1.5, -0.0, 1001, 2**31 - 1, 2**31, -(2**31) - 1, 2**53),
    *(2**63 - 1, 2**63, 2**64 - 1, 2**64, 10**30, 1e308, 5e-324),
    *("", " ", "x", "0", "-1", "1e5", "NaN", "Infinity", "0x10", "\u0661\u0662", "true", "null"),
    *("yesterday", "0000-00-00T00:00:00Z", "9999-12-31T23:59:59-14:00", "2024-02-30T00:00:00Z"),
    *("0001-01-01T00:00:00+14:00", "2024-05-06", "1714979289", "2024-05-06T07:08:60Z"),
    *("\x00", "a\x00b", "\x1b[31m", "\r\nSET a b\r\n", "\u202e", "\ufeff", "\ufffe", "{CP}:in"),
    *("%s%n%d", "{0}", "${jndi:x}", "'; --", "../../etc", "\U0001f50c" * 5, "e\u0301" * 10),
    *([], {}, [[]], [{}], {"": ""}, {"a": {}}, [None], ["x", 1, None], {"value": "1"}),
    *map(Raw, ("1e400", "-1e400", "NaN", "-Infinity", "01", "+1", ".5", "1.", "0x1", "1E+2")),
    *map(Raw, ("1" + "0" * 400, "1" * 5000, "1e-400", "1e99999999999", "-0")),
    *map(Raw, (r'"\ud800"', r'"\udc00\ud800"', r'"a\udfffb"', r'"\u0000"', r'"\u00"', r'"\x41"')),
    *map(Raw, ('"a\tb"', "'a'", "undefined", "", "{", "]", '"', "/**/1", "[1,]", '{"a":1,}')),
    Raw('{"a":1,"a":2}'),
    Raw('{"connectorId":1,"connectorId":[]}'),
]

_SAMPLES = [
    {"value": "1234", "context": "Sample.Periodic", "unit": "Wh"},
    {"value": "7.36", "measurand": "Power.Active.Import", "unit": "kW", "phase": "L1"},
    {"value": "16.0", "measurand": "Current.Import", "unit": "A", "phase": "L1"},
    {"value": "230.1", "measurand": "Voltage", "unit": "V", "phase": "L1-N"},
    {"value": "40", "measurand": "SoC", "unit": "Percent", "location": "EV"},
]
_METER_VALUE = [{"timestamp": _AT, "sampledValue": _SAMPLES}]
_START: Json = {"connectorId": 1, "idTag": TAG, "meterStart": 1, "timestamp": _AT}
_STATUS: Json = {"connectorId": 1, "errorCode": "NoError", "status": "Charging"}
_PAYLOADS: dict[str, str] = {
    action: json.dumps(payload)
    for action, payload in {
        "Authorize": {"idTag": TAG},
        "BootNotification": {"chargePointVendor": "V", "chargePointModel": "M", "iccid": "8931"},
        "DataTransfer": {"vendorId": "V", "messageId": "M", "data": "@marker@"},
        "Heartbeat": {},
        "MeterValues": {"connectorId": 1, "transactionId": 77, "meterValue": _METER_VALUE},
        "StartTransaction": _START,
        "StatusNotification": {**_STATUS, "info": "@marker@", "timestamp": _AT},
        "StopTransaction": {
            "transactionId": 77,
            "meterStop": 9,
            "timestamp": _AT,
            "reason": "Local",
            "transactionData": _METER_VALUE,
        },
    }.items()
}
