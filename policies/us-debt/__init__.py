"""Pack: Debt collection in the United States (Regulation F)."""
