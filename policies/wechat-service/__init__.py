"""Pack: WeChat customer service."""
