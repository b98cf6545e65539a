"""Endpoint: what changed of a station's DID on the chain."""

from session_manager.api.charge_points import config_asked, config_read
from session_manager.api.identities import PATH, SILENT, TAGS, did_of
from session_manager.api.identities_shown import IdentityChanges, change_shown, owners
from session_manager.api.own_chain import chain_answers, chain_of
from session_manager.api.paging import Page, Paging, next_link, page_of, place_of
from session_manager.api.routes import Asked, Reply, Route


async def _history(asked: Asked) -> Reply:
    config, chain = config_read(asked, await config_asked(asked)), chain_of(asked)
    query, kind = asked.query, f"identity {config.charge_point_id}"
    place, did = place_of(kind, query, int), did_of(config)
    with chain_answers():
        history = await chain.registry.history(did)
        found = [
            (block, owner)
            for block, owner in zip(history, owners(did, history), strict=True)
            if place is None or block.number < int(place[0])
        ][::-1]
        items, cursor = page_of(kind, query, found, lambda each: [each[0].number])
        shown = [
            IdentityChanges(
                block=block.number,
                at=(await chain.client.block(block.number)).timestamp,
                owner=owner,
                changes=[change_shown(event) for event in block.events],
            )
            for block, owner in items
        ]
    content = {"items": [each.model_dump(mode="json") for each in shown], "next_cursor": cursor}
    return Reply(content, headers=next_link(asked.request.path, query, cursor))


ROUTES = (
    Route(
        method="GET",
        path=f"{PATH}/history",
        name="list_identity_changes",
        summary="List what changed of a station's DID on the chain, the newest first",
        role="viewer",
        handler=_history,
        is_heavy=True,
        query=Paging,
        answer=Page[IdentityChanges],
        tags=TAGS,
        also=SILENT,
    ),
)
