"""The API by its own document: schemathesis asks what it says, and what it does not say."""

import asyncio
import sys
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path

import pytest
from api_world import answering, api_and_gateway
from identity_world import own_process
from schemathesis_hooks import OTHER, POINT
from willing_point import WILLING

from sdk.chain.accounts import new_key
from sdk.chain.dev_node import DevNode
from sdk.events.ocpp16.messages import FROM_CENTRAL_SYSTEM
from session_manager import access

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
)
WITHIN_S = 170
HOOKS = Path(__file__).parents[1] / "support" / "schemathesis_hooks.py"
CONFIG = """
seed = 20261126
continue-on-failure = true
hooks = "{hooks}"
request-timeout = 10
max-stream-events = 1
warnings = false

[headers]
Authorization = "Bearer {key}"

[phases.stateful]
enabled = false

[phases.coverage]
unexpected-methods = ["PATCH", "TRACE"]

[generation]
max-examples = 3
deterministic = true
database = "none"

# Its examples would take away the one that all others ask about.
[[operations]]
include-method = "DELETE"
include-path = "/api/v1/charge-points/{{charge_point_id}}"
phases.examples.enabled = false

# Streams end only then.
[[operations]]
include-path-regex = "/events$"
request-timeout = 1
"""


@pytest.mark.usefixtures("redis_bus")
async def test_it_does_as_its_document_says(
    redis_url: str, chain_node: DevNode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # each wrong key is to be answered as one, however many are tried
    monkeypatch.setattr(access, "WRONG_KEYS", 1_000_000)
    async with (
        own_process(chain_node, new_key()) as process,
        api_and_gateway(redis_url, process=process) as (world, gateway),
    ):
        await gateway.register(POINT)
        await gateway.register(OTHER)
        async with gateway.point(POINT) as point:
            point.answers = dict(WILLING)
            async with answering(point):
                config = tmp_path / "schemathesis.toml"
                values = {"hooks": HOOKS, "key": await world.key()}
                config.write_text(CONFIG.format(**values))
                code, report = await schemathesis(config, f"{world.url}/openapi.json")
    assert code == 0, report
    asked = {action for action, _ in point.asked}
    assert asked >= set(FROM_CENTRAL_SYSTEM), "the charge point was lost on the way"


async def schemathesis(config: Path, url: str) -> tuple[int | None, str]:
    """Run it as a process of its own; give its exit code and its report."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config)),
        *("run", url, "--no-color", "--checks", ",".join(CHECKS)),
        cwd=config.parent,
        stdout=PIPE,
        stderr=STDOUT,
    )
    async with asyncio.timeout(WITHIN_S):
        report, _ = await process.communicate()
    return process.returncode, report.decode()
