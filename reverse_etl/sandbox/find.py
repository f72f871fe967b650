"""The emulators: each kind's folder may hold one."""

from __future__ import annotations

import importlib
from importlib.util import find_spec

from reverse_etl import destinations
from reverse_etl.sandbox.emulator import Emulator


def emulator_classes() -> dict[str, type[Emulator]]:
    """Kind → the `EMULATOR` of its folder. A kind that needs no server, as a file does, has none."""
    found: dict[str, type[Emulator]] = {}
    for kind in destinations.kinds():
        name = f"{destinations.__name__}.{kind}.emulator"
        if find_spec(name) is not None:
            found[kind] = importlib.import_module(name).EMULATOR
    return found
