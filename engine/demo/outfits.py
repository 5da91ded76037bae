"""The wardrobe of the drawn girls."""

from tagmetry.demo.characters import Outfit
from tagmetry.demo.drawing import Colour

WHITE: Colour = (252, 252, 255)
NAVY: Colour = (58, 76, 140)
RED: Colour = (216, 62, 74)

OUTFITS: dict[str, Outfit] = {
    "school": Outfit(
        WHITE, NAVY, RED, neck="sailor", pattern="pleats", legs=(44, 44, 66), leg_length=0.5, shoes=(90, 52, 44)
    ),
    "winter school": Outfit(
        (66, 72, 104), (112, 124, 156), (232, 196, 110), sleeves="long", neck="collar", front="buttons",
        pattern="checks", legs=(44, 40, 60), shoes=(90, 52, 44),
    ),
    "sundress": Outfit(
        (255, 252, 240), (255, 252, 240), (108, 168, 226), sleeves="none", cut="dress", front="sash",
        shoes=(222, 180, 130), hat="straw",
    ),
    "yellow dress": Outfit(
        (255, 222, 122), (255, 222, 122), WHITE, sleeves="puff", cut="dress", neck="collar", pattern="dots",
        legs=WHITE, leg_length=0.25, shoes=(170, 96, 70),
    ),
    "red coat": Outfit(
        (204, 66, 66), (204, 66, 66), (252, 246, 236), sleeves="long", cut="coat", neck="scarf", front="buttons",
        legs=(60, 54, 78), shoes=(126, 82, 62), boots=True, hat="beanie", hat_colour=(92, 116, 172),
    ),
    "yukata": Outfit(
        (66, 82, 156), (66, 82, 156), (250, 156, 182), sleeves="wide", cut="robe", neck="crossed", front="sash",
        pattern="flowers", shoes=(150, 96, 70),
    ),
    "shrine robe": Outfit(
        WHITE, (214, 62, 54), (214, 62, 54), sleeves="wide", cut="robe", neck="crossed", front="sash",
        legs=WHITE, leg_length=0.2, shoes=(160, 110, 80),
    ),
    "raincoat": Outfit(
        (250, 206, 66), (250, 206, 66), (236, 170, 40), sleeves="long", cut="coat", front="buttons",
        shoes=(76, 148, 196), boots=True, hat="hood", hat_colour=(250, 206, 66),
    ),
    "overalls": Outfit(
        (240, 96, 92), (86, 122, 184), (240, 96, 92), sleeves="short", cut="trousers", front="straps",
        pattern="stripes", shoes=(250, 250, 250),
    ),
    "hoodie": Outfit(
        (72, 178, 170), (64, 66, 92), WHITE, sleeves="long", cut="shorts", neck="hood", front="zip",
        legs=WHITE, leg_length=0.3, shoes=(236, 92, 86),
    ),
    "pajamas": Outfit(
        (252, 206, 222), (252, 206, 222), WHITE, sleeves="long", cut="trousers", neck="collar", front="buttons",
        pattern="dots", shoes=(250, 240, 240),
    ),
    "witch": Outfit(
        (88, 60, 132), (88, 60, 132), (250, 160, 66), sleeves="long", cut="dress", neck="collar",
        legs=(236, 140, 60), shoes=(62, 44, 70), boots=True, hat="witch", hat_colour=(76, 52, 120),
    ),
    "sweater": Outfit(
        (92, 142, 106), (176, 112, 72), (246, 210, 140), sleeves="long", neck="roll", pattern="checks",
        legs=(84, 62, 60), shoes=(104, 64, 50), hat="beret", hat_colour=(170, 60, 64),
    ),
    "cream sweater": Outfit(
        (250, 238, 214), (120, 136, 176), (250, 238, 214), sleeves="long", neck="roll", pattern="pleats",
        legs=(70, 66, 92), shoes=(104, 64, 50),
    ),
    "apron": Outfit(
        (110, 150, 206), (110, 150, 206), (240, 130, 140), sleeves="puff", cut="dress", front="apron",
        legs=WHITE, leg_length=0.5, shoes=(130, 80, 60), hat="bow", hat_colour=(240, 130, 140),
    ),
    "idol": Outfit(
        (250, 170, 206), (252, 220, 240), (130, 190, 250), sleeves="puff", cut="dress", neck="frill",
        pattern="dots", legs=WHITE, leg_length=0.6, shoes=(240, 120, 170), boots=True, hat="bow",
        hat_colour=(130, 190, 250),
    ),
    "ball gown": Outfit(
        (150, 122, 206), (178, 152, 228), (250, 232, 250), sleeves="none", cut="gown", neck="frill", front="sash",
        shoes=(220, 190, 240),
    ),
    "velvet dress": Outfit(
        (158, 40, 60), (158, 40, 60), (250, 240, 226), sleeves="long", cut="dress", neck="frill", front="sash",
        legs=(250, 244, 240), shoes=(70, 40, 44), hat="bow", hat_colour=(240, 226, 200),
    ),
    "sportswear": Outfit(
        (226, 70, 80), (226, 70, 80), WHITE, sleeves="long", cut="trousers", front="zip", shoes=(250, 250, 250)
    ),
    "blouse": Outfit(
        (252, 250, 246), (214, 108, 88), (90, 140, 120), sleeves="long", neck="collar",
        legs=WHITE, leg_length=0.3, shoes=(110, 66, 54),
    ),
}  # fmt: skip
