"""The gate before activation: holds a sync, never a build, when its model is unlike the last good one."""

from reverse_etl.gate.check import accept_gate, check_gate, look_at_gate, require_gate
from reverse_etl.gate.report import Expectation, GateReport, GateSpec
from reverse_etl.gate.spec import gate_spec

__all__ = [
    "Expectation",
    "GateReport",
    "GateSpec",
    "accept_gate",
    "check_gate",
    "gate_spec",
    "look_at_gate",
    "require_gate",
]
