"""Work on many rows: in little memory first, in more where that was too little."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from reverse_etl.errors import TooLittleMemory
from reverse_etl.memory import give_back
from reverse_etl.warehouse.base import Connection, Warehouse

T = TypeVar("T")


def in_large(warehouse: Warehouse, work: Callable[[Connection], T]) -> T:
    """What the work returns, done in one transaction.

    How much an engine must hold follows from the rows' width, their number and its threads, and is not known
    before: the work is done anew with more memory, and so must be harmless when it is given up and repeated.

    Raises:
        TooLittleMemory: all that there is was too little.
    """
    while True:
        give_back()
        try:
            with warehouse.connect(large=True) as connection:
                return work(connection)
        except TooLittleMemory:
            roomier = warehouse.roomier()
            if roomier is None:
                raise
            warehouse = roomier
        finally:
            give_back()
