"""Pack: Advertising messages in Korea."""
