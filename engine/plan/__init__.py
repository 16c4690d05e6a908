"""Campaigns, services, offers, customers and vocabulary: what was written, as typed models, and linked into one plan."""
