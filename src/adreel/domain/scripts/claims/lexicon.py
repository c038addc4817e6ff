"""Words and phrases that make a claim, in English, German, French and Spanish, as data.

Patterns match folded text (`tokens.fold`): small letters, no accents, "ss" for "ß". A phrase of one group is supported only by
a source with a phrase of the same group and with its other words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class ClaimKind(StrEnum):
    """What a claim claims; its name is shown in errors."""

    NUMBER = "a number"
    SUPERLATIVE = "a superlative"
    COMPARISON = "a comparison"
    ENDORSEMENT = "an award, a rating or a recommendation"
    PROOF = "a test, a certificate or an effect on health"
    GUARANTEE = "a guarantee"
    DISCOUNT = "a discount"
    SCARCITY = "a limit of time or stock"
    PROPERTY = "a material, an origin or a property"


@dataclass(frozen=True, slots=True)
class Group:
    """Phrases that claim the same."""

    name: str
    kind: ClaimKind
    pattern: re.Pattern[str]


DISCOUNT, SALE = "discount", "sale"
"""The groups that an offer with a former price supports."""
HALF = "half price"
"""The group that an offer supports whose price is at most half of the former one."""

_NO_SUPERLATIVE = (
    "honest|modest|interest|forest|harvest|request|guest|chest|rest|test|west|invest|latest|contest|quest|protest|arrest|"
    "digest|suggest|fest|earnest|everest|nearest|crest|nest|vest|zest|jest|attest|detest|behest|manifest|podest|budapest|"
    "conquest|bequest|ingest|infest|midwest|northwest|southwest|southeast|priest"
)

_WORDS: Mapping[ClaimKind, Mapping[str, str]] = {
    ClaimKind.SUPERLATIVE: {
        "best": r"(?:aller)?best(?:e[nrms]?)?|meilleure?s?|mejor(?:es)?|the finest|top[- ]quality|optimal\w*",
        "most": (
            r"the most|most (?:[a-z]{2,}(?:ed|ing|ful|ous|ive|able|ible|ent|ant|ic|ish|ile|al|ar)|"
            r"modern|robust|secure|pure|sold|bought|worn|chosen|given)"
        ),
        "-est": (
            rf"(?!(?:{_NO_SUPERLATIVE})\b)(?:[a-z]{{2,}}[^\W\dtd_]est|(?:fast|light|smart|soft|hot|bright|tight|quiet|"
            r"sweet|cute|great|neat|fat|short|old|bold|hard|loud|mild|wild|grand|kind|cold|solid|stout|fit|wet|flat)t?est)"
        ),
        "-ste": (
            r"(?:grosst|kleinst|leichtest|schnellst|starkst|gunstigst|billigst|beliebtest|schonst|hochst|neuest|modernst|feinst|"
            r"langst|sicherst|warmst|bequemst|robustest|hochwertigst)e[nrms]?|am [a-z]+sten"
        ),
        "le plus": r"(?:le|la|les|el|los|las|lo) (?:plus|moins|mas|menos) [a-z]+|(?:el|la|los|las) [a-z]+ (?:mas|menos) [a-z]+",
        "rank": r"#\s?1\b|(?:no|nr|n)[.°o]*\s?1\b|number (?:one|1)|nummer (?:eins|1)|numero (?:un|uno|1)|top[- ]?\d+",
        "unmatched": (
            r"unbeatable|unmatched|unrivall?ed|unparalleled|unsurpassed|second to none|unschlagbar\w*|unubertroffen\w*|"
            r"konkurrenzlos\w*|inegal\w*|incomparable\w*|imbattable\w*|insuperable\w*|inigualable\w*|imbatible\w*"
        ),
        "leading": r"\w+[- ]leading|leading [a-z]+|leaders?|marktfuhr\w*|fuhrende?[nrms]?|lider(?:es)?",
        "world": r"world'?s [a-z]+|world[- ]class|weltweit\w*|weltbest\w*|der welt|au monde|del mundo|worldwide",
        "favourite": (
            r"(?:\w+s|\w+'s|everyone'?s|people'?s) favou?rites?|"
            r"liebling (?:der|aller)|favoris? des|favorit[oa]s? de (?:los|las|todos)"
        ),
        "only": r"the only|d(?:er|ie|as) einzige\w*|l[ae] seule?|el unico|la unica",
        "first": (
            r"the first [a-z]+ (?:that|to|with|which)|first[- ]ever|the first of its kind|der erste [a-z]+ (?:der|mit)|"
            r"le premier [a-z]+ (?:qui|a)|el primer [a-z]+ (?:que|con)|ever (?:made|built|created|designed)"
        ),
    },
    ClaimKind.COMPARISON: {
        "than": (
            r"(?!(?:rather|other|whether)\b)(?:more|less|better|fewer|[a-z]{2,}er) than (?!an?\b|just\b)|than (?:any|other|ever)|"
            r"(?!mehr\b)(?:besser|weniger|[a-z]{2,}er) als|mehr als (?!nur\b|eine?\b)|(?:plus|moins) [a-z]+ que|mieux que|"
            r"(?:mas|menos) [a-z]+ que|tan [a-z]+ como"
        ),
        "comparative": (
            r"better|faster|lighter|stronger|cheaper|safer|healthier|quieter|tougher|greener|sharper|thinner|longer[- ]lasting|"
            r"lasts? longer|(?:besser|schneller|leichter|starker|gunstiger|billiger|sicherer|gesunder|langlebiger|haltbarer)"
            r"(?:e[nrms]?)?|plus (?:rapide|leger|legere|resistant|sur|efficace|economique|durable|performant|solide)e?s?|"
            r"mas (?:rapid|liger|segur|economic|barat|durader)[oa]s?|mas (?:resistente|eficaz|potente)s?|mieux"
        ),
        "multiple": r"twice|double|triple|half the|doppelt\w*|zweimal|dreimal|(?:deux|trois) fois|(?:dos|tres) veces|el doble",
        "versus": (
            r"unlike|versus|vs|outperform\w*|beats|ahead of|competitors?|competition|rivals?|(?:other|leading) brands?|"
            r"anders als|im (?:gegensatz|vergleich)|konkurrenz|wettbewerber\w*|andere[nr]? marken?|contrairement a|concurren\w+|"
            r"autres marques|a diferencia de|competencia|otras marcas"
        ),
    },
    ClaimKind.ENDORSEMENT: {
        "award": (
            r"award\w*|prizes?|medals?|preisgekront\w*|ausgezeichnet\w*|auszeichnung\w*|recompense\w*|laureat\w*|premiad\w*|"
            r"galardonad\w*|premios?|[🏆🥇🏅]"
        ),
        "winner": r"winners?|winning|testsieger\w*|sieger\w*|ganador\w*|vainqueur\w*|voted|gewahlt\w*|elue?s?|elegid[oa]s?",
        "rating": (
            r"\d[- ]?(?:stars?|sterne?|etoiles?|estrellas?)|(?:five|funf|cinq|cinco)[- ](?:stars?|sterne?n?|etoiles?|estrellas?)|"
            r"(?:[a-z]+[- ])?rated|ratings?|reviews?|bewert\w+|rezension\w*|avis|resenas?|valorad\w*|opiniones|[★⭐💯]"
        ),
        "bestseller": (
            r"best[- ]?sell\w*|meistverkauft\w*|meistgekauft\w*|verkaufsschlager|top des ventes|meilleures? ventes?|"
            r"plus vendu\w*|mas vendid\w*|superventas|beliebtest\w*"
        ),
        "trusted": (
            r"(?:trusted|loved|recommended|endorsed|approved|chosen|preferred|used|worn|praised|admired) by|experts?|"
            r"as seen (?:in|on)|featured (?:in|on)|customers? (?:love|say|agree|rave|swear)\w*|(?:happy|satisfied) customers?|"
            r"celebrit\w*|influencers?|empfohlen\w*|kunden (?:lieben|sagen)|zufriedene\w* kunden|experten|bekannt aus|"
            r"recommandee?s?|approuvee?s?|vue? a la tele|clients? (?:adorent|satisfaits)|recomendad[oa]s?|aprobad[oa]s?|"
            r"expert[oa]s|visto en|everyone loves|clientes satisfechos"
        ),
    },
    ClaimKind.PROOF: {
        "clinical": r"clinical\w*|klinisch\w*|clinique\w*|clinic[oa]\w*",
        "proven": r"(?<!-)proven|(?<!-)proof|bewiesen\w*|erwiesen\w*|prouv\w+|comprobad\w*|demostrad\w*",
        "science": (
            r"scientif\w*|scientists?|science|wissenschaft\w*|cientific\w*|stud(?:y|ies)|studien?|etudes?|estudios?|research\w*|"
            r"forsch\w*|laborator\w*|labs?|labor|laboratoires?"
        ),
        "tested": r"tested|getestet\w*|gepruft\w*|testee?s?|testad[oa]s?|probad[oa]s?",
        "medical": (
            r"dermatolog\w*|doctors?|physicians?|dentists?|pa?ediatric\w*|arzt\w*|medecins?|medic[aoi]\w*|medizin\w*|therap\w*|"
            r"pharma\w*|nutritionists?"
        ),
        "health": (
            r"cures?|heals?|relieves?|prevents?|detox\w*|anti[- ]?age?ing|anti[- ]?age|reduces? (?:\w+ )?(?:stress|pain|wrinkles|"
            r"anxiety|inflammation)|boosts? (?:\w+ )?(?:immun\w*|metabolism|energy|collagen|focus)|weight loss|lose weight|"
            r"burns? fat|heilt|lindert|abnehmen|guerit|soulage|maigrir|cura|alivia|adelgaz\w*|kills? (?:\w+ )?(?:germs|bacteria|"
            r"viruses)|antibacteri\w*|antimicrob\w*|hypoallerg\w*|non[- ]toxic|side effects?"
        ),
        "certified": (
            r"certif\w*|zertifi\w*|fda|iso|tuv|stiftung warentest|oko-?test|patent\w*|brevet\w*|approved|accredited|official\w*|"
            r"offiziell\w*|officiel\w*|oficial\w*|licensed|(?:medical|military)[- ]grade"
        ),
    },
    ClaimKind.GUARANTEE: {
        "guarantee": (
            r"guarant\w*|garant\w*|warrant\w*|money[- ]back|geld[- ]zuruck\w*|rembours\w*|satisfait ou|devolucion\w*|reembols\w*|"
            r"risk[- ]free|risikofrei\w*|ohne risiko|sans risque|sin riesgos?|no risk"
        ),
        "lifetime": (
            r"lifetime|life[- ]?long|for life|forever|lebenslang\w*|leben lang|fur immer|a vie|pour toujours|de por vida|"
            r"para siempre|unbreakable|indestructible|unzerstorbar\w*|unkaputtbar\w*|incassable\w*|irrompible\w*|"
            r"never (?:break|fade|spill|leak|fail|rust|chip|lose|need|wear|tear|dull)\w*|zero [a-z]+"
        ),
    },
    ClaimKind.DISCOUNT: {
        DISCOUNT: (
            r"discount\w*|save (?:up to|big|now|today|on|[$€£]?\s?\d)|savings?|off\b(?= *[!.]?$)|[\d%$€£] ?off|"
            r"rabatt\w*|nachlass|spar(?:en|st|t)|spare \d|gespart|reduzier\w*|reduced|reductions?|remises?|economise\w*|"
            r"economies|descuentos?|ahorr\w*|rebajad\w*|bogo|buy (?:one|two|1|2)|(?:two|2) for (?:one|1)|cash ?back|gutschein\w*|"
            r"coupons?|vouchers?|promo\w*"
        ),
        HALF: (
            r"half[- ](?:price|off)|half the price|halber? preis|halben preis|(?:a )?moitie prix|(?:a )?mitad de(?:l)? precio"
        ),
        SALE: (
            r"sale|deals?|special offers?|bargains?|clearance|black friday|cyber monday|sonderangebot\w*|im angebot|"
            r"schnappchen|ausverkauf|soldes?|offres? (?:speciale|exceptionnelle)s?|prix casses?|rebajas|ofertas?|ganga|"
            r"liquidacion|price drop|introductory|preissturz|mas barat[oa]s?"
        ),
        "lowest": r"(?:lowest|best) prices?|tiefst\w*|bestpreis\w*|prix bas|price match|precio mas bajo|mejor precio",
        "free": (
            r"for free|free (?:shipping|delivery|returns?|gifts?|trials?|samples?|refills?|extras?|bonus)|free [a-z]+ with|"
            r"(?:one|it|yours|two) free|(?<!-)free(?= *[!.]?$)|free of charge|no (?:charge|cost)|gratis|kosten(?:los|frei)\w*|"
            r"versandkostenfrei|umsonst|geschenkt|gratuit\w*|offerte?s?|en cadeau|de regalo|sin coste|complimentary"
        ),
    },
    ClaimKind.SCARCITY: {
        "time": (
            r"today only|only today|tonight only|nur heute|aujourd'?hui seulement|seulement aujourd'?hui|solo hoy|last (?:chance|"
            r"days?|call|hours?)|letzte[nr]? (?:chance|tage?|stunden?)|dernieres? (?:chances?|heures?)|derniers? jours?|"
            r"ultim[oa]s? (?:dia|hora|oportunidad|unidad)\w*|ends? (?:tonight|today|soon|tomorrow|[a-z]+day)|hurry|miss out|"
            r"beeil\w*|depeche\w*|date prisa|limited[- ]time|zeitlich begrenzt\w*|temps limitee?|tiempo limitado|flash|"
            r"while (?:stocks?|supplies) last|solange (?:der )?vorrat\w*|jusqu'?a epuisement|hasta agotar|"
            r"this (?:week|weekend|month) only|act (?:now|fast)"
        ),
        "stock": (
            r"selling (?:fast|out)|sold out|almost gone|going fast|(?:only )?(?:a )?(?:few|\w+) left|nur noch|ausverkauft|"
            r"plus que \w+|quedan|agotad\w*|limited (?:edition|run|stock|batch|quantit\w+|number)|limitiert\w*|"
            r"editions? limitees?|edicion(?:es)? limitadas?"
        ),
    },
    ClaimKind.PROPERTY: {
        "ecology": (
            r"organic\w*|bio|biologi\w*|okolog\w*|ecolog\w*|eco[- ]?friendly|umweltfreundlich\w*|sustainab\w*|nachhaltig\w*|"
            r"sostenible\w*|climate|klimaneutral\w*|carbon[- ]\w+|co2|biodegrad\w*|compost\w*|kompostier\w*|plastic[- ]free|"
            r"plastikfrei\w*|ethical\w*|planet[- ]friendly"
        ),
        "recycled": r"recycl\w*|upcycl\w*|recicl\w*|recyklier\w*",
        "vegan": r"vegan\w*|cruelty[- ]free|tierversuchsfrei\w*|fair[- ]?trade",
        "made in": r"made in|hergestellt in|fabriquee?s? en|(?:hech|fabricad)[oa]s? en|swiss[- ]made|german engineer\w*",
        "by hand": (
            r"hand[- ]?(?:made|crafted|built|finished|stitched|sewn)|(?:made|crafted|built|finished|stitched|sewn) by hand|"
            r"handgemacht\w*|handgefertigt\w*|von hand|faite?s? (?:a la )?main|hech[oa]s? a mano|artesan\w*|artisan\w*"
        ),
        "genuine": (
            r"genuine|authentic|(?:real|pure|solid) [a-z]+|echte[nrms]? [a-z]+|veritable|genuin[oa]s?|autentic[oa]s?|"
            r"(?:all[- ])?natural ingredients|all[- ]natural"
        ),
        "proof": (
            r"water[- ]?(?:proof|resistant)|wasser(?:dicht|fest)\w*|impermeables?|etanches?|(?:leak|shock|fire|rust|spill|splash|"
            r"child|weather)[- ]?(?:proof|resistant)|auslaufsicher\w*|(?:scratch|stain|heat)[- ]?(?:proof|resistant)|"
            r"kratzfest\w*|rostfrei\w*|stainless"
        ),
        "safe": (
            r"(?:dishwasher|microwave|oven|food|freezer)[- ](?:safe|proof)|spulmaschinen\w*|mikrowellen\w*|lave-?vaisselle|"
            r"lavavajillas|micro-?ondes|microondas"
        ),
        "free of": (
            r"(?:bpa|sugar|gluten|lead|paraben|sulfate|lactose|dairy|fat|alcohol|fragrance|latex|nickel|gmo|pvc|caffeine|allergen)"
            r"s?[- ]free|(?:zucker|gluten|blei|laktose|alkohol|parfum|schadstoff|silikon|paraben)frei\w*|"
            r"(?:sans|sin) (?:sucre|gluten|lactose|alcool|parabenes?|bpa|plomb|azucar|lactosa|alcohol|parabenos?|plomo)"
        ),
    },
}

GROUPS: tuple[Group, ...] = tuple(
    Group(name, kind, re.compile(rf"(?<![a-z]){'(?:' + pattern + ')'}(?![a-z])"))
    for kind, groups in _WORDS.items()
    for name, pattern in groups.items()
)
