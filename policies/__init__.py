"""The packs that ship: a folder each, with the policy, its cases and its sources."""
