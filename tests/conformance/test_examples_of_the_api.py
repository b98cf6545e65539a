"""Every example of the API document is answered by the charge point as the demo runs it."""

from pathlib import Path

from cases_world import stage

from sdk.events.charge_point import ChargePointBooted, ChargePointConnected, ConnectorStatusChanged
from session_manager.api.examples import EXAMPLES

AS_IN_THE_DEMO = {"connectors": 1, "ca_file": "", "authorize": False, "wait_for_cable": False}


async def test_every_example_is_answered(redis_url: str, tmp_path: Path) -> None:
    answers = {}
    async with stage(redis_url, tmp_path) as running, running.charge_point(**AS_IN_THE_DEMO):
        await running.news.next(ChargePointConnected)
        for operation, example in EXAMPLES.items():
            answer = await running.ask(operation, dict(example))
            answers[operation] = answer.outcome
            if operation == "Reset":
                await running.news.next(ChargePointBooted)
            if operation in ("Reset", "ReplacePassword"):
                await running.news.next(ChargePointConnected)
                await running.news.next(ConnectorStatusChanged, 0)
    assert answers == dict.fromkeys(EXAMPLES, "answered")
