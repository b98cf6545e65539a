"""A page that is older than its sources is told, and nothing else is."""

import os
from pathlib import Path

import pytest
from built_pages import BuiltPage, check_built

SOURCES = ("index.html", "src/main.ts")
NO_SOURCES = ("src/main.test.ts", "README.md", "node_modules/a/index.js", "static/assets/a.js")


def write(file: Path, at: float) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("")
    os.utime(file, (at, at))


@pytest.fixture
def page(tmp_path: Path) -> BuiltPage:
    for name in SOURCES:
        write(tmp_path / name, 1_000)
    write(tmp_path / "static" / "index.html", 2_000)
    return BuiltPage(tmp_path, tmp_path / "static", "build it")


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_that_is_newer_fails_the_test(page: BuiltPage, name: str) -> None:
    check_built(page)
    write(page.sources / name, 3_000)
    assert page.fault() == (
        f"{page.output} is older than {page.sources / name}, "
        "so this would test the old page: build it"
    )


@pytest.mark.parametrize("name", NO_SOURCES)
def test_what_it_is_not_built_from_may_be_newer(page: BuiltPage, name: str) -> None:
    write(page.sources / name, 3_000)
    check_built(page)


def test_a_page_that_is_not_built_fails_the_test(page: BuiltPage) -> None:
    (page.output / "index.html").unlink()
    with pytest.raises(pytest.fail.Exception, match="holds no page yet: build it"):
        check_built(page)
