"""What a page asked for over the socket, as a note for the audit trail."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sdk.audit import AuditNote, AuditWho
from session_manager.console_door import least_role

_ABOUT = ("charge_point_id", "connector_id", "session_id")
_SHOWN = ("decision",)
_TURNED_AWAY = ("unknown_station", "unknown_type", "invalid", "forbidden")


def is_noted(asked: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    """Tell whether a command may have changed something: it is no question, and was passed on."""
    is_question = least_role(str(asked.get("type", ""))) == "viewer"
    was_refused = answer["type"] == "StationCommandRefused" and answer["reason"] in _TURNED_AWAY
    return not is_question and not was_refused


def command_note(
    who: AuditWho, asked: Mapping[str, Any], answer: Mapping[str, Any], now: datetime
) -> AuditNote:
    """Note a command of a page and its answer, both as JSON; `outcome` is the answer's type.

    Of an answer that names a session, as one that is being stopped, the note is about that session.
    """
    about = {name: asked.get(name) for name in _ABOUT}
    about["session_id"] = about["session_id"] or answer.get("session_id")
    parts = [f"{name} {asked[name]}" for name in _SHOWN if name in asked]
    parts += [str(answer[name]) for name in ("reason",) if answer.get(name)]
    fields = {
        **about,
        "at": now,
        "source": "console",
        "who": who,
        "action": asked["type"],
        "outcome": answer["type"],
        "detail": ", ".join(parts) or None,
    }
    return AuditNote.model_validate(fields)
