"""Each sync as an asset, and the gate before it as a blocking check on the model that it reads."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import dagster as dg

from kith.alerts.noted import noting_sync
from kith.build import publish_read_copy
from orchestration.assets.models import kith_models
from orchestration.project import pool_beside_models, settings
from reverse_etl.api.gate import gate_for, gate_sync
from reverse_etl.api.run import run_sync
from reverse_etl.config import SyncFile, load_definitions
from reverse_etl.config.problems import refuse
from reverse_etl.errors import PermanentError

SANDBOX_VARIABLE = "KITH_SYNC_SANDBOX"


def model_key(file: SyncFile) -> dg.AssetKey:
    """The asset of the activation model that a sync reads."""
    found = {key.path[-1]: key for key in kith_models.keys}
    if file.model not in found:
        raise dg.DagsterInvalidDefinitionError(f"The model {file.model} is not in the dbt project.")
    return found[file.model]


def sync_key(name: str) -> dg.AssetKey:
    """The asset of a sync."""
    return dg.AssetKey(["sync", name])


def gate_key(name: str, file: SyncFile) -> dg.AssetCheckKey:
    """The gate of a sync, a check of the model that it reads."""
    return dg.AssetCheckKey(model_key(file), f"gate_{name}")


def make_gate(name: str, file: SyncFile) -> dg.AssetChecksDefinition:
    """The gate of a sync: fails with numbers, and then nothing downstream of the model runs."""

    @dg.asset_check(
        asset=model_key(file),
        name=gate_key(name, file).name,
        blocking=True,
        description="Held when it fails.",
    )
    def gate() -> dg.AssetCheckResult:
        report = gate_sync(settings(), name)
        metadata: dict[str, Any] = {found.claim: found.observed for found in report.expectations}
        return dg.AssetCheckResult(passed=report.passed, description=report.summary(), metadata=metadata)

    return gate


def make_asset(name: str, file: SyncFile) -> dg.AssetsDefinition:
    """The sync: planned, sent, acknowledged; what was rejected or held back is in its metadata."""

    @dg.asset(
        key=sync_key(name),
        deps=[model_key(file)],
        group_name="syncs",
        owners=[file.owner],
        description=file.description,
        kinds={file.destination},
        pool=pool_beside_models(),
    )
    def sync() -> dg.MaterializeResult[None]:
        found = settings()
        sandbox = found.environment.get(SANDBOX_VARIABLE) == "1"
        with nullcontext() if sandbox else noting_sync(found, name):
            report = run_sync(found, name, sandbox=sandbox or None, gate=gate_for(found, name))
        publish_read_copy(found)
        if report.error:
            raise PermanentError(f"{name}: {report.error}")
        return dg.MaterializeResult(
            metadata={
                "delivered": report.delivered,
                "rejected": report.rejected,
                "deferred": report.deferred,
                "held back": sum(report.held.values()),
                "reasons": dg.MetadataValue.json({**report.held, **report.reasons}),
                "plan": report.plan_id,
            }
        )

    return sync


def read_syncs() -> dict[str, SyncFile]:
    """Name → file of every sync; a mistake in one stops the definitions from loading."""
    found = load_definitions(settings())
    refuse(found.problems)
    return {name: sync.file for name, sync in found.syncs.items()}


syncs = read_syncs()
sync_gates = [make_gate(name, file) for name, file in syncs.items()]
sync_assets = [make_asset(name, file) for name, file in syncs.items()]
