"""Pack: Sales calls in France."""
