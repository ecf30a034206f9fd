"""What comes from outside: addresses of pictures, data URLs, uploads and webhook targets, hostile until checked."""

from stillmotion.server.intake.references import Picture, adds_bytes, check, check_webhook, fetch, keep, look_at
from stillmotion.server.intake.uploads import reference_of

__all__ = ["Picture", "adds_bytes", "check", "check_webhook", "fetch", "keep", "look_at", "reference_of"]
