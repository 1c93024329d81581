"""Which words of an event can be about a person, as data: what erasing a person goes through.

Free text is, whoever writes it: names get into notes and reasons. Identifiers and codes are not erased even where
one is made of a name, because they hold histories together; a person is told apart by words, not by numbers.
"""

from msgspec import Struct

from projections import events, values
from projections.references import Reference

PERSONAL: dict[type[Struct], frozenset[str]] = {
    values.Place: frozenset({"name", "city", "region", "postal_code"}),
    values.Carrier: frozenset({"name"}),
    values.OrderLine: frozenset({"description"}),
    events.OrderCancelled: frozenset({"reason"}),
    events.TenderRejected: frozenset({"reason"}),
    events.ShipmentCancelled: frozenset({"reason"}),
    events.ReturnAuthorised: frozenset({"reason"}),
    events.ShipmentMilestone: frozenset({"note"}),
    events.ExceptionRaised: frozenset({"note"}),
    events.DocumentAdded: frozenset({"title", "signed_by"}),
    events.CustomerChanged: frozenset({"name", "contact_email"}),
}

# Identifiers, codes and words from a short list. A test holds that every text of every event is here or above.
IMPERSONAL: dict[type[Struct], frozenset[str]] = {
    Reference: frozenset({"value", "carrier"}),
    values.Place: frozenset({"country", "code"}),
    values.Carrier: frozenset({"scac"}),
    values.Money: frozenset({"currency"}),
    values.ShipmentLine: frozenset({"order"}),
    values.OrderLine: frozenset({"sku"}),
    values.Stop: frozenset({"purpose"}),
    values.StopShipment: frozenset({"tenant", "tms_shipment"}),
    events.PackagePacked: frozenset({"package", "tracking_number"}),
    events.ShipmentPlanned: frozenset({"service"}),
    events.LoadPlanned: frozenset({"equipment"}),
    events.ShipmentAssigned: frozenset({"load"}),
    events.LoadMilestone: frozenset({"code", "raw_code"}),
    events.ShipmentMilestone: frozenset({"code", "raw_code", "report"}),
    events.ExceptionRaised: frozenset({"exception", "code", "raw_code"}),
    events.ExceptionCleared: frozenset({"exception"}),
    events.DocumentAdded: frozenset({"document"}),
    events.ChargePosted: frozenset({"charge", "kind"}),
    events.InvoicePosted: frozenset({"invoice"}),
    events.PaymentChanged: frozenset({"invoice"}),
    events.ReturnAuthorised: frozenset({"authorisation"}),
    events.ReturnReceived: frozenset({"authorisation"}),
    events.CaseLinked: frozenset({"case"}),
    events.EventRetracted: frozenset({"retracts"}),
    events.SourceHeartbeat: frozenset({"carrier"}),
}
