"""What the conformance cases share: their stage, and the record of what came of each."""

import sys
from collections.abc import AsyncIterator, Generator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))

from cases_world import Stage, stage
from conformance_document import keep
from conformance_traffic import NO_TRAFFIC, Traffic, traffic_of

_TRAFFIC = pytest.StashKey[Traffic]()
_PASSED = pytest.StashKey[bool]()


@pytest.fixture(name="stage")
async def stage_of_case(
    redis_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Stage]:
    """The stage of one case; what was exchanged on it is kept."""
    async with stage(redis_url, tmp_path) as running:
        yield running
    request.node.stash[_TRAFFIC] = await traffic_of(redis_url, running.cp)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep what came of a case once it is over."""
    report = yield
    case_id = getattr(getattr(item, "callspec", None), "params", {}).get("case_id")
    passed = report.passed and item.stash.get(_PASSED, True)
    item.stash[_PASSED] = passed
    if case_id is not None and report.when == "teardown":
        result = "passed" if passed else "failed"
        traffic: Traffic = item.stash.get(_TRAFFIC, NO_TRAFFIC)
        keep(case_id, result, traffic)
    return report
