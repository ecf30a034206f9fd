"""What comes from outside: addresses of pictures, data URLs, uploads and webhook targets, hostile until checked."""

from stillmotion.server.intake.references import check_reference, check_webhook, fetch, settled

__all__ = ["check_reference", "check_webhook", "fetch", "settled"]
