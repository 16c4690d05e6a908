"""Pack: Bulk e-mail to Gmail and Yahoo."""
