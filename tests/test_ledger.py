"""The ledger: what was already sent fills the windows before the plan; every fault of a log is said at its line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.running import same, tactful, write

FILES = {
    "tactful.yaml": "tactful: 1\ntimezone: Asia/Shanghai\n",
    "customers.yaml": """customers:
  attributes:
    city: {type: choice, values: [hangzhou, shanghai], changes: never}
    first_purchase: {type: date, changes: never}
    likes: {type: labels, values: [coffee, tea], changes: never}
""",
    "policies/house.yaml": """policy: house
rules:
  - {rule: two-a-week, kind: frequency-cap, match: {purpose: promotion}, at_most: 2, per: 7d}
""",
    "campaigns/spring.yaml": """campaign: spring
purpose: promotion
audience: {city: hangzhou, first_purchase: present}
touches:
  - channel: sms
    at: 2026-03-02 10:00
""",
    "ledger.yaml": "ledger: february\nuntil: 2026-02-28\npurpose: promotion\nlog: data/contacts.csv\n",
    "data/contacts.csv": """customer,channel,at,city,first_purchase,likes
c1,sms,2026-02-27 10:00,hangzhou,2025-01-05,coffee;tea
c1,sms,2026-02-28 10:00,hangzhou,2025-01-05,coffee;tea
c2,sms,2026-02-28 10:00,hangzhou,absent,
c3,sms,2026-02-28 10:00,hangzhou,2025-01-05,
""",
}


def check(root: Path, **changed: str) -> tuple[int, str]:
    write(
        root,
        FILES
        | {
            name.replace("__", "/").replace("_yaml", ".yaml").replace("_csv", ".csv"): text
            for name, text in changed.items()
        },
    )
    ran = tactful("check", "--as-of", "2026-03-01", at=root)
    return ran.code, ran.out


def test_a_log_fills_the_window(tmp_path: Path) -> None:
    """c1 got two; c2 never bought; c3 got one."""
    code, out = check(tmp_path)
    same("ledger-log.txt", out)
    assert code == 1


def test_one_row_less_and_nobody_gets_too_much(tmp_path: Path) -> None:
    rows = FILES["data/contacts.csv"].splitlines(keepends=True)
    code, out = check(tmp_path, data__contacts_csv="".join([rows[0], *rows[2:]]))
    assert code == 0, out


def test_the_ledger_stands_for_what_was_planned_until_then(tmp_path: Path) -> None:
    rows = FILES["data/contacts.csv"].splitlines(keepends=True)
    planned = FILES["campaigns/spring.yaml"] + "".join(
        f"  - channel: sms\n    at: 2026-02-2{day} 10:00\n" for day in (6, 7, 8)
    )
    code, out = check(tmp_path, campaigns__spring_yaml=planned, data__contacts_csv="".join([rows[0], rows[4]]))
    assert code == 0, out
    code, out = check(tmp_path, campaigns__spring_yaml=planned, ledger_yaml="", data__contacts_csv="")
    assert code == 1


def test_what_never_changes_has_one_value_in_a_log(tmp_path: Path) -> None:
    code, out = check(tmp_path, data__contacts_csv=FILES["data/contacts.csv"].replace("coffee;tea", "tea", 1))
    assert code == 2
    assert "data/contacts.csv:3: 'likes' never changes, and line 2 says tea for this customer" in out


@pytest.mark.parametrize(("most", "code"), [(1, 0), (2, 1)])
def test_bounds_fill_the_window(tmp_path: Path, most: int, code: int) -> None:
    ledger = f"""ledger: february
until: 2026-02-28
bounds:
  - audience: {{city: hangzhou}}
    channel: sms
    purpose: promotion
    at_most: {most}
    from: 2026-02-22
    until: 2026-02-28
"""
    assert check(tmp_path, ledger_yaml=ledger)[0] == code


def test_every_fault_of_a_log_at_once(tmp_path: Path) -> None:
    log = """customer,channel,at,city,purpose
c1,sma,2026-02-27 10:00,hangzhou,
c1,sms,2026-02-30 10:00,hangzhou,
c2,sms,2026-02-27 10:00,hangzou,promotoin
,sms,2026-02-27 10:00,hangzhou,
c2,sms,2026-02-27 10:00
c2,sms,2026-03-01 10:00,hangzhou,
c2,sms,2026-02-27 10:00,hangzou,
"""
    code, out = check(tmp_path, data__contacts_csv=log)
    same("ledger-faults.txt", out)
    assert code == 2


def test_the_columns_of_a_log(tmp_path: Path) -> None:
    code, out = check(tmp_path, data__contacts_csv="customer,chanel,at,city\n")
    assert code == 2
    assert "the column 'channel' is missing" in out
    assert "did you mean channel?" in out


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe\x00", "not UTF-8"),
        (b'customer,channel,at\n"c1,sms,2026-02-27 10:00\n', "not readable as CSV"),
        (b"", "the column 'customer' is missing"),
        (b"customer,channel,at\n" + b"c" * 300_000 + b",sms,2026-02-27 10:00\n", "not readable as CSV"),
    ],
)
def test_a_hostile_log(tmp_path: Path, content: bytes, words: str) -> None:
    write(tmp_path, FILES)
    (tmp_path / "data" / "contacts.csv").write_bytes(content)
    ran = tactful("check", "--as-of", "2026-03-01", at=tmp_path)
    assert ran.code == 2, ran.out
    assert words in ran.out
    assert "Traceback" not in ran.out + ran.err


@pytest.mark.parametrize("log", ["../contacts.csv", "/etc/passwd", "data", "data/none.csv", "link.csv"])
def test_a_log_outside_or_no_file(tmp_path: Path, log: str) -> None:
    root = tmp_path / "repository"
    root.mkdir()
    (tmp_path / "contacts.csv").write_text("secret,line\n", "utf-8")
    write(root, FILES | {"ledger.yaml": FILES["ledger.yaml"].replace("data/contacts.csv", log)})
    os.symlink(tmp_path / "contacts.csv", root / "link.csv")
    ran = tactful("check", "--as-of", "2026-03-01", at=root)
    assert ran.code == 2, ran.out
    assert "secret" not in ran.out


def test_a_path_that_no_system_knows(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"ledger.yaml": 'ledger: sent\nuntil: 2026-02-28\nlog: "a\\0b"\n', "campaigns/c.yaml": "campaign: c\n"},
    )
    ran = tactful("check", at=tmp_path)
    assert ran.code == 2
    assert "cannot be read" in ran.out
    assert "defect" not in ran.err
