"""What no Python program can do without that reads a plan: start, read every file, let libyaml tell its events, pydantic.

Run as a process of its own: ``python bench/floor.py FOLDER``. pydantic checks a campaign for each file, always the same tree, made
once, because making trees is not of the floor. Nothing is linked and no rule is asked.
"""

from __future__ import annotations

import os
import sys

import typer  # noqa: F401  # the start of it is part of the floor
import yaml
from pydantic import BaseModel, ConfigDict
from yaml._yaml import CParser


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Touch(Strict):
    channel: str
    sender: str
    at: str
    repeat: dict[str, str | int] | None = None
    gives: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    promises: tuple[str, ...] = ()
    reply: dict[str, str] | None = None
    way_out: dict[str, str] | None = None


class Campaign(Strict):
    """A campaign as ``make_plan`` writes them."""

    campaign: str
    title: str
    owner: str
    status: str
    purpose: str
    act: str
    about: str
    cause: str
    audience: dict[str, object]
    timezone: str
    touches: tuple[Touch, ...]
    requires: tuple[str, ...]
    stop_when: dict[str, dict[str, str]]
    estimated_size: int
    details: dict[str, object]


def events(source: bytes) -> int:
    parser, told = CParser(source), 0
    while parser.check_event():
        parser.get_event()
        told += 1
    return told


def main(folder: str) -> None:
    told, read, tree = 0, 0, None
    for entry in sorted(os.scandir(os.path.join(folder, "campaigns")), key=lambda entry: entry.name):
        with open(entry.path, "rb") as file:
            source = file.read()
        told += events(source)
        read += 1
        tree = tree or yaml.load(source, yaml.CSafeLoader)
        Campaign.model_validate(tree)
    print(f"read {read} files, {told} events")


if __name__ == "__main__":
    main(sys.argv[1])
