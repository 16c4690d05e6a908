"""Policies, rules and waivers, as typed models."""
