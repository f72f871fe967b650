"""The one seam between Python and a warehouse: short connections, SQL in, Arrow out."""

from reverse_etl.warehouse.base import Connection, Warehouse
from reverse_etl.warehouse.large import in_large
from reverse_etl.warehouse.open import open_warehouse

__all__ = ["Connection", "Warehouse", "in_large", "open_warehouse"]
