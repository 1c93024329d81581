"""What is bought: the goods of an industrial and building hardware supplier."""
# ruff: noqa: RUF001 - dimensions are written with the multiplication sign, as a catalogue does

import msgspec


class Item(msgspec.Struct, frozen=True):
    """A stock item, ordered in multiples of its pack. The price is per piece in cents of the customer's currency."""

    sku: str
    description: str
    weight_kg: float
    price_cents: int
    pack: int


CATALOGUE: tuple[Item, ...] = (
    Item("HX-M10-080-A2", "Hexagon bolt M10×80, stainless A2", 0.066, 62, 100),
    Item("HX-M16-120-ZN", "Hexagon bolt M16×120, zinc plated", 0.225, 118, 50),
    Item("NT-M12-DIN985", "Lock nut M12, DIN 985", 0.017, 11, 200),
    Item("WS-M12-DIN125", "Flat washer M12, DIN 125", 0.006, 4, 500),
    Item("WS-TX25-5X60", "Wood screw 5×60, TX25, yellow zinc", 0.0062, 5, 500),
    Item("WS-TX40-8X200", "Timber construction screw 8×200, TX40", 0.049, 46, 50),
    Item("AN-FAZ-12-110", "Throughbolt anchor 12×110", 0.108, 145, 25),
    Item("AN-INJ-410", "Injection mortar, vinylester, 410 ml", 0.92, 1890, 12),
    Item("PL-UX-10-60", "Universal plug 10×60", 0.003, 9, 100),
    Item("BR-JH-45-137", "Joist hanger 45×137, galvanised", 0.31, 288, 25),
    Item("BR-AB-105", "Angle bracket 105 with rib", 0.36, 214, 50),
    Item("BR-PB-90", "Post base 90, adjustable, hot-dip galvanised", 1.95, 1475, 4),
    Item("HG-CON-165", "Concealed door hinge, 165°", 0.098, 375, 50),
    Item("HG-BL-3D-40", "3D door hinge, 40 kg, satin", 0.42, 1290, 10),
    Item("LK-MOR-72-8", "Mortise lock 72/8, backset 55", 0.74, 1690, 10),
    Item("LK-CYL-3030", "Profile cylinder 30/30, keyed alike", 0.24, 2450, 10),
    Item("DH-LV-OSLO", "Lever handle set Oslo, stainless", 0.68, 3190, 5),
    Item("DC-TS-EN3", "Door closer EN 2–4 with arm", 1.85, 5980, 4),
    Item("SL-FD-100KG", "Full-extension slide 600 mm, 100 kg", 3.4, 6640, 2),
    Item("CS-SW-125-SW", "Swivel castor 125 mm with brake", 1.12, 1580, 4),
    Item("DR-SDS-10-160", "Hammer drill bit SDS-plus 10×160", 0.09, 540, 10),
    Item("DR-HSS-SET25", "HSS drill bit set, 25 pieces", 1.15, 4890, 1),
    Item("CD-125-1.0-IN", "Cutting disc 125×1.0, stainless", 0.022, 129, 25),
    Item("CD-DIA-230", "Diamond disc 230, concrete", 0.56, 6980, 1),
    Item("GR-FL-125-80", "Flap disc 125, grit 80", 0.11, 389, 10),
    Item("AD-PU-310", "Construction adhesive, PU, 310 ml", 0.46, 845, 12),
    Item("SE-SIL-NEU-310", "Neutral silicone sealant, grey, 310 ml", 0.41, 598, 12),
    Item("FM-1K-750", "Gun foam 1K, 750 ml", 0.95, 789, 12),
    Item("TP-AIR-60-25", "Airtightness tape 60 mm × 25 m", 0.48, 2190, 10),
    Item("PP-CU-22-5M", "Copper tube 22×1.0, 5 m, half-hard", 2.93, 5240, 10),
    Item("PF-PR-22-90", "Press elbow 22, 90°", 0.071, 410, 10),
    Item("VL-BL-DN25", "Ball valve DN 25, brass", 0.39, 1340, 10),
    Item("CB-NYM-3X1.5", "Installation cable NYM-J 3×1.5, 100 m ring", 13.2, 7490, 1),
    Item("CB-DUCT-60-110", "Trunking 60×110, 2 m, white", 1.9, 1520, 8),
    Item("LD-PNL-62-36W", "LED panel 62×62, 36 W, 4000 K", 2.6, 3890, 4),
    Item("SF-GLV-9", "Assembly gloves, nitrile, size 9", 0.06, 295, 12),
    Item("SF-HLM-WH", "Safety helmet, ventilated, white", 0.38, 1650, 5),
    Item("LA-ALU-3X9", "Multipurpose ladder, aluminium, 3×9", 15.8, 22900, 1),
    Item("ST-PAL-RACK-BM", "Pallet rack beam 2700 mm", 14.6, 5900, 2),
    Item("IN-EPS-100", "Insulation board EPS 035, 100 mm, 2.5 m² pack", 3.8, 2180, 8),
    Item("MO-DRY-25", "Dry mortar M10, 25 kg bag", 25.0, 545, 40),
    Item("TL-ADH-C2-25", "Tile adhesive C2TE, 25 kg bag", 25.0, 1890, 42),
)
