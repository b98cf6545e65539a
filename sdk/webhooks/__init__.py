"""Webhooks: where news of alerts is sent, signed, and tried again until it arrives."""
