"""What the words of the Core Business Vocabulary (CBV 2.0) mean in ours: design.md section 5.

A step that is in none of these tables, a vendor's own for one, stays `unmapped`; so do the CBV steps that hand goods
over without saying to whom (accepting, collecting, consigning, holding, unloading, void_shipping).
"""

# bizStep: the milestone, wherever it happens.
STEPS: dict[str, str] = {
    "picking": "picking_started",
    "packing": "packed",
    "staging_outbound": "staged",
    "loading": "loaded",
    "shipping": "departed",
    "departing": "departed",
    "transporting": "en_route",
    "arriving": "arrived_at_terminal",
}
# The milestone when the event names a destination and happens there, and when it names one and happens elsewhere.
AT_DESTINATION: dict[str, str] = {"arriving": "arrived_at_delivery", "receiving": "delivered"}
ELSEWHERE: dict[str, str] = {"receiving": "arrived_at_terminal"}
# With the disposition `returned`: goods that are on their way back are on no way we show.
RETURNED: dict[str, str] = {"receiving": "returned"}

# disposition: the exception it is.
EXCEPTIONS: dict[str, str] = {"damaged": "damaged", "stolen": "missing"}

# Steps of making, keeping and selling goods: no shipment moves by them.
SILENT_STEPS = frozenset(
    {
        "assembling",
        "commissioning",
        "creating_class_instance",
        "cycle_counting",
        "decommissioning",
        "destroying",
        "disassembling",
        "dispensing",
        "encoding",
        "entering_exiting",
        "inspecting",
        "installing",
        "killing",
        "other",
        "removing",
        "repackaging",
        "repairing",
        "replacing",
        "reserving",
        "retail_selling",
        "sampling",
        "sensor_reporting",
        "stock_taking",
        "stocking",
        "storing",
        "unpacking",
    }
)
# Steps inside a warehouse, of which its own system has nothing else to tell us.
WAREHOUSE_STEPS = frozenset({"picking", "staging_outbound"})
