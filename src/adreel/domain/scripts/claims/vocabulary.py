"""Words that make no claim beside one, units, words for numbers, negations: in English, German, French and Spanish, folded."""

from __future__ import annotations

import re
from collections.abc import Mapping


def _set(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


NEUTRAL = _set(
    "a an the this that these those it its he she they we you your yours our ours my mine i me us of for from in on at to by",
    "with into onto over and or but so as is are was be been being has have had do does can will would all every each any",
    "just now only new here there yes get enjoy discover meet try find see look made make makes about up out than then when",
    "while where who what which how why also too very really simply again still even today tomorrow price was instead",
    "der die das den dem des ein eine einen einem einer eines und oder aber so wie ist sind war hat haben wird fur von im in",
    "am an auf aus bei mit zu zum zur bis nach uber unter ihr ihre ihren ihrem dein deine deinen deinem unser unsere wir du",
    "sie er es man nur jetzt neu neue neuer neues hier da auch sehr ganz noch preis statt heute entdecke geniesse",
    "le la les l un une des du de d et ou mais si comme est sont etait a ont pour par dans sur sous avec en au aux ce cet",
    "cette ces qui que votre vos notre nos ton ta tes mon ma mes vous nous tu il elle on seulement maintenant nouveau",
    "nouvelle ici aussi tres tout toute tous prix decouvrez profitez lieu jusqu jusque",
    "el los las un una unos unas y o pero si como es son era ha han para por en sobre con sin del al este esta estos estas",
    "ese esa que quien su sus tu tus mi mis nuestro nuestra usted solo ahora nuevo nueva aqui tambien muy todo toda todos",
    "precio descubre disfruta hasta antes",
    "before formerly rrp msrp vorher bisher uvp avant vez",
    "until valid order today's jusqu'au jusqu'a gilt gultig bestellen commandez pide",
)
"""Words that may stand beside a claim although its source does not have them."""

NEGATIONS = _set(
    "not no never none without isn't aren't don't doesn't won't can't cannot nicht kein keine keinen keiner keinem nie niemals",
    "ohne pas jamais aucun aucune sans non nunca jamas ningun ninguna sin",
)

UNITS: Mapping[str, str] = {
    name: unit
    for unit, names in {
        "%": "% percent prozent pourcent porciento",
        "$": "$ usd cad aud nzd sgd hkd mxn dollar dollars dolares",
        "€": "€ eur euro euros",
        "£": "£ gbp",
        "¥": "¥ jpy cny yen yuan",
        "s": "s sec second seconds sekunde sekunden seconde secondes segundo segundos",
        "min": "min mins minute minutes minuten minuto minutos",
        "h": "h hr hrs hour hours std stunde stunden heure heures hora horas",
        "day": "day days tag tage tagen jour jours dia dias",
        "week": "week weeks woche wochen semaine semaines semana semanas",
        "month": "month months monat monate monaten mois mes meses",
        "year": "year years yr yrs jahr jahre jahren an ans annee annees ano anos",
        "g": "g gram grams gramm gramme grammes gramo gramos",
        "kg": "kg kilo kilos kilogram kilograms kilogramm",
        "oz": "oz ounce ounces",
        "lb": "lb lbs pound pounds",
        "ml": "ml millilitre millilitres milliliter milliliters",
        "l": "l litre litres liter liters litro litros",
        "cm": "cm centimetre centimetres centimeter zentimeter",
        "mm": "mm millimetre millimetres millimeter",
        "m": "m metre metres meter meters metro metros",
        "in": "inch inches zoll pouce pouces pulgada pulgadas",
        "km": "km kilometre kilometres kilometer kilometers kilometro kilometros",
        "w": "w watt watts",
        "°": "° degree degrees grad degre degres grado grados",
        "x": "x × times mal fois veces",
    }.items()
    for name in names.split()
}
"""The canonical unit of each of its names."""

_NUMBER_WORDS = (
    "2 two zwei deux dos",
    "3 three drei trois tres",
    "4 four vier quatre cuatro",
    "5 five funf cinq cinco",
    "6 six sechs seis",
    "7 seven sieben sept siete",
    "8 eight acht huit ocho",
    "9 nine neun nueve",
    "10 ten zehn dix diez",
    "11 eleven elf onze",
    "12 twelve zwolf douze doce dozen dozens dutzend dutzende douzaine douzaines docena docenas",
    "15 fifteen quinze quince",
    "20 twenty zwanzig vingt veinte",
    "24 vierundzwanzig",
    "30 thirty dreissig trente treinta",
    "40 forty vierzig quarante cuarenta",
    "50 fifty funfzig cinquante cincuenta",
    "60 sixty sechzig soixante sesenta",
    "70 seventy siebzig setenta",
    "80 eighty achtzig ochenta",
    "90 ninety neunzig noventa",
    "100 hundred hundreds hundert hunderte cent centaines cien cientos",
    "1000 thousand thousands tausend tausende mille milliers mil miles",
    "1000000 million millions millionen millones",
    "1000000000 billion billions milliarden milliards",
)
NUMBER_WORDS: Mapping[str, int] = {
    word: int(value) for value, *words in map(str.split, _NUMBER_WORDS) for word in words
}

QUALIFIER = re.compile(
    r"(?<![a-z])(?:(?P<most>up to|at most|bis zu|hochstens|jusqu'?a|au plus|hasta|como maximo)|"
    r"(?P<least>at least|mindestens|au moins|al menos|min\.?)|"
    r"(?P<over>more than|over|mehr als|uber|plus de|mas de|above)|(?P<under>less than|fewer than|under|weniger als|unter|"
    r"moins de|menos de|below)|(?P<about>about|around|nearly|almost|approx\w*|ca\.?|etwa|fast|rund|environ|presque|pres de|casi|"
    r"unos|unas|~)|(?P<least_price>from|starting at|ab|des|a partir de|desde))\s*[$€£¥]?\s*$"
)
"""What stands directly before a number and bounds it; the group's name is its sense."""

FORMER = re.compile(
    r"(?<![a-z])(?:was|instead of|before|formerly|rrp|msrp|statt|vorher|bisher|uvp|au lieu de|avant|antes|en vez de)(?![a-z])"
)
"""Marks an amount as a former price."""

MONTHS = (
    ("january", "januar", "janvier", "enero"), ("february", "februar", "fevrier", "febrero"), ("march", "marz", "mars", "marzo"),
    ("april", "april", "avril", "abril"), ("may", "mai", "mai", "mayo"), ("june", "juni", "juin", "junio"),
    ("july", "juli", "juillet", "julio"), ("august", "august", "aout", "agosto"),
    ("september", "september", "septembre", "septiembre"), ("october", "oktober", "octobre", "octubre"),
    ("november", "november", "novembre", "noviembre"), ("december", "dezember", "decembre", "diciembre"),
)  # fmt: skip
"""Names of the months in English, German, French and Spanish."""
