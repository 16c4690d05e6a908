"""Pack: Commercial electronic messages in Canada (CASL)."""
