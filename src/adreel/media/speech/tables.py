"""What written abbreviations, units and signs are called in English. Singular and plural where they differ."""

from __future__ import annotations

from collections.abc import Mapping

UNITS: Mapping[str, tuple[str, str]] = {
    "mm": ("millimeter", "millimeters"),
    "cm": ("centimeter", "centimeters"),
    "m": ("meter", "meters"),
    "km": ("kilometer", "kilometers"),
    "ft": ("foot", "feet"),
    "in": ("inch", "inches"),
    '"': ("inch", "inches"),
    "″": ("inch", "inches"),
    "mg": ("milligram", "milligrams"),
    "g": ("gram", "grams"),
    "kg": ("kilogram", "kilograms"),
    "oz": ("ounce", "ounces"),
    "fl oz": ("fluid ounce", "fluid ounces"),
    "lb": ("pound", "pounds"),
    "lbs": ("pound", "pounds"),
    "ml": ("milliliter", "milliliters"),
    "mL": ("milliliter", "milliliters"),
    "cl": ("centiliter", "centiliters"),
    "l": ("liter", "liters"),
    "L": ("liter", "liters"),
    "W": ("watt", "watts"),
    "kW": ("kilowatt", "kilowatts"),
    "kWh": ("kilowatt hour", "kilowatt hours"),
    "V": ("volt", "volts"),
    "mAh": ("milliamp hour", "milliamp hours"),
    "Hz": ("hertz", "hertz"),
    "kHz": ("kilohertz", "kilohertz"),
    "dB": ("decibel", "decibels"),
    "MB": ("megabyte", "megabytes"),
    "GB": ("gigabyte", "gigabytes"),
    "TB": ("terabyte", "terabytes"),
    "MP": ("megapixel", "megapixels"),
    "px": ("pixel", "pixels"),
    "rpm": ("R P M", "R P M"),
    "mph": ("mile per hour", "miles per hour"),
    "s": ("second", "seconds"),
    "sec": ("second", "seconds"),
    "min": ("minute", "minutes"),
    "h": ("hour", "hours"),
    "hr": ("hour", "hours"),
    "hrs": ("hour", "hours"),
    "°": ("degree", "degrees"),
    "°C": ("degree Celsius", "degrees Celsius"),
    "°F": ("degree Fahrenheit", "degrees Fahrenheit"),
    "%": ("percent", "percent"),
    "¢": ("cent", "cents"),
    "‰": ("per mille", "per mille"),
    "pcs": ("piece", "pieces"),
    "x": ("times", "times"),
    "×": ("times", "times"),
    "k": ("thousand", "thousand"),
    "K": ("K", "K"),
}

SIGNS: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "$": (("dollar", "dollars"), ("cent", "cents")),
    "€": (("euro", "euros"), ("cent", "cents")),
    "£": (("pound", "pounds"), ("penny", "pence")),
    "¥": (("yen", "yen"), ("", "")),
    "₹": (("rupee", "rupees"), ("paisa", "paise")),
    "₣": (("franc", "francs"), ("centime", "centimes")),
}
"""The unit of each currency sign and its hundredth."""

CODES: Mapping[str, str] = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "CHF": "₣"}

SCALES = frozenset({"hundred", "thousand", "million", "billion", "trillion"})
SHORT_SCALES: Mapping[str, str] = {
    "k": "thousand",
    "K": "thousand",
    "m": "million",
    "M": "million",
    "bn": "billion",
    "B": "billion",
}

ABBREVIATIONS: Mapping[str, str] = {
    "mr.": "mister",
    "mrs.": "missus",
    "ms.": "miz",
    "dr.": "doctor",
    "prof.": "professor",
    "st.": "saint",
    "jr.": "junior",
    "sr.": "senior",
    "inc.": "incorporated",
    "ltd.": "limited",
    "co.": "company",
    "approx.": "approximately",
    "incl.": "including",
    "excl.": "excluding",
    "max.": "maximum",
    "est.": "established",
    "vol.": "volume",
    "dept.": "department",
    "ave.": "avenue",
    "blvd.": "boulevard",
    "rd.": "road",
    "hwy.": "highway",
    "mt.": "mount",
    "tel.": "telephone",
    "ext.": "extension",
    "qty.": "quantity",
    "etc.": "et cetera",
    "e.g.": "for example",
    "i.e.": "that is",
    "vs.": "versus",
    "vs": "versus",
    "w/": "with",
    "w/o": "without",
}
"""What abbreviations stand for, in small letters. Most end with a point that ends no sentence."""

SYMBOLS: Mapping[str, str] = {"&": "and", "+": "plus", "@": "at", "=": "equals", "#": "number", "/": "slash", "×": "by"}

MONTHS: Mapping[str, str] = {
    name[:3]: name
    for name in [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ]
}

DAYS: Mapping[str, str] = {
    "mon": "monday",
    "tue": "tuesday",
    "tues": "tuesday",
    "wed": "wednesday",
    "thu": "thursday",
    "thur": "thursday",
    "thurs": "thursday",
    "fri": "friday",
    "sat": "saturday",
    "sun": "sunday",
}

STREETS: Mapping[str, str] = {"st": "street", "dr": "drive", "rd": "road", "ln": "lane", "ct": "court", "pl": "place"}
"""Ends of the names of streets, of which some are other words before a name."""

SPELLED = frozenset(
    (
        "AC",
        "AI",
        "BPA",
        "CO",
        "CPU",
        "DIY",
        "DC",
        "EU",
        "FAQ",
        "GPS",
        "GPU",
        "HD",
        "HDR",
        "ID",
        "IP",
        "IT",
        "LED",
        "NFC",
        "OLED",
        "PC",
        "PU",
        "PVC",
        "SPF",
        "SUV",
        "TV",
        "UHD",
        "UK",
        "US",
        "USA",
        "USB",
        "UV",
        "VIP",
        "VR",
        "XL",
        "XXL",
        "QR",
    )
)
"""Short forms whose letters are named, although some of them spell a word."""

DOMAIN_WORDS = frozenset({"com", "org", "net", "shop", "store", "co", "info", "app", "dev", "biz", "me", "edu", "gov"})
"""Ends of internet addresses that are said as words; others of two letters are spelled."""
