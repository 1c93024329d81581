"""An ERP and a TMS one can ask, and carriers that send webhooks: as well-behaved as they are told to be.

    python -m app.simulator.upstream --port 9100

| request | does |
|---|---|
| `GET /erp/invoices`, `GET /tms/shipments` | a page of `{"items", "next_cursor"}`; `updated_since`, `cursor`, `limit`, ETags |
| `GET /tms/shipments/{number}` | one shipment |
| `PUT /control/records/{kind}` | these are the `invoices` or `shipments` from now on, in this order |
| `POST /control/faults` | misbehave; see `faults.Fault` |
| `POST /control/webhooks` | a carrier sends a signed webhook; see `webhooks.Webhook` |
| `GET /control/requests` | what was asked so far, but for /control |
| `POST /control/reset` | no records, no faults, nothing asked |
"""
