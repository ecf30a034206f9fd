"""Webhooks: written down in the commit that they tell about, signed, sent, retried."""

from stillmotion.server.webhooks.deliveries import Delivery, State, listing, resend
from stillmotion.server.webhooks.delivering import SCHEDULE_S, deliver, overdue
from stillmotion.server.webhooks.keys import OVERLAP, current_secret, rotate_secret
from stillmotion.server.webhooks.targets import set_target, target
from stillmotion.server.webhooks.telling import tell
from stillmotion.server.webhooks.turns import Turns

__all__ = [
    "OVERLAP",
    "SCHEDULE_S",
    "Delivery",
    "State",
    "Turns",
    "current_secret",
    "deliver",
    "listing",
    "overdue",
    "resend",
    "rotate_secret",
    "set_target",
    "target",
    "tell",
]
