"""What a command, a pipeline or a web page calls: functions that return data, and raise KithError.

validate.validate_syncs(settings)               → Validation
plan.plan_sync(settings, name)                  → Plan
run.run_sync(settings, name, sandbox=…, …)      → RunReport
approve.approve_plan(settings, id, who, reason) → Approval
gate.gate_sync(settings, name)                  → GateReport
status.sync_status(settings)                    → list[SyncStatus]
drift.sync_drift(settings, name)                → Drift
resync.resync_sync(settings, name, fields)      → Resync
undo.plan_undo(settings, run_id)                → Plan
undo.undo_run(settings, run_id)                 → RunReport
restore.restore_sync(settings, name)            → list[Restored]
forget.forget_people(settings, people)          → int
rejects.sync_rejects(settings, names)           → list[Reject]
exposures.write_exposures(settings)             → Exposures
"""
