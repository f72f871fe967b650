"""The limits of an account: its kind's, and its own."""

from __future__ import annotations

from reverse_etl.destinations.base import DestinationConfig, Kind, Limits


def effective_limits(kind: Kind, config: DestinationConfig) -> Limits:
    """The kind's limits, where the account does not say otherwise."""
    own = kind.limits
    return Limits(
        batch=min(config.batch or own.batch, own.batch),
        requests_per_second=config.requests_per_second or own.requests_per_second,
        concurrency=config.concurrency or own.concurrency,
        timeout_seconds=config.timeout_seconds or own.timeout_seconds,
        max_attempts=config.max_attempts or own.max_attempts,
        backoff_seconds=own.backoff_seconds if config.backoff_seconds is None else config.backoff_seconds,
        concurrency_is_stated=config.concurrency is not None,
        rate_is_stated=config.requests_per_second is not None,
    )
