"""Measuring identity resolution against a known truth."""

from kith.identity.evaluate import Evaluation, TruthSummary, evaluate

__all__ = ["Evaluation", "TruthSummary", "evaluate"]
