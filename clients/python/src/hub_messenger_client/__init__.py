"""Notifications through the hub's messenger service.

`MessengerClient` sends them, `Notification` is what the service says about one, `MessengerError` is the only
error a call raises once its arguments are well-formed.
"""

from .calls import Priority
from .client import MessengerClient
from .errors import MessengerError
from .notification import Notification

__all__ = ["MessengerClient", "MessengerError", "Notification", "Priority"]
