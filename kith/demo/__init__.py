"""Raw sources of a fictional shop, with the truth about who is who.

`generate(folder, people, seed, now)` writes `folder/raw/<schema>/<table>.parquet` in the shapes of Segment,
Shopify, HubSpot and Zendesk, and `folder/truth.csv` beside them: never load that one. A block of people is
made at a time, by columns: people → devices → carts of the last days → orders → visits → the tables that
each system would hold, then the mess that loaders add. `ana_tables` adds Ana Ruiz, whose
story is told at any size. `sources` adds what the same people do elsewhere: a room for each source.
"""

from kith.demo.clock import DEMO_NOW, demo_now
from kith.demo.generate import GeneratedTable, GenerateReport, generate

__all__ = ["DEMO_NOW", "GenerateReport", "GeneratedTable", "demo_now", "generate"]
