"""Pack: Advertising by call and message in Germany."""
