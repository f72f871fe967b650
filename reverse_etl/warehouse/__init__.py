"""The one seam between Python and a warehouse: short connections, SQL in, Arrow out."""

from reverse_etl.warehouse.base import Connection, Warehouse
from reverse_etl.warehouse.open import open_warehouse

__all__ = ["Connection", "Warehouse", "open_warehouse"]
