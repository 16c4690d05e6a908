"""Pack: Telemarketing calls in Australia."""
