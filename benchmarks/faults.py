"""The faults that the sync engine holds: what each is, how it is caused, and what must hold under it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One fault of docs/reliability.md."""

    number: int
    name: str
    cause: str
    holds: str


FAULTS = tuple(
    Fault(number, name, cause, holds)
    for number, (name, cause, holds) in enumerate(
        [
            (
                "A storm",
                "429, 503, cut connections, pages, cut and empty answers, refusals, all at once by rate",
                "everyone is there or rejected with a reason; the counts are the account's",
            ),
            (
                "`kill -9` at any moment",
                "a real process, killed at calls drawn by seed within plan, send, answers, journal and "
                "merge, at requests, and before its merge",
                "sent twice at most what was in flight; a third run sends nothing",
            ),
            ("An unchanged second run", "the same rows, in another order too", "no request"),
            (
                "One per cent changed",
                "ten of a thousand, with timestamps older than all that was sent",
                "exactly those are sent",
            ),
            ("A batch refused whole", "three records that refuse their batch", "halved until they are alone"),
            (
                "A record refused once",
                "refused, then accepted after a change or after its time",
                "waits, goes again, is listed no more",
            ),
            (
                "A limit with a ban",
                "10 requests a second, a ban for going over; 429 with seconds, a date, or nothing",
                "at least 95 % of the rate (median gap), no violation; it waits as long as it is told",
            ),
            (
                "The day's quota used up",
                "HubSpot's DAILY policy; a Retry-After of hours",
                "stops, keeps the plan, resumes without sending twice",
            ),
            (
                "A token revoked midway",
                "401 from one request on",
                "stops at once, names the reference, shows no value",
            ),
            (
                "An outage",
                "503, cut connections or 429 for every request, from the start or midway",
                "ends after few requests; what was delivered is kept",
            ),
            (
                "Hangs, cut answers, pages",
                "no answer; 200 with a page, with half a body, with nothing, with nobody named",
                "nothing is counted",
            ),
            (
                "A broken model",
                "no rows, 30 % fewer, null and repeated keys, a column gone, renamed, of another type",
                "refused before the first request",
            ),
            (
                "Consent withdrawn",
                "between plan and send, while a plan waits to be resumed, after delivery",
                "not sent; taken out where it was",
            ),
            (
                "Mapping or engine changed",
                "a field taken out of the sync; state of another digest version",
                "the full re-send is announced with its count, and needs a yes",
            ),
            (
                "Two runs at once",
                "a second run; a lock whose owner died",
                "the second refuses; the lock is free",
            ),
            (
                "State lost, damaged, disk full",
                "tables dropped, files overwritten, the journal deleted, no room from the start or midway",
                "refuses; never a silent full re-send",
            ),
            (
                "Answers that echo",
                "errors that hold the token and the request's rows",
                "neither is in any log, error, plan, journal or table",
            ),
            ("A redirect to another host", "302 to another server", "the token never arrives there"),
            (
                "Odd values",
                "nulls, emoji, quotes, line ends, formulas, 1 MB, NaN, infinity, over 2^53, on both engines",
                "they arrive equal",
            ),
            (
                "Changed again while retried",
                "a second change during the first one's retries, and after it was lost or refused",
                "the last wins",
            ),
            (
                "Clock, DNS, TLS",
                "a clock that jumps 30 days, between runs and within one; a name that is none; a certificate "
                "that nobody signed",
                "retried, or told by its class; nothing sent to a stranger",
            ),
        ],
        start=1,
    )
)
