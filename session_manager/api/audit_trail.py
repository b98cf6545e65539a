"""Endpoint: who asked for what, and what became of it."""

import orjson
from pydantic import Field

from sdk.audit import CHUNK, CHUNKS, AuditEntry
from sdk.fields import ChargePointId, SessionId
from session_manager.api.heavy_reads import let_others_work
from session_manager.api.paging import Page, Paging, next_link, page_of, place_of
from session_manager.api.routes import Asked, Reply, Route
from session_manager.api.values import GivenMoment

_AUDIT = "audit"
_MOST_CHUNKS = 50
"""How much is looked at for one page."""


class AuditQuery(Paging):
    """Which entries are wanted; `who` is the id or name of an account or key."""

    charge_point_id: ChargePointId | None = Field(default=None, description="Only of this one.")
    session_id: SessionId | None = Field(default=None, description="Only of this session.")
    action: str | None = Field(default=None, max_length=60, description="Only of this name.")
    who: str | None = Field(default=None, max_length=100, description="Only by this id or name.")
    begin: GivenMoment | None = Field(default=None, alias="from", description="Not before this.")
    end: GivenMoment | None = Field(default=None, alias="to", description="Before this.")

    @property
    def words(self) -> list[str]:
        """Give what the JSON of a wanted entry has in it."""
        texts = (self.charge_point_id, self.session_id, self.action, self.who)
        return [orjson.dumps(text).decode() for text in texts if text is not None]

    def takes(self, entry: AuditEntry) -> bool:
        """Tell whether an entry is wanted."""
        pairs = (
            (self.charge_point_id, entry.charge_point_id),
            (self.session_id, entry.session_id),
            (self.action, entry.action),
        )
        if any(wanted is not None and wanted != found for wanted, found in pairs):
            return False
        if self.who is not None and self.who not in (entry.who.id, entry.who.name):
            return False
        is_late = self.end is not None and entry.at >= self.end
        return not is_late and (self.begin is None or entry.at >= self.begin)


async def _list(asked: Asked) -> Reply:
    query = asked.query
    place = place_of(_AUDIT, query, int)
    found: list[AuditEntry] = []
    reached: list[int] | None = None
    looked_at = 0
    before = None if place is None else int(place[0])
    async for first, entries in asked.services.audit.newest(before, query.words):
        found += filter(query.takes, entries)
        looked_at += 1
        is_past = query.begin is not None and entries and entries[-1].at < query.begin
        if len(found) > query.limit or is_past:
            break
        if looked_at == _MOST_CHUNKS and first:
            reached = [first]
            break
        await let_others_work()
    items, cursor = page_of(_AUDIT, query, found, lambda entry: [entry.number], reached)
    content = {"items": [each.model_dump(mode="json") for each in items], "next_cursor": cursor}
    return Reply(content, headers=next_link(asked.request.path, query, cursor))


ROUTES = (
    Route(
        method="GET",
        path="/audit",
        name="list_audit",
        summary="List who asked for what, and what became of it, the newest first",
        role="operator",
        description=(
            "All that was asked for to change something, over the API or the console: the last "
            f"{CHUNK * CHUNKS}. What was turned away at once (no key, the role, a wrong body) is "
            f"not among it. {CHUNK * _MOST_CHUNKS} are looked at for one page."
        ),
        handler=_list,
        is_heavy=True,
        query=AuditQuery,
        answer=Page[AuditEntry],
        tags=("Audit",),
    ),
)
