"""Raw tables from files: `load_folder` takes DIR/<schema>/<table>.(csv|parquet|jsonl) in one transaction."""

from kith.load.folder import LoadedTable, LoadReport, load_folder

__all__ = ["LoadReport", "LoadedTable", "load_folder"]
