"""Pages of docs/ that say what to do: their files are written, their commands run, as they stand."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from reverse_etl.settings import PACKAGE_ROOT

FILE = re.compile(
    r"^\*\*`(?P<path>[^`]+)`\*\*(?: under `(?P<under>[^`]+)`|(?P<end> at the end))?\n"
    r"```\w+\n(?P<text>.*?)^```",
    re.M | re.S,
)


class Page:
    """A page by its file's name in docs/."""

    def __init__(self, name: str) -> None:
        self.text = (PACKAGE_ROOT / "docs" / name).read_text(encoding="utf-8")

    def write_files(self, root: Path) -> list[str]:
        """Each file of the page in its place, under the line that the page names, or at the end."""
        paths = []
        for block in FILE.finditer(self.text):
            path = root / block["path"]
            path.parent.mkdir(parents=True, exist_ok=True)
            before, after = "", ""
            if block["end"]:
                before = path.read_text()
            elif block["under"]:
                before, line, after = path.read_text().partition(f" {block['under']}\n")
                assert line, f"{block['path']} has no line {block['under']}"
                before += line
            path.write_text(before + block["text"] + after)
            paths.append(block["path"])
        return paths

    def commands(self) -> list[list[str]]:
        """The words of each command, in order."""
        blocks = re.findall(r"^```sh\n(.*?)^```", self.text, re.M | re.S)
        return [shlex.split(line) for block in blocks for line in block.splitlines()]

    def has_only_files_and_commands(self) -> bool:
        """True when every block is one of both."""
        files = len(list(FILE.finditer(self.text)))
        return len(re.findall(r"^```\w", self.text, re.M)) == files + self.text.count("```sh\n")
