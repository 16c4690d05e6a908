"""Pack: Caps as the platforms count them."""
