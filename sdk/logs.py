"""Logs: one JSON object per line on stderr (readable text on a terminal), secrets never.

`bind(session_id=…, charge_point_id=…)` puts both on every line of the current task. Each line also
goes to a `sink`, the capped stream in Redis (`sdk.log_stream`). Libraries' lines are routed too.
"""

import logging
import sys
from collections.abc import Callable, Mapping, MutableMapping
from contextlib import AbstractContextManager
from typing import Any, Literal, TextIO, cast

import orjson
import structlog
from structlog.contextvars import bound_contextvars
from structlog.typing import FilteringBoundLogger, Processor

from sdk.redaction import redacted

Logger = FilteringBoundLogger
Line = Mapping[str, Any]
"""One line: `at`, `level`, `service`, `event`, and whatever was bound or given."""
Sink = Callable[[Line], None]

_NOISY = {
    "websockets": logging.INFO,
    "aiohttp.access": logging.WARNING,
    "urllib3": logging.INFO,
    # It tells every broken stream of every peer as an error.
    "libp2p": logging.CRITICAL,
    "trio-websocket": logging.CRITICAL,
}


def configure(
    service: str,
    level: str = "INFO",
    sink: Sink | None = None,
    *,
    form: Literal["auto", "json", "text"] = "auto",
    stream: TextIO | None = None,
) -> None:
    """Set up all logs of this process; call it once, before anything logs.

    `sink` gets every line, already redacted; it must neither block nor raise. `form` "auto" is
    text on a terminal, else JSON.
    """
    output = stream or sys.stderr
    pretty = output.isatty() if form == "auto" else form == "text"
    number = logging.getLevelNamesMapping()[level]
    structlog.configure(
        processors=_processors(service, sink, pretty=pretty),
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(output),
        cache_logger_on_first_use=False,
    )
    _route_standard_logging(number)


def get_logger(area: str) -> Logger:
    """Give a logger whose lines carry `area`, by habit the module's short name."""
    return cast("Logger", structlog.get_logger(area=area))


def bind(**values: str | int | None) -> AbstractContextManager[None]:
    """Put `values` on every line of this task, and of those it starts, until the block ends."""
    return bound_contextvars(**{name: item for name, item in values.items() if item is not None})


def _processors(service: str, sink: Sink | None, *, pretty: bool) -> list[Processor]:
    def name_service(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:  # noqa: ANN401 - structlog's protocol
        line["service"] = service
        return line

    def feed_sink(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:  # noqa: ANN401 - structlog's protocol
        if sink is not None:
            sink(dict(line))
        return line

    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        name_service,
        structlog.processors.format_exc_info,
        _redact,
        feed_sink,
        _console() if pretty else _as_json,
    ]


def _redact(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:  # noqa: ANN401 - structlog's protocol
    return cast("MutableMapping[str, Any]", redacted(line))


def _as_json(_: Any, __: str, line: MutableMapping[str, Any]) -> str:  # noqa: ANN401 - structlog's protocol
    return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def _console() -> Processor:
    # the default one prints local variables of each frame, and with them keys and passwords
    return structlog.dev.ConsoleRenderer(
        timestamp_key="at", exception_formatter=structlog.dev.plain_traceback
    )


class _Bridge(logging.Handler):
    """Hands what libraries log to structlog, so that it looks and is redacted like our own."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log `record`; one whose arguments don't fit its text is logged without them."""
        try:
            text = record.getMessage()
        except (TypeError, ValueError):
            text = str(record.msg)
        values: dict[str, Any] = {"area": record.name}
        if record.exc_info:
            values["exc_info"] = record.exc_info
        structlog.get_logger().log(record.levelno, "%s", text, **values)


def _route_standard_logging(level: int) -> None:
    root = logging.getLogger()
    root.handlers[:] = [_Bridge()]
    root.setLevel(level)
    for name, floor in _NOISY.items():
        logging.getLogger(name).setLevel(max(level, floor))
    logging.captureWarnings(capture=True)
