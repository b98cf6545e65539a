"""Builds the web page into the wheel, where it is not built yet."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PageBuildHook(BuildHookInterface):  # type: ignore[type-arg] # the package's own default
    """Runs npm in `dui/` before the files are collected; an editable install needs no page."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build `dui/static`; raises `FileNotFoundError` where there is no npm."""
        page = Path(self.root) / "dui"
        if version == "editable" or (page / "static" / "index.html").is_file():
            return
        npm = shutil.which("npm")
        if npm is None:
            raise FileNotFoundError("building the page needs npm (Node 20 or newer)")
        for command in (["ci"], ["run", "build"]):
            subprocess.run([npm, *command], cwd=page, check=True)  # noqa: S603
