"""A station's identity over the API, held against a real chain: now, before, and given up."""

from collections.abc import AsyncIterator

import pytest
from api_answers import promised, refused
from identity_manager import managed
from identity_world import POINT, SERVER, IdentityWorld, identity_world

from sdk.bus.redis_bus import RedisBus
from sdk.chain.addresses import Deployment
from sdk.chain.dev_node import CHAIN_ID, DevNode
from sdk.did.identifier import EthrDid
from sdk.did.registry import DidRegistry
from sdk.did.registry_events import NOBODY
from sdk.did.resolver import read_document_of_station
from sdk.did.revocation import revocation
from sdk.did.signed_calls import Changes

PATH = f"/charge-points/{POINT}/identity"


@pytest.fixture
async def world(
    redis_bus: RedisBus, redis_url: str, chain_node: DevNode
) -> AsyncIterator[IdentityWorld]:
    del redis_bus  # it has emptied the server
    async with identity_world(redis_url, chain_node) as world:
        await world.register()
        yield world


async def test_what_is_kept_before_anything_was_found_out(world: IdentityWorld) -> None:
    kept = promised("get_identity", await world.api.get(PATH, role="viewer"))
    assert (kept["did"], kept["state"], kept["document"]) == (str(world.did), "checking", None)
    assert kept["qr"] == [f"{world.did}?connector=1", f"{world.did}?connector=2"]
    credential = kept["credential"]
    assert EthrDid.parse(credential["issuer"]).address == world.authority.address
    assert (credential["expired"], credential["revoked"]) == (False, None)
    found = promised("get_identity_on_chain", await world.api.get(f"{PATH}/chain"))
    assert (found["trusted"], found["reason"]) == (False, "not_onboarded")
    assert (found["changed_at"], found["station"], found["same_as_kept"]) == (0, None, False)
    refused(await world.api.get("/charge-points/NONE/identity"), 404)


async def test_a_document_is_published_and_then_given_up(world: IdentityWorld) -> None:
    api = world.api
    refused(await api.call("POST", f"{PATH}/publish", role="viewer"), 403)
    async with managed(world):
        told = promised("publish_identity", await api.call("POST", f"{PATH}/publish"))
        assert (told["outcome"], len(told["transactions"])) == ("published", 1)
        again = promised("publish_identity", await api.call("POST", f"{PATH}/publish"))
        assert (again["outcome"], again["transactions"]) == ("published", [])
        now = promised("get_identity_on_chain", await api.get(f"{PATH}/chain", role="viewer"))
        assert (now["trusted"], now["server"], now["deactivated"]) == (True, SERVER, False)
        assert now["station"]["peer_id"] == world.server.peer_id
        assert now["credential"]["revoked"] is False
        assert [each["role"] for each in now["balances"]] == ["station", "gas"]
        gone = await api.call("POST", f"{PATH}/deactivate", {"did": str(world.did)})
        gone = promised("deactivate_identity", gone)
        assert (gone["outcome"], gone["reason"]) == ("deactivated", None)
        twice = await api.call("POST", f"{PATH}/deactivate", {"did": str(world.did)})
        assert promised("deactivate_identity", twice)["reason"] == "already_deactivated"
    after = (await api.get(f"{PATH}/chain")).json
    assert (after["deactivated"], after["reason"]) == (True, "did_deactivated")
    before = (await api.get(f"{PATH}/chain?block={now['changed_at']}")).json
    assert (before["trusted"], before["next_change"]) == (True, after["changed_at"])
    refused(await api.get(f"{PATH}/chain?block=99999999"), 422)
    changes = promised("list_identity_changes", await api.get(f"{PATH}/history?limit=1"))
    (last,) = changes["items"]
    assert last["changes"][0]["text"] == "given up"
    assert (last["owner"], last["changes"][0]["value"]) == (world.key.address, NOBODY)
    rest = await api.get(f"{PATH}/history?limit=5&cursor={changes['next_cursor']}")
    (first,) = promised("list_identity_changes", rest)["items"]
    assert (first["block"], first["owner"]) == (now["changed_at"], world.key.address)
    assert {each["kind"] for each in first["changes"]} == {"attribute"}


async def test_another_did_is_not_given_up(world: IdentityWorld) -> None:
    body = {"did": f"did:ethr:{CHAIN_ID:#x}:{world.authority.address}"}
    told = await world.api.call("POST", f"{PATH}/deactivate", body)
    assert "wrong" in refused(told, 422)
    assert told.json["errors"][0]["pointer"] == "/did"
    own = {"did": str(world.did)}
    refused(await world.api.call("POST", f"{PATH}/deactivate", own, role="operator"), 403)
    alone = promised("deactivate_identity", await world.api.call("POST", f"{PATH}/deactivate", own))
    assert (alone["outcome"], alone["reason"]) == ("failed", "no_manager")


async def test_a_credential_that_was_revoked_is_told(world: IdentityWorld) -> None:
    onboarding = world.onboarding()
    await onboarding.publish(POINT)
    registry = DidRegistry(world.client, Deployment())
    token = read_document_of_station(await registry.read(world.did)).credential
    authority = EthrDid(CHAIN_ID, world.authority.address)
    taken = Changes(set=(revocation(token),))
    await registry.change(authority, taken, world.authority, world.sender)
    found = promised("get_identity_on_chain", await world.api.get(f"{PATH}/chain"))
    assert (found["trusted"], found["reason"]) == (False, "credential_revoked")
    assert found["credential"]["revoked"] is True
