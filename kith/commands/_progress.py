"""One line of progress on a terminal, none where stderr is a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console


@contextmanager
def watching(console: Console) -> Iterator[Callable[[str, int, int], None]]:
    """A function that is called with a name, its number and how many there are."""
    if not console.is_terminal:
        yield lambda name, number, total: None
        return
    with console.status("build") as status:
        yield lambda name, number, total: status.update(f"build   {number} of {total}  {name}")
