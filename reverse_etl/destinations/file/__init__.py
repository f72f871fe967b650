"""A file as a destination: after a run its content is exactly the rows that may be sent."""

from reverse_etl.destinations.base import Capabilities, Kind, Limits
from reverse_etl.destinations.file.config import FileConfig, sandboxed
from reverse_etl.destinations.file.content import open_content

_CONTENT = Capabilities(
    modes=frozenset({"mirror"}), on_removed=frozenset({"delete"}), on_withdrawn="delete", snapshot=True
)

KIND = Kind(
    name="file",
    config=FileConfig,
    objects={"csv": _CONTENT, "parquet": _CONTENT},
    limits=Limits(batch=10_000),
    snapshot=open_content,
    sandboxed=sandboxed,
)
