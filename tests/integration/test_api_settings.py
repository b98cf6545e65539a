"""Settings, gateways and P2P servers over the API, and labels of connectors."""

from collections.abc import AsyncIterator
from datetime import timedelta
from importlib.metadata import version

import pytest
from api_answers import promised, refused
from api_world import ApiWorld, api_world

from sdk.bus import keys
from sdk.bus.redis_bus import RedisBus
from sdk.ids import utc_now
from sdk.register import Register
from session_manager.api.own_process import OwnProcess
from tests.session_kit import CP, station_config

SETTINGS = {"CREDENTIAL_KEY": "***", "CHAIN_ID": "31337", "CONSOLE_ZONE": "Europe/Berlin"}


@pytest.fixture
async def api(redis_bus: RedisBus, redis_url: str) -> AsyncIterator[ApiWorld]:
    del redis_bus  # it has emptied the server
    async with api_world(redis_url, process=OwnProcess("console-1", SETTINGS)) as world:
        yield world


async def test_settings_and_who_is_there(api: ApiWorld) -> None:
    now = utc_now()
    long_ago = (now - timedelta(hours=1)).isoformat()
    await api.bus.write(keys.GATEWAYS, {"alive": now.isoformat(), "dead": long_ago})
    for peer, at in (("12D3KooWLive", now.isoformat()), ("12D3KooWGone", "damaged")):
        await api.bus.add_member(keys.P2P_SERVERS, peer)
        await api.bus.write(keys.p2p_server(peer), {"updated_at": at})
    refused(await api.get("/settings", role="viewer"), 403)
    told = promised("get_settings", await api.get("/settings", role="operator"))
    assert (told["server"], told["version"]) == ("console-1", version("noroam"))
    assert told["zone"] == "Europe/Berlin"
    secret = {each["name"] for each in told["settings"] if each["is_secret"]}
    assert secret == {"CREDENTIAL_KEY"}
    assert [(it["name"], it["is_alive"]) for it in told["gateways"]] == [
        ("alive", True),
        ("dead", False),
    ]
    assert [(it["peer_id"], it["is_alive"]) for it in told["p2p_servers"]] == [
        ("12D3KooWGone", False),
        ("12D3KooWLive", True),
    ]


async def test_a_label_to_print(api: ApiWorld) -> None:
    config = station_config().model_copy(update={"name": "Sage & <Söhne>"})
    await Register(api.bus).add(config)
    path = f"/charge-points/{CP}/connectors/2/label"
    svg = await api.get(f"{path}.svg", role="viewer")
    assert (svg.status, svg.headers["Content-Type"]) == (200, "image/svg+xml")
    assert f'filename="label-{CP}-2.svg"' in svg.headers["Content-Disposition"]
    assert "Connector 2" in svg.text
    assert "Sage &amp; &lt;Söhne&gt;" in svg.text
    large = await api.get(f"{path}.svg?size=a5")
    assert 'width="148mm"' in large.text
    url, key = f"{api.url}{path}.pdf", await api.key("viewer")
    async with api.http.get(url, headers={"X-API-Key": key}) as pdf:
        assert (pdf.content_type, (await pdf.read())[:5]) == ("application/pdf", b"%PDF-")
    refused(await api.get(f"/charge-points/{CP}/connectors/3/label.svg"), 404)
    refused(await api.get(f"{path}.svg?size=a4"), 422)
    refused(await api.get(f"{path}.svg", role=None), 401)
