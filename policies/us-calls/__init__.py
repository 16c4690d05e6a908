"""Pack: Sales calls and texts in the United States."""
