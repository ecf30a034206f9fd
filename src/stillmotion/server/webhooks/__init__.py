"""Webhooks: written down in the commit that they tell about, signed, sent, retried."""
