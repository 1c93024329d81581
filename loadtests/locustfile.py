"""`locust -f loadtests/locustfile.py`: every kind of user, against the demo that runs here; `make load` does more."""

from loadtests.users.crm_card import CrmCard
from loadtests.users.partner_app import PartnerApp
from loadtests.users.portal_reader import PortalReader

__all__ = ["CrmCard", "PartnerApp", "PortalReader"]
