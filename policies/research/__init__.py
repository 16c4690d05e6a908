"""Pack: Enough is enough: one study of contact frequency."""
