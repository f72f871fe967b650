"""What a person does wrong before a build is told in one message; nothing is built of it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kith.load import load_folder
from reverse_etl.settings import PACKAGE_ROOT, Settings
from tests.path.ragged import TABLES
from tests.support.cli import run_kith
from tests.support.raw import tables_of, write_raw

pytestmark = pytest.mark.build

HOLD = """
import sys, time, duckdb
held = duckdb.connect(sys.argv[1])
print("held", flush=True)
time.sleep(60)
"""


def load(settings: Settings, folder: Path, **changed: str | None) -> None:
    """The ragged tables, some files replaced or left out."""
    names = {name.replace("/", "__").removesuffix(".csv"): name for name in TABLES}
    files = dict(TABLES)
    for key, content in changed.items():
        files.pop(names[key])
        if content is not None:
            files[names[key]] = content
    # Required columns are held at load too: what is tested here is a loader that is not ours.
    load_folder(settings, write_raw(folder, files))


def refused(settings: Settings, *words: str, code: int = 2, **extra: str) -> str:
    """The one message of a command that is refused; nothing of Kith's own was made."""
    ran = run_kith(settings, *words, extra=extra)
    assert ran.returncode == code, ran.stderr
    assert "Traceback" not in ran.stderr + ran.stdout
    schemas = ("staging", "intermediate", "marts", "activation")
    assert not any(tables_of(settings, *schemas).values())
    return ran.stderr


def test_a_required_table_that_is_absent_is_named_with_its_mend(
    any_settings: Settings, tmp_path: Path
) -> None:
    load(any_settings, tmp_path / "raw", zendesk__user=None)
    told = refused(any_settings, "build")
    assert "zendesk  required table `zendesk.user` is absent" in told
    assert "vars.zendesk.tables.user" in told


def test_a_required_column_that_a_loader_renamed_is_named_and_can_be_located(
    duckdb_settings: Settings, tmp_path: Path
) -> None:
    from reverse_etl.warehouse import open_warehouse

    load(duckdb_settings, tmp_path / "raw")
    with open_warehouse(duckdb_settings).connect() as connection:
        connection.execute('alter table shopify."order" rename column id to order_number')
    told = refused(duckdb_settings, "build")
    assert "required column `order.id` is absent from `shopify.order`" in told
    assert "vars.shopify.columns.order.id" in told

    mended = json.dumps({"shopify": {"columns": {"order": {"id": "order_number"}}}})
    built = run_kith(duckdb_settings, "build", "--vars", mended, "--select", "base_shopify__order")
    assert built.returncode == 0, built.stdout + built.stderr


def test_a_source_that_is_not_there_is_named_with_both_ways_out(
    duckdb_settings: Settings, tmp_path: Path
) -> None:
    load(duckdb_settings, tmp_path / "raw")
    told = refused(duckdb_settings, "build", "--vars", "{shopify: {schema: shopfy}}")
    assert "the schema `shopfy` is absent" in told
    assert "Nearest: `shopify`" in told
    assert "vars.shopify.enabled: false" in told


def test_variables_that_are_no_yaml_are_refused(duckdb_settings: Settings) -> None:
    assert "--vars is no YAML mapping" in refused(duckdb_settings, "build", "--vars", "{shopify: [")


def test_a_selection_that_names_nothing_is_no_good_build(duckdb_settings: Settings, tmp_path: Path) -> None:
    load_folder(duckdb_settings, write_raw(tmp_path / "raw", dict(TABLES)))
    said = refused(duckdb_settings, "build", "--select", "profils")
    assert "Nothing is selected by profils. Nothing was built." in said


def test_a_held_warehouse_is_waited_for_and_then_told(duckdb_settings: Settings, tmp_path: Path) -> None:
    load(duckdb_settings, tmp_path / "raw")
    with held(duckdb_settings.home / "warehouse.duckdb"):
        ran = run_kith(duckdb_settings, "build", extra={"KITH_LOCK_WAIT": "1"})
    assert ran.returncode == 1
    assert "is being used by another process" in ran.stderr
    assert "Nothing was changed" in ran.stderr
    assert "KITH_LOCK_WAIT" in ran.stderr


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Another process holds the file."""
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout
        assert holder.stdout.readline().strip() == "held"
        yield
    finally:
        holder.kill()
        holder.wait()


def test_a_server_that_does_not_answer_is_told_without_the_password(postgres_settings: Settings) -> None:
    ran = run_kith(
        postgres_settings,
        "build",
        extra={
            "KITH_POSTGRES_HOST": "127.0.0.1",
            "KITH_POSTGRES_PORT": "9",
            "DBT_ENV_SECRET_KITH_POSTGRES_PASSWORD": "canary-password",
        },
    )
    assert ran.returncode == 1
    assert "cannot be reached" in ran.stderr
    assert "canary-password" not in ran.stderr + ran.stdout
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [("kith: [", "profiles.yml:1  is no YAML"), ("other: {}", "has no `kith: outputs:`")],
)
def test_a_broken_profile_is_told_by_line(
    duckdb_settings: Settings, tmp_path: Path, text: str, told: str
) -> None:
    (tmp_path / "profiles.yml").write_text(text)
    ran = run_kith(duckdb_settings, "build", extra={"DBT_PROFILES_DIR": str(tmp_path)})
    assert ran.returncode == 2
    assert told in ran.stderr


def test_a_model_with_a_mistake_fails_its_build_and_leaves_the_former_one(
    duckdb_settings: Settings, tmp_path: Path
) -> None:
    load(duckdb_settings, tmp_path / "raw")
    tickets = ("build", "--select", "+stg_zendesk__tickets")
    assert run_kith(duckdb_settings, *tickets).returncode == 0
    files = [duckdb_settings.home / name for name in ("warehouse.duckdb", "warehouse.read.duckdb")]
    before = [file.read_bytes() for file in files]

    project = tmp_path / "project"
    shutil.copytree(
        PACKAGE_ROOT / "dbt_project", project / "dbt_project", ignore=shutil.ignore_patterns("target")
    )
    (project / "reverse_etl").mkdir()
    shutil.copy(PACKAGE_ROOT / "profiles.example.yml", project)
    broken = project / "dbt_project" / "models" / "staging" / "zendesk" / "stg_zendesk__tickets.sql"
    broken.write_text(broken.read_text().replace("select * from final", "select nothing from final"))
    ran = run_kith(duckdb_settings, *tickets, extra={"KITH_PROJECT": str(project)})
    assert ran.returncode == 1
    assert "model stg_zendesk__tickets" in ran.stdout
    assert "Traceback" not in ran.stderr
    assert "failed/warehouse.duckdb" in ran.stdout
    assert [file.read_bytes() for file in files] == before


BUILD_WITH_A_LIMIT = """
import resource, sys
limit = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
from kith.cli import main
main(["build", "--select", "path:models/staging/shopify"])
"""


def test_a_disk_that_fills_during_a_build_is_told_once_and_changes_nothing(
    duckdb_settings: Settings, tmp_path: Path
) -> None:
    load(duckdb_settings, tmp_path / "raw")
    warehouse = duckdb_settings.home / "warehouse.duckdb"
    run_kith(duckdb_settings, "doctor")
    before = warehouse.read_bytes()
    ran = subprocess.run(
        [sys.executable, "-c", BUILD_WITH_A_LIMIT, str(len(before) + 500_000)],
        env=dict(duckdb_settings.environment),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert ran.stderr.count("is full") == 1
    assert "Traceback" not in ran.stderr
    assert "Logging error" not in ran.stderr
    assert not any(tables_of(duckdb_settings, "staging", "marts").values())
    left = [file.name for file in duckdb_settings.home.rglob("warehouse*")]
    assert left == ["warehouse.duckdb"]


# A process of root's without the right to write where the mode forbids it.
AS_ANYBODY = """
import ctypes, sys
libc = ctypes.CDLL(None, use_errno=True)
header = (ctypes.c_uint32 * 2)(0x20080522, 0)
sets = (ctypes.c_uint32 * 6)()
if libc.capget(header, sets) == 0:
    for number in range(2):
        sets[number] &= ~0b110
    libc.capset(header, sets)
from kith.cli import main
main(sys.argv[1:])
"""


def test_a_read_only_folder_is_told_and_stays_empty(tmp_path: Path) -> None:
    from tests.conftest import make_settings

    home = tmp_path / "closed"
    home.mkdir()
    home.chmod(0o555)
    for words in (["build"], ["load", str(write_raw(tmp_path / "raw", dict(TABLES)))]):
        ran = subprocess.run(
            [sys.executable, "-c", AS_ANYBODY, *words],
            env=dict(make_settings(home, "duckdb").environment),
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 1, ran.stderr
        assert "Traceback" not in ran.stderr
        assert "cannot be written" in ran.stderr
        assert list(home.iterdir()) == []
