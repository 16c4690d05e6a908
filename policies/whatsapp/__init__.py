"""Pack: WhatsApp Business messaging limit."""
