"""The same tool with twenty records a request: then the network's delay is the limit, not the processor."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from benchmarks.syncs.kinds import tool
from reverse_etl.destinations import DestinationConfig

BATCH = 20


class SmallToolConfig(DestinationConfig):
    """An account without a credential."""

    kind: Literal["small_tool"]


KIND = replace(
    tool.KIND, name="small_tool", config=SmallToolConfig, limits=replace(tool.KIND.limits, batch=BATCH)
)
