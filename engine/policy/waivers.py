"""Waivers: approved exceptions with a reason, an approver and a last day."""

from __future__ import annotations

from ..models import Day, Many, Model, Name, Number, Text


class Waiver(Model):
    """``waive`` a rule for one campaign, or for the ``group`` of a finding that stands in no campaign."""

    waive: Text
    campaign: Name | None = None
    group: Text | None = None
    allow: Number | None = None
    reason: Text
    approved_by: Text
    until: Day


class WaiversDocument(Model):
    """The exceptions that were agreed."""

    waivers: Many[Waiver]
