"""The bytes of a charge point: handshake, WebSocket frames, OCPP messages. Pure.

Its frames are masked with the key 0, which RFC 6455 allows: the payload goes as it is.
"""

import base64
import struct

TEXT, CLOSE, PING, PONG = 0x81, 0x88, 0x89, 0x8A
"""First bytes of whole frames."""

HEARTBEAT = b'[2,"%b","Heartbeat",{}]'
BOOT = b'[2,"%b","BootNotification",{"chargePointVendor":"Bench","chargePointModel":"Bare"}]'
START = (
    b'[2,"%b","StartTransaction",'
    b'{"connectorId":1,"idTag":"BENCH","meterStart":1000,"timestamp":"%b"}]'
)
STATUS = (
    b'[2,"%b","StatusNotification",'
    b'{"connectorId":1,"errorCode":"NoError","status":"%b","timestamp":"%b"}]'
)
_SAMPLE = (
    b'{"value":"%%%b","context":"Sample.Periodic","format":"Raw","measurand":"%b",'
    b'"location":"%b","unit":"%b"%b}'
)
_L1 = b',"phase":"L1"'
_SAMPLES = b",".join(
    _SAMPLE % part
    for part in (
        (b"d", b"Energy.Active.Import.Register", b"Outlet", b"Wh", b""),
        (b"d", b"Power.Active.Import", b"Outlet", b"W", b""),
        (b".1f", b"Current.Import", b"Outlet", b"A", _L1),
        (b".1f", b"Voltage", b"Outlet", b"V", _L1),
        (b".1f", b"Temperature", b"Body", b"Celsius", b""),
        (b"d", b"SoC", b"EV", b"Percent", b""),
    )
)
_METER_VALUES = (
    b'[2,"%b","MeterValues",{"connectorId":1,"transactionId":%d,'
    b'"meterValue":[{"timestamp":"%b","sampledValue":[' + _SAMPLES + b"]}]}]"
)


class BadFrameError(Exception):
    """The server sent what no server may send."""


def handshake(host: str, port: int, name: str, password: str) -> bytes:
    """Write the upgrade request of OCPP-J 3.1.1 with Basic authentication."""
    pair = base64.b64encode(f"{name}:{password}".encode()).decode()
    lines = (
        f"GET /{name} HTTP/1.1",
        f"Host: {host}:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Protocol: ocpp1.6",
        f"Authorization: Basic {pair}",
    )
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


def write_frame(payload: bytes, first: int = TEXT) -> bytes:
    """Put a payload of less than 64 KiB into a client's frame."""
    size = len(payload)
    if size < 126:
        return struct.pack(">BBI", first, 0x80 | size, 0) + payload
    return struct.pack(">BBHI", first, 0x80 | 126, size, 0) + payload


def write_meter_values(message_id: bytes, transaction: int, at: bytes, count: int) -> bytes:
    """Write six samples of about 1 kB in all; `count` makes them differ, and the energy rise."""
    values = (
        1_000 + count,
        11_000 - count % 97,
        16 - count % 7 / 10,
        230 + count % 11 / 10,
        31 + count % 13 / 10,
        20 + count // 500 % 80,
    )
    return _METER_VALUES % (message_id, transaction, at, *values)


class FrameReader:
    """Cuts what a server sends into frames."""

    def __init__(self) -> None:
        """Begin behind the handshake."""
        self._rest = b""

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """Give first byte and payload of each frame that is whole now. Raises BadFrameError."""
        data = self._rest + data
        frames, at, end = [], 0, len(data)
        while end - at >= 2:
            size, body = data[at + 1], at + 2
            if size > 127:
                raise BadFrameError("a masked frame")
            if size > 125:
                body += 2 if size == 126 else 8
                if end < body:
                    break
                size = int.from_bytes(data[at + 2 : body])
            if end < body + size:
                break
            frames.append((data[at], data[body : body + size]))
            at = body + size
        self._rest = data[at:]
        return frames
