### What customers read, in English. Every code of `projections/statuses.py` that a customer may see, once.
### Documents are stored with these texts; the other languages take their places when a document is served.

## Milestones: what has happened.

milestone-packed = Packed
milestone-pickup_appointment_set = Pickup is booked
milestone-acknowledged = Carrier has confirmed
milestone-arrived_at_pickup = Carrier has arrived for pickup
milestone-loaded = Loaded
milestone-loaded_on_board = Loaded on board
milestone-picked_up = Picked up
milestone-departed = Departed
milestone-en_route = On its way
milestone-arrived_at_terminal = Arrived at terminal
milestone-departed_terminal = Departed terminal
milestone-transferred = Handed on between carriers
milestone-in_storage = Stored on the way
milestone-reconsigned = Sent on to another address
milestone-vessel_departed = Vessel departed
milestone-vessel_arrived = Vessel arrived
milestone-discharged = Unloaded from vessel
milestone-arrived_at_customs = Arrived at customs
milestone-customs_cleared = Cleared by customs
milestone-delivery_appointment_set = Delivery is booked
milestone-available_for_delivery = Ready to be delivered
milestone-offered_for_delivery = Presented for delivery
milestone-out_for_delivery = Out for delivery
milestone-arrived_at_delivery = Arrived at the delivery address
milestone-delivery_attempted = Delivery was attempted
milestone-partly_delivered = Part of it was delivered
milestone-delivered = Delivered
milestone-completed = Completed
milestone-cancelled = Cancelled
milestone-returned = Returned to the shipper
milestone-refused = Refused and sent back
milestone-lost = Lost

## Reasons a source gives: why it is late, and what the reader is to do, if anything.

reason-weather = Delayed by weather
reason-traffic = Delayed in traffic
reason-accident = Delayed by an accident
reason-mechanical = The vehicle broke down
reason-missed_connection = Missed its connection
reason-capacity = Waiting for space on a vehicle
reason-misrouted = Sent the wrong way and being rerouted
reason-carrier_related = Delayed in the carrier's operations
reason-missed_pickup = The pickup was missed
reason-address_incorrect = The address could not be found
    .action = Check the delivery address
reason-consignee_unavailable = Nobody was there to receive it
    .action = Agree a new delivery time
reason-consignee_related = Delayed on the receiver's side
reason-at_consignee_request = Held as the receiver asked
reason-awaiting_appointment = Waiting for a delivery appointment
    .action = Agree a delivery time
reason-delivery_failed = Delivery could not be made
reason-appointment_missed = The delivery appointment was missed
    .action = Agree a new delivery time
reason-customs_hold = Held by customs
reason-customs_papers_missing = Customs needs papers
    .action = Send the missing papers
reason-damaged = Damaged on the way
    .action = We will contact you about a replacement
reason-refused_by_consignee = Delivery was refused
    .action = Tell us how to go on
reason-returning = On its way back to the shipper
reason-missing = Cannot be found at the moment
reason-short = Less arrived than was shipped
    .action = Check what you received
reason-strike = Delayed by a strike
reason-civil_event = Delayed by a civil event
reason-holiday = Delayed by a holiday
reason-held_for_payment = Held until an invoice is paid
    .action = Settle the open invoice
reason-held = Held on the way
reason-papers_missing = Held until papers are complete
reason-restricted_goods = Holds goods that may not be carried
reason-shipper_related = Delayed on the shipper's side
reason-late_from_shipper = Handed over late by the shipper
reason-other = Delayed; the carrier gave no reason we know

## Reasons we derive: why the status is what it is.

reason-eta_past_promise = Expected later than promised
reason-eta_past_plan = Expected later than planned
reason-plan_past_promise = Planned to arrive later than promised
reason-eta_close_to_promise = Expected so shortly before the promised time that it may miss it
reason-problem_since_eta = Something went wrong since it was last estimated
reason-not_under_way = Not on its way yet, and too little time is left
reason-out_of_time = Too little time is left for what still has to happen
reason-backordered = Part of the order waits for stock
reason-tender_rejected = The carrier declined; another is being found
reason-planned = Being prepared
reason-tendered = Offered to a carrier
reason-accepted = Carrier has confirmed; waiting for pickup
reason-in_transit = On its way
reason-partially_shipped = Part of the order is on its way
reason-partially_delivered = Part of the order was delivered
reason-delivered = Delivered
reason-completed = Delivered and completed
reason-cancelled = Cancelled
reason-returned = Returned to the shipper
reason-refused = Refused and sent back
    .action = Tell us how to go on
reason-lost = Lost by the carrier
    .action = We will contact you about a replacement

## The page people sign in on.

page-sign_in = Sign in
page-continue_to = to continue to { $client }
page-user_name = User name
page-password = Password
page-wrong = The user name or the password is not right.
page-too_many_attempts =
    { $minutes ->
        [one] Too many attempts. Try again in { $minutes } minute.
       *[other] Too many attempts. Try again in { $minutes } minutes.
    }
page-busy = Too many people are signing in right now. Try again in a moment.
page-cannot_sign_in = You cannot sign in here
page-expired = This page was open for too long, or its cookie was not kept. Go back to the app and begin again.
page-unknown_app = The app that sent you here is not known.
page-damaged = The address of this page is damaged. Go back to the app and begin again.
