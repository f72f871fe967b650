"""dbt in process, and the read copy that is published after a good build."""

from kith.build.publish import publish_read_copy, read_copy
from kith.build.report import BuildReport, NodeResult
from kith.build.run import build, describe_failures, parse
from kith.build.staged import staged_build

__all__ = [
    "BuildReport",
    "NodeResult",
    "build",
    "describe_failures",
    "parse",
    "publish_read_copy",
    "read_copy",
    "staged_build",
]
