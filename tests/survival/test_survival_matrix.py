"""Every phase meets every fault, and every session ends as it should, to the last unit."""

from pathlib import Path

import pytest
import pytest_asyncio
from survival_run import Result, keep, run_fault
from survival_tables import cells, expected_end

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]


class Matrix:
    """Runs a fault when its first cell is asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._results: dict[str, dict[str, Result]] = {}

    async def cell(self, phase: str, fault: str) -> Result:
        if fault not in self._results:
            self._results[fault] = {}
            results = await run_fault(fault, self._folder / fault)
            self._results[fault] = results
            keep(fault, results)
        if not self._results[fault]:
            pytest.fail(f"no session met {fault}: see its first cell", pytrace=False)
        return self._results[fault][phase]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def matrix(tmp_path_factory: pytest.TempPathFactory) -> Matrix:
    return Matrix(tmp_path_factory.mktemp("survival"))


@pytest.mark.parametrize(("phase", "fault"), cells(), ids=lambda name: name)
async def test_a_session_survives(matrix: Matrix, phase: str, fault: str) -> None:
    result = await matrix.cell(phase, fault)
    assert not result.faults, f"after {result.seconds} s {result.end}: {result.faults}"
    assert result.end == expected_end(phase, fault)
