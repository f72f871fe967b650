"""A process of Kith's own command holds no more than it uses."""

from __future__ import annotations

import subprocess
import sys

import pytest

from reverse_etl import memory

LOOKS = "import sys, pyarrow as pa; from reverse_etl.memory import hold_little; hold_little(); "


@pytest.mark.parametrize("looks", ["pa.array(['a'])", "pa.scalar('a')", "pa.repeat('a', 3)"])
def test_values_become_arrow_without_pandas(looks: str) -> None:
    _run(f"{LOOKS} {looks}; assert 'pandas' not in sys.modules")


def test_who_asks_for_pandas_gets_it() -> None:
    _run(f"{LOOKS} import pandas; assert pa.table({{'a': [1]}}).to_pandas()['a'].tolist() == [1]")


def test_what_was_freed_is_given_back() -> None:
    _run(
        "import gc, resource; from pathlib import Path; from reverse_etl.memory import give_back\n"
        "def held(): return int(Path('/proc/self/statm').read_text().split()[1]) * resource.getpagesize()\n"
        "import pyarrow; kept = [bytearray(60_000) for _ in range(4_000)]; last = bytearray(60_000)\n"
        "full = held(); del kept; gc.collect(); give_back()\n"
        "assert held() < full - 200_000_000, (full, held())"
    )


def test_where_the_c_library_has_no_word_for_it_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_library", lambda: None)
    memory.give_back()


def _run(code: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
