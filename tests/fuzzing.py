"""Inputs that nobody would write: files as they should be, mutated in bytes and in structure."""

from __future__ import annotations

import contextlib
import copy
import csv
import io
import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from tests.running import ROOT

FORMATS = ("text", "concise", "json", "json-lines", "sarif", "junit", "github", "gitlab", "azure", "rdjson", "markdown")
FOLDER = {"campaign": "campaigns", "service": "services", "offers": "offers", "policy": "policies"}
HEAVY = 3
"""Documents of the plan, and rules, that are left of a large repository."""
DATA = ROOT / "tests" / "data" / "fuzz"
HUGE = ["\ud800", "é" * 300, "x" * 100_000, "9" * 30]
BYTES = [
    *(b"\0", b"\xef\xbb\xbf", b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"\t", b"\r", b"\n---\n", b"\n...\n", b"&a "),
    b"*a",
    *(b"<<: *a\n", b"!!python/object:os.system ", b"!!binary ", b"!<x> ", b"? ", b": ", b"- ", b"|\n", b">2-\n"),
    *(b"%YAML 9.9\n", b'"', b"'", b"{", b"[", b"}", b"]", b"#", b"@", b"`", b",", b'""', b"\xc2\x85", b"\xe2\x80\xa8"),
    *(b" " * 5000, b"[" * 300, b"{a: " * 60, b"- " * 200, b"\xef\xbc\x9a"),
]
LONG = (b"x", b"0", b"9", b"(", b"[", b" ")
ENCODINGS = ("utf-16", "utf-16-le", "gb18030", "utf-7", "utf-32")


@dataclass
class Input:
    """Files below a folder, and the command that is run there."""

    files: dict[str, bytes]
    command: list[str] = field(default_factory=list)


def load_all(text: str) -> list[Any]:
    return list(yaml.load_all(text, yaml.CBaseLoader))  # texts only


def dumped(documents: list[Any], rng: random.Random) -> bytes:
    """YAML, with aliases where a part stands twice."""
    flow = rng.choice((None, True, False))
    text = "".join(
        "---\n" + yaml.dump(d, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, default_flow_style=flow)
        for d in documents
    )
    return text.encode("utf-8", "surrogatepass")


def repository_of(documents: list[Any]) -> dict[str, bytes]:
    """The documents of a case, each in the place where it is read."""
    files: dict[str, bytes] = {}
    for number, document in enumerate(documents):
        kind = next((key for key in ("campaign", "policy", *FOLDER, *document) if key in document), "none")
        name = f"{FOLDER[kind]}/{number}.yaml" if kind in FOLDER else f"{kind}.yaml"
        files[name] = files.get(name, b"") + dumped([document], random.Random(number))
    return files


def folder_of(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


@lru_cache(maxsize=1)
def values() -> dict[str, Any]:
    found: dict[str, Any] = load_all((DATA / "values.yaml").read_text("utf-8"))[0]
    found["odd"]["huge"] = HUGE
    return found


@lru_cache(maxsize=1)
def corpus() -> tuple[list[Input], dict[str, list[dict[str, Any]]]]:
    """What is mutated; and all groups of keys in it, by each of their keys."""
    repository = folder_of(DATA / "repository")
    found = [Input(repository, [word]) for word in ("check", "check", "check", "baseline", "rules") for _ in range(12)]
    found += [Input(folder_of(DATA / "import"), ["import", "plan.csv", "--mapping", "map.yaml"])] * 50
    found += [Input(folder_of(root), ["check"]) for root in sorted(ROOT.glob("examples/*/*/")) for _ in range(4)]
    told = [load_all(data.decode()) for one in found[::4] for name, data in one.files.items() if name.endswith("yaml")]
    cases = [path for where in ("tests/counts", "policies/*") for path in sorted(ROOT.glob(f"{where}/*.yaml"))]
    for path in (*cases, ROOT / "tests/answers.yaml"):
        documents = load_all(path.read_text("utf-8"))
        told.append(documents)
        common: list[Any] = next((d["common"] for d in documents if "common" in d), [])
        for number, case in enumerate(d for d in documents if "plan" in d):
            found.append(Input(repository_of([*common, *case["plan"]]), ["check"]))
            if number % 6 == 0:
                found.append(Input({"cases/c.yaml": dumped([{"common": common}, case], random.Random(1))}, ["test"]))
    having: dict[str, list[dict[str, Any]]] = {}
    for holder, key, _ in slots(told):
        if isinstance(holder, dict):
            having.setdefault(key, []).append(holder)
    return found, having


def slots(tree: Any) -> Iterator[tuple[Any, Any, str]]:
    """Every place in a tree: what holds it, its key or index, and the key that it stands under."""
    left = [(tree, "")]
    while left:
        here, name = left.pop()
        if isinstance(here, dict):
            for key, value in here.items():
                yield here, key, name
                left.append((value, str(key)))
        elif isinstance(here, list):
            for index, value in enumerate(here):
                yield here, index, name
                left.append((value, name))


def odd(rng: random.Random) -> Any:
    known = values()["odd"]
    return copy.deepcopy(rng.choice(known[rng.choice(sorted(known))]))


def elsewhere(holder: Any, key: Any, name: str, rng: random.Random) -> tuple[str, Any]:
    """A key with its value, or an item, that stands in such a place elsewhere; of a rule: in one of its kind."""
    shared = name if isinstance(holder, list) else str(key)
    for other in rng.choices(corpus()[1].get(shared) or [{}], k=5):
        if isinstance(holder, list) and other:
            items = other[name]
            return "", copy.deepcopy(rng.choice(items) if isinstance(items, list) and items else items)
        if other and (not isinstance(other.get("kind"), str) or other["kind"] == holder.get("kind")):
            another = rng.choice([shared, *other])
            return another, copy.deepcopy(other[another])
    return str(key), copy.deepcopy(holder[key])


def mutate_nearly(tree: list[Any], rng: random.Random) -> None:
    """One change after which the form is mostly still right: what stands in such places elsewhere, or an edge."""
    holder, key, name = rng.choice(list(slots(tree)))
    value = holder[key]
    like = [
        one["values"]
        for one in values()["like"].values()
        if isinstance(value, str) and re.fullmatch(one["looks"], value)
    ]
    act = rng.randrange(8)
    if act < 4 and like:
        holder[key] = rng.choice(rng.choice(like))
    elif act == 4 and rng.random() < 0.3:
        del holder[key]
    elif isinstance(holder, dict):
        another, put = elsewhere(holder, key, name, rng)
        holder[another] = put
    elif name and act < 7:
        holder.append(elsewhere(holder, key, name, rng)[1])
    elif name:
        holder[key] = elsewhere(holder, key, name, rng)[1]


def mutate_tree(tree: list[Any], others: list[Any], rng: random.Random) -> None:
    """One change of structure."""
    places = list(slots(tree))
    if not places:
        tree.append(odd(rng))
        return
    holder, key, name = rng.choice(places)
    value, act = holder[key], rng.randrange(20)
    if act < 6:
        mutate_nearly(tree, rng)
    elif act < 11:
        holder[key] = odd(rng)
    elif act == 11:
        del holder[key]
    elif act == 12 and isinstance(holder, dict):
        renamed = elsewhere(holder, key, name, rng)[0] if rng.random() < 0.7 else str(odd(rng))
        holder[renamed] = holder.pop(key)
    elif act == 13:
        holder[key] = rng.choice(([value], {"x": value}, [value, value], {str(key): value}, None, str(value)[:50]))
    elif act == 14 and isinstance(holder, list):
        holder += [value if rng.random() < 0.5 else copy.deepcopy(value)] * rng.choice((1, 2, 30))
    elif act == 15:
        another, at, _ = rng.choice(places)
        with contextlib.suppress(KeyError, IndexError):  # it may have gone with its holder
            another[at] = copy.deepcopy(value)
    elif act == 16 and others:
        another, at, _ = rng.choice(list(slots(others)) or [(others, 0, "")])
        holder[key] = copy.deepcopy(another[at])
    elif act == 17 and rng.random() < 0.3:
        number = rng.choice((100, 1000, 4000))
        holder[key] = {f"k{n}": value for n in range(number)} if isinstance(value, dict) else [value] * number
    elif act == 18 and rng.random() < 0.3:
        wrap: Callable[[Any], Any] = rng.choice(
            (lambda v: [v], lambda v: {"not": v}, lambda v: {"any": [v]}, lambda v: {"x": v})
        )
        for _ in range(rng.choice((5, 15, 30, 45))):
            holder[key] = wrap(holder[key])
    else:
        holder[key] = elsewhere(holder, key, name, rng)[1]


def mutate_bytes(data: bytes, rng: random.Random) -> bytes:
    """One change of what the file is made of."""
    at, end = sorted((rng.randint(0, len(data)), rng.randint(0, len(data))))
    lines = data.splitlines(keepends=True) or [b""]
    line = rng.randrange(len(lines))
    made: list[Callable[[], bytes]] = [
        lambda: data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))] if at < len(data) else b"") + data[at + 1 :],
        lambda: data[:at],
        lambda: data[:at] + data[end:],
        lambda: data[:at] + rng.choice(BYTES) + data[at:],
        lambda: data[:at] + rng.choice(BYTES) + data[at:],
        lambda: data[:at] + data[at:end] * 2 + data[end:],
        lambda: b"".join([*lines[:line], lines[line] * rng.choice((2, 2, 3, 3000)), *lines[line + 1 :]]),
        lambda: b"".join([*lines[:line], rng.choice((b" ", b"\t", b"  ", b" " * 2000)), *lines[line:]]),
        lambda: data.decode("utf-8", "replace").encode(rng.choice(ENCODINGS), "replace"),
        lambda: rng.choice((b"\xef\xbb\xbf", b"---\n", b"%YAML 1.1\n---\n", b"# c\n")) + data,
        lambda: data.replace(b"\n", rng.choice((b"\r\n", b"\r", b"\n\n", b"\n "))),
        lambda: data[:at] + rng.choice(LONG) * rng.choice((50, 3000, 200_000)) + data[at:],
    ]
    return rng.choice(made)()


def mutate_csv(data: bytes, rng: random.Random) -> bytes:
    rows = list(csv.reader(io.StringIO(data.decode("utf-8", "replace"))))
    mutate_tree(rows, [], rng)
    text = io.StringIO()
    csv.writer(text).writerows(row if isinstance(row, list) else [row] for row in rows)
    return text.getvalue().encode("utf-8", "surrogatepass")


def mutate(name: str, files: dict[str, bytes], near: bool, rng: random.Random) -> bytes:
    """A file with one change; one that cannot be read any more changes in its bytes."""
    data = files[name]
    if len(data) > 100_000 or (not near and rng.random() < 0.3):
        return mutate_bytes(data, rng)
    try:
        if name.endswith(".csv"):
            return mutate_csv(data, rng)
        tree = [json.loads(data)] if name.endswith("json") else load_all(data.decode())
        other = rng.choice(sorted(files))
        if near and tree:
            mutate_nearly(tree, rng)
        else:
            mutate_tree(tree, load_all(files[other].decode()) if other.endswith("yaml") else [], rng)
        if name.endswith("json"):
            return json.dumps((tree or [None])[0]).encode()
        return dumped(tree, rng)
    except (yaml.YAMLError, ValueError, RecursionError, csv.Error, TypeError):
        return mutate_bytes(data, rng)


def thinned(files: dict[str, bytes], rng: random.Random) -> dict[str, bytes]:
    """A few of the documents of a large repository, and a few of their rules."""
    left = {
        name: data for name, data in files.items() if "/" not in name or name.startswith(("history", "data", "cases"))
    }
    for folder in FOLDER.values():
        names = [name for name in files if name.startswith(f"{folder}/")]
        left |= {name: files[name] for name in rng.sample(names, min(len(names), rng.randint(1, HEAVY)))}
    for name in [name for name in left if name.startswith("policies/")]:
        with contextlib.suppress(yaml.YAMLError, KeyError, TypeError):
            policy = load_all(left[name].decode())[0]
            policy["rules"] = rng.sample(policy["rules"], min(len(policy["rules"]), 2))
            left[name] = dumped([policy], rng)
    return left


def made(seed: int) -> Input:
    """The input of a seed."""
    rng = random.Random(seed)
    taken = rng.choice(corpus()[0])
    files = thinned(taken.files, rng) if len(taken.files) > 14 else dict(taken.files)
    files = {name: data for name, data in files.items() if not name.endswith(".md")}
    near = rng.random() < 0.65
    for _ in range(rng.choice((1, 2, 3, 5, 8) if near else (1, 1, 1, 2, 3))):
        name = rng.choice(sorted(files))
        files[name] = mutate(name, files, near, rng)
    command = taken.command
    if command == ["check"] and rng.random() < 0.1:
        command += ["--form", *files]
    if command[0] == "check":
        command += ["--no-cache", "--jobs", "1", "--format", rng.choice(FORMATS)]
    if command[0] in ("check", "baseline"):
        command += [
            "--as-of",
            rng.choice(("2026-03-01", "2026-03-01", "2026-03-01", "1900-01-01", "2200-12-31", "2026-02-01")),
        ]
    return Input(files, [*command, "--language", rng.choice(("en", "zh"))])
