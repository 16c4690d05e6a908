"""A rule as one sentence, in both languages."""

from __future__ import annotations

import pytest
from tactful.checker.loading import load
from tactful.engine.rules import KINDS
from tactful.engine.sentences import SENTENCES, condition_words, sentence

from tests.running import ROOT, same


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_rule_of_the_examples(language: str) -> None:
    lines = []
    for example in ("retail", "cafe", "hotel", "telco"):
        for rule in load(ROOT / "examples" / example / "breaks").rules:
            lines.append(f"{rule.id}: {sentence(rule).render(language)}\n")  # type: ignore[arg-type]
    same(f"sentences.{language}.txt", "".join(lines))


def test_no_sentence_is_of_a_kind_that_does_not_exist() -> None:
    compared = {"offer-parity", "care-parity", "reference-price", "no-strings"}
    assert set(SENTENCES) | compared == set(KINDS)


def test_conditions_in_words() -> None:
    raw = {
        "country": "gb",
        "likes": ["garden", "food"],
        "segment": "existing",
        "first_purchase": {"over": "30d"},
        "any": [{"sms_consent": "true"}, {"not": {"open_complaint": "true"}}],
    }
    assert condition_words(raw).render("en") == (
        "country gb, likes garden or food, in segment existing, first purchase over 30d, "
        "(sms consent yes or not (open complaint yes))"
    )
    assert condition_words("everyone").render("zh") == "所有人"
