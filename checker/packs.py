"""Packs: policies that ship with Tactful, adapted to a repository by ``where``, ``with`` and ``off``."""

from __future__ import annotations

import copy
from importlib import resources
from typing import Any

from tactful.engine.messages import did_you_mean, say
from tactful.engine.models import OF_CUSTOMERS
from tactful.engine.places import Place, Problem
from tactful.engine.plan.settings import UsePack
from tactful.engine.policy.spoken import spoken
from tactful.engine.rules import KINDS

from .reading.profile import parse
from .reading.repository import SourceFile

FOLDER = resources.files("tactful.policies")
WHAT_IT_IS = ("rule", "kind")
"""What of a rule cannot be set: it would be another rule."""
PACKS = tuple(sorted(folder.name for folder in FOLDER.iterdir() if folder.joinpath("policy.yaml").is_file()))


def _of_customers(rule: dict[str, Any]) -> list[str]:
    """The keys of a rule that speak of customers, whose words a repository may call otherwise."""
    params = KINDS[rule["kind"]].params
    names = [path[0] for path, mark in spoken(params) if mark in OF_CUSTOMERS]
    keys = dict.fromkeys(params.model_fields[name].alias or name for name in names)
    return [key for key in keys if key in rule]


def pack_text(name: str, file: str = "policy.yaml") -> str:
    """The text of one file of a pack."""
    return FOLDER.joinpath(name, file).read_text("utf-8")


def pack_documents(use: UsePack, place: Place) -> tuple[list[tuple[SourceFile, list[Any]]], list[Problem]]:
    """The pack's policy as a file, with its adapted documents; and what is wrong with the way it is used."""
    if use.use not in PACKS:
        message = say("no pack '{name}'", "没有规则包“{name}”", name=use.use)
        return [], [Problem("pack", message, place.down("use"), did_you_mean(use.use, PACKS))]
    path = f"tactful:{use.use}/policy.yaml"
    text = pack_text(use.use)
    file = SourceFile(path, text, parse(text))
    values: list[Any] = copy.deepcopy(file.parsed.documents)
    problems: list[Problem] = []
    for value in values:
        problems += _adapt(value, use, place)
    return [(file, values)], problems


def _adapt(policy: dict[str, Any], use: UsePack, place: Place) -> list[Problem]:
    problems: list[Problem] = []
    rules = {rule["rule"]: rule for rule in policy["rules"]}
    for index, name in enumerate(use.off):
        if name not in rules:
            message = say("the pack has no rule '{name}'", "规则包中没有规则“{name}”", name=name)
            problems.append(Problem("pack", message, place.down("off", index), did_you_mean(name, rules)))
    for key, value in use.with_.items():
        rule_name, _, parameter = key.rpartition(".")
        chosen = [r for r in rules.values() if r["rule"] == rule_name or (not rule_name and parameter in r)]
        if not chosen or parameter in WHAT_IT_IS:
            message = say("the pack has nothing to set by '{key}'", "规则包中没有可由“{key}”设置的参数", key=key)
            names = sorted(
                {p for r in rules.values() for p in (*r, *(f"{r['rule']}.{p}" for p in r)) if p not in WHAT_IT_IS}
            )
            problems.append(Problem("pack", message, place.down("with").key(key), did_you_mean(key, names)))
            continue
        for rule in chosen:
            rule[parameter] = value
    known = {word for rule in rules.values() for key in _of_customers(rule) for word in _words(rule[key])}
    for word in use.where:
        if word not in known:
            message = say("the pack has no word '{word}'", "规则包中没有“{word}”这个词", word=word)
            problems.append(Problem("pack", message, place.down("where").key(word), did_you_mean(word, known)))
    for rule in rules.values():
        for key in _of_customers(rule):
            rule[key] = _renamed(rule[key], use.where)
    policy["rules"] = [None if rule["rule"] in use.off else rule for rule in policy["rules"]]
    return problems


def _renamed(value: Any, names: dict[str, str]) -> Any:
    """Attributes, values and segments of the pack, as the repository calls them."""
    if isinstance(value, dict):
        return {names.get(key, key): _renamed(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value


def _words(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*(_words(item) for item in value.values()))
    if isinstance(value, list):
        return set().union(*(_words(item) for item in value))
    return {value} if isinstance(value, str) else set()
