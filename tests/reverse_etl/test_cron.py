"""What is taken for a cron expression, beside what Dagster takes."""

from __future__ import annotations

import pytest
from dagster._utils.schedules import is_valid_cron_schedule

from reverse_etl.config.cron import check_cron

GOOD = [
    "0 6 * * *",
    "*/5 * * * *",
    "0 6 * * MON-FRI",
    "15 6,18 1-7 jan,jul *",
    "0 6 * * 7",
    "1/5 * * * *",
    "0 6 29 2 *",
    "0 6 31 4,5 *",
    "0 6 31 2,3 *",
    "@daily",
]
BAD = [
    ("60 * * * *", "`60` is no minute (0 to 59)"),
    ("0 6 * *", "it has 4 fields, not 5"),
    ("0 6 * * * *", "it has 6 fields, not 5"),
    ("", "it has 0 fields"),
    ("0 6 0 * *", "`0` is no day of the month"),
    ("0 6 * * funday", "`funday` is no day of the week"),
    ("*/0 * * * *", "a step of 0"),
    ("0 6 31 2 *", "no day 31"),
    ("0 , * * *", "`` is no hour"),
    ("@reboot", "it has 1 fields"),
]


@pytest.mark.parametrize("text", GOOD)
def test_a_good_expression_is_taken_and_dagster_takes_it(text: str) -> None:
    assert check_cron(text) is None
    assert is_valid_cron_schedule(text)


@pytest.mark.parametrize(("text", "words"), BAD)
def test_a_bad_expression_is_told_in_words_before_dagster_sees_it(text: str, words: str) -> None:
    assert words in (check_cron(text) or "")
    assert not is_valid_cron_schedule(text)


def test_a_range_that_goes_backwards_is_refused_rather_than_guessed() -> None:
    assert "goes backwards" in (check_cron("0 22-2 * * *") or "")
