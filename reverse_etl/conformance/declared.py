"""What a kind says of itself is true."""

from __future__ import annotations

from pydantic import ValidationError

from reverse_etl.conformance.bench import Bench
from reverse_etl.destinations import kinds

MODES = {"insert", "update", "upsert", "mirror", "event"}
REMOVALS = {"leave", "clear", "archive", "delete"}
POLICIES = {"always", "fill_empty", "ours_until_edited", "forward_only"}
REFERENCES = ("env:", "file:", "keyring:")


def the_kind_is_found_by_the_name_of_its_folder(bench: Bench) -> None:
    """`kind: x` in destinations.yml is the folder destinations/x."""
    assert bench.subject.kind.name in kinds(), (
        f"no folder of destinations is called {bench.subject.kind.name}"
    )


def capabilities_and_limits_are_of_the_known_words(bench: Bench) -> None:
    """A capability that nobody knows would be refused or, worse, passed over."""
    kind, can = bench.subject.kind, bench.subject.can
    assert can.modes and can.modes <= MODES, f"modes {sorted(can.modes)} of {sorted(MODES)}"
    assert can.on_removed and can.on_removed <= REMOVALS, f"on_removed {sorted(can.on_removed)}"
    assert "always" in can.write <= POLICIES, f"write {sorted(can.write)}"
    assert can.on_removed == {"leave"} or can.modes & {"mirror", "upsert"}, "only mirror and upsert remove"
    assert can.on_withdrawn in can.on_removed, "on_withdrawn is one of on_removed"
    assert not can.merges or (can.written_key and "mirror" in can.modes), (
        "merges needs written_key and mirror"
    )
    assert can.written_key is None or can.written_key in can.match, "written_key is one of match"
    assert ("forward_only" in can.write) == bool(can.ordered), "forward_only needs `ordered`, and it alone"
    least = min(kind.limits.batch, kind.limits.requests_per_second, kind.limits.concurrency)
    assert least > 0, "limits are above zero"
    assert bool(kind.snapshot) == can.snapshot, "an object with snapshot=True has a kind that gives one"


def unknown_settings_and_literal_secrets_are_refused(bench: Bench) -> None:
    """An account's secrets are references."""
    kind, entry = bench.subject.kind, bench.subject.entry
    secrets = [name for name, value in entry.items() if str(value).startswith(REFERENCES)]
    wrong = [{**entry, "no_such_setting": 1}, *({**entry, name: "s3cret-s3cret"} for name in secrets)]
    for changed in wrong:
        try:
            kind.config.model_validate(changed)
        except ValidationError:
            continue
        raise AssertionError("the configuration takes an unknown setting, or a secret that is no reference")
    reference = kind.config.model_validate(entry).secret_reference()
    assert reference in [None, *(entry[name] for name in secrets)], "secret_reference() is the account's own"
    assert (reference is None) == (not secrets), "secret_reference() names the secret of the account"


def the_sandbox_takes_the_account_s_place(bench: Bench) -> None:
    """Nothing is sent to the account's own address or folder."""
    told = bench.config.model_dump(exclude_none=True)
    places = [str(bench.folder), bench.sandbox.base_url]
    assert any(str(value).startswith(place) for value in told.values() for place in places), (
        "sandboxed() gives a configuration that does not lead to the sandbox"
    )


def requests_carry_full_batches_and_no_more(bench: Bench) -> None:
    """The declared batch is what a request holds."""
    batch = bench.subject.kind.limits.batch
    records = bench.records(2 * batch + 1)
    bench.assert_delivered(records, bench.send(records))
    assert bench.emulator.largest == batch, f"the fullest request had {bench.emulator.largest}, not {batch}"


def requests_keep_to_the_rate(bench: Bench) -> None:
    """Whatever a batch needs, reads included, goes through the limiter."""
    rate = 25
    sent = bench.send(bench.records(10), size=1, requests_per_second=rate, concurrency=8)
    assert len(sent.acknowledged) == 10, "not all were delivered"
    moments = bench.emulator.moments
    seen = (len(moments) - 1) / (moments[-1] - moments[0])
    assert seen <= rate, f"{seen:.1f} requests a second, {rate} allowed"


CHECKS = [
    the_kind_is_found_by_the_name_of_its_folder,
    capabilities_and_limits_are_of_the_known_words,
    unknown_settings_and_literal_secrets_are_refused,
    the_sandbox_takes_the_account_s_place,
]
SENT = [requests_carry_full_batches_and_no_more, requests_keep_to_the_rate]
