"""Pack: WeCom: mass sends, feed, transfers."""
