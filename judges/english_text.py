"""English transcripts as Whisper's evaluation compares them (Radford et al. 2022, appendix C).

Fillers and brackets go; contractions, titles and numbers are written out the same way; British spelling becomes
American. The spelling covers the common families of words, not the whole list of the paper's code.
"""

from __future__ import annotations

import re

from agentbench_sdk.judges.english_numbers import numbers_as_digits
from agentbench_sdk.judges.speech_text import without_brackets, without_diacritics

_FILLERS = re.compile(r"\b(?:hmm|mm|mhm|mmm|uh|um)\b")
_WHOLE = {
    "won't": "will not", "can't": "can not", "let's": "let us", "ain't": "aint", "y'all": "you all",
    "wanna": "want to", "gotta": "got to", "gonna": "going to", "i'ma": "i am going to", "imma": "i am going to",
    "woulda": "would have", "coulda": "could have", "shoulda": "should have", "ma'am": "madam",
    "mr": "mister", "mrs": "missus", "st": "saint", "dr": "doctor", "prof": "professor", "capt": "captain",
    "gov": "governor", "ald": "alderman", "gen": "general", "sen": "senator", "rep": "representative",
    "pres": "president", "rev": "reverend", "hon": "honorable", "asst": "assistant", "assoc": "associate",
    "lt": "lieutenant", "col": "colonel", "jr": "junior", "sr": "senior", "esq": "esquire",
}  # fmt: skip
_BLANK_AFTER = {*list(_WHOLE)[list(_WHOLE).index("mr") :]}
_ENDINGS = (
    ("'d been", " had been"), ("'s been", " has been"), ("'d gone", " had gone"), ("'s gone", " has gone"),
    ("'d done", " had done"), ("'s got", " has got"), ("n't", " not"), ("'re", " are"), ("'s", " is"),
    ("'d", " would"), ("'ll", " will"), ("'t", " not"), ("'ve", " have"), ("'m", " am"),
)  # fmt: skip
_WHOLE_WORD = re.compile(
    r"\b(" + "|".join(sorted(map(re.escape, _WHOLE), key=len, reverse=True)) + r")\b(?=(.?))"
)


def _spelled_out(match: re.Match[str]) -> str:
    return _WHOLE[match[1]] + (" " if match[1] in _BLANK_AFTER else "")


def _words_of(text: str) -> str:
    return "|".join(text.split())


_OUR = _words_of(
    "arb arm ard behavi bel cand clam clang col demean endeav enam fav ferv flav harb hon hum lab misdemean neighb od "
    "parl ranc rig rum sav savi splend succ tum val vap vig"
)
# Verbs in -ise that are so in America too, by their beginning; all others of some length are in -ize there.
_ISE_TOO = _words_of(
    "adv ar cer chast chem circumc clockw comp compr comprom conc dem den desp dev disenfranch disfranch "
    "emprise enfranch enterpr exc exerc expert franch improv inc likew merchand mort otherw overexerc parad pract prec "
    "prem prom repr rev reapprai sunr superv supr surm surpr telev treat upr val advert readvert counterclockw "
    "appr underprec imprec moonr"
)
_DOUBLED = _words_of(
    "apparel backpedal bedevil bejewel bevel cancel carol cavil channel chisel counsel cruel crystal cudgel dial disembowel "
    "dishevel drivel duel enamel equal fuel funnel gambol gravel grovel gruel hovel imperil initial jewel kennel label "
    "laurel level libel marshal marvel medal metal model outrival panel parcel pedal pencil peril pummel quarrel ravel "
    "refuel remodel relabel revel rival shovel shrivel signal snivel snorkel spiral squirrel stencil swivel symbol "
    "unequal unrival trial impanel tassel teetotal tinsel total towel trammel travel tunnel unravel untrammel victual weasel yodel"
)
_RE = _words_of(
    "(?:epi)?cent (?:kilo|centi|milli|micro)?met (?:milli|centi)?lit (?:amphi)?theat fib calib sab somb spect lust meag "
    "mit scept sepulch goit saltpet louv reconnoit"
)
_FAMILIES: tuple[tuple[str, str], ...] = (
    (rf"\b((?:dis|un|mis|re|multi)?(?:{_OUR}))our", r"\1or"),
    (r"\bglamor\b", "glamour"),
    (r"\bcos(y|ies|ier|iest|ily|iness)\b", r"coz\1"),
    (
        rf"\b(?!(?:{_ISE_TOO})is)(\w{{2,}}[^\Waou])is(e|es|ed|er|ers|ing|ingly|able|ation|ations|ational|ements?)\b",
        r"\1iz\2",
    ),
    (r"\b((?:psycho)?anal|paral|catal|breathal|electrol|dial)ys(e|es|ed|ing|er|ers)\b", r"\1yz\2"),
    (
        rf"\b({_RE})re(?=s\b|\b|glass|fold|piece|goer|d\b)",
        r"\1er",
    ),
    (r"\b((?:epi)?cent|lit|sab|met|reconnoit|louv)er([d])\b", r"\1ered"),
    (r"\b((?:re)?cent)ring\b", r"\1ering"),
    (r"\b(catal|dial|anal|monol|epil|homol|pedag)og(?:ue(?=s?\b))", r"\1og"),
    (r"\b(catal)ogu(ed|ing)\b", r"\1og\2"),
    (r"\b(def|off|pret)ence(s|less)?\b", r"\1ense\2"),
    (r"\blicence(s|d)?\b", r"license\1"),
    (rf"\b({_DOUBLED})l(ed|ing|ings|ingly|er|ers|or|ors|ous|ously|est|ist|ists)\b", r"\1\2"),
    (r"\b(enrol|fulfil|instal|appal|distil|enthral)(s|ment|ments)?\b", r"\1l\2"),
    (r"\b(ski|wi)lful", r"\1llful"),
    (r"\b(an|leuk|haem|hypoglyc|septic|tox)aemi", r"\1emi"),
)
# British beginnings of words, and whole words, each before its American form.
_BEGINNINGS = """
    aeon eon  aeroplane airplane  aesthet esthet  aetiolog etiolog  anaesth anesth  archaeolog archeolog  artefact artifact
    behove behoove  biass bias  bougainvillaea bougainvillea  caesarean cesarean  callis calis  chequered checkered
    chequers checkers  chimaera chimera  clarinett clarinet  connexion connection  councillor councilor  cypher cipher
    diarrhoea diarrhea  draught draft  encyclopaed encycloped  faec fec  fillet filet  foet fet  gaol jail
    gonorrhoea gonorrhea  grey gray  gynaec gynec  haem hem  homoeo homeo  inflexion inflection  judgement judgment
    kerb curb  lacklustre lackluster  likeable likable  manoeuvrab maneuverab  mediaeval medieval  moustach mustach
    oesoph esoph  oestro estro  orthopaed orthoped  outmanoeuvre outmaneuver  paed ped  palaeo paleo  philtre filter
    phoney phony  plough plow  practis practic  primaeval primeval  pyjama pajama  recognisa recogniza  remould remold
    sceptic skeptic  smoulder smolder  snowplough snowplow  sulph sulf  syphon siphon  technicolour technicolor
    tranquilli tranquili  tricolour tricolor  waggon wagon  watercolour watercolor  woolly wooly  worshipp worship
    woollen woolen  yoghourt yogurt  yoghurt yogurt  storeys stories  storey story
"""
_WORDS = """
    ageing aging  aluminium aluminum  axe ax  busses buses  caliper caliper  cheque check  cheques checks
    chequebook checkbook  chequebooks checkbooks  chilli chili  disc disk  discs disks  furore furor  gage gauge
    gages gauges  gaged gauged  gaging gauging  gasses gases  gipsies gypsies  gramme gram  grammes grams
    kilogramme kilogram  kilogrammes kilograms  instil instill  instils instills  jewellery jewelry
    manoeuvre maneuver  manoeuvres maneuvers  manoeuvred maneuvered  manoeuvring maneuvering  mould mold  moulds molds
    moulded molded  moulding molding  mouldings moldings  mouldy moldy  moulder molder  moult molt  moults molts
    moulted molted  moulting molting  mum mom  mums moms  mummy mommy  mummies mommies  omelette omelet
    omelettes omelets  programme program  programmes programs  prologue prolog  prologues prologs  tonne ton  tonnes tons
    travelog travelogue  travelogs travelogues  tyre tire  tyres tires
"""


def _pairs(table: str, pattern: str) -> list[tuple[str, str]]:
    words = table.split()
    return [
        (pattern.format(british), american) for british, american in zip(words[::2], words[1::2], strict=True)
    ]


_SPELLINGS = tuple(
    (re.compile(pattern), american)
    for pattern, american in [*_FAMILIES, *_pairs(_BEGINNINGS, r"\b{}"), *_pairs(_WORDS, r"\b{}\b")]
)


_MANEUVER = re.compile(r"\bmaneuver(e)(s|d)?\b")


def american(text: str) -> str:
    """Lower-case text with American spelling.

    >>> american("the grey colour of the theatre, organised and travelled")
    'the gray color of the theater, organized and traveled'
    """
    # No rule looks past a word, and a long text repeats its words: each is spelled once.
    words = list(dict.fromkeys(text.split()))
    if not words:
        return text
    spelled = "\n".join(words)
    for pattern, spelling in _SPELLINGS:
        spelled = pattern.sub(spelling, spelled)
    spelled = _MANEUVER.sub(lambda m: "maneuver" + {"s": "s", "d": "ed"}.get(m[2] or "", ""), spelled)
    known = dict(zip(words, spelled.split("\n"), strict=True))
    return re.sub(r"\S+", lambda word: known[word.group()], text)


def whisper_english(text: str) -> str:
    """The normal form of an English transcript.

    >>> whisper_english("Mr. Brown won't pay $2.50 for, uh, twenty-one colours [noise].")
    'mister brown will not pay $2.50 for 21 colors'
    """
    text = without_brackets(" ".join(text.lower().split()))
    text = _FILLERS.sub("", text)
    text = re.sub(r"\s+'", "'", text)
    text = _WHOLE_WORD.sub(_spelled_out, text)
    for short, long in _ENDINGS:
        text = re.sub(rf"{short}\b", long, text)
    text = re.sub(r"(\d),(\d)", r"\1\2", text)
    text = re.sub(r"\.([^0-9]|$)", r" \1", text)
    text = without_diacritics(text, keep=".%$¢€£")
    text = american(numbers_as_digits(text))
    text = re.sub(r"[.$¢€£]([^0-9])", r" \1", text)
    text = re.sub(r"([^0-9])%", r"\1 ", text)
    return " ".join(text.split())
