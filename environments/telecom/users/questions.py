"""What an agent wants to know of the customer, or have agreed to, apart from the phone.

Also what an agent announces: that the customer is handed over, that all is well again, that the talk is over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal

from agentbench_sdk.environments.telecom.users.text import Sentence

Topic = Literal[
    "name", "number", "birth", "customer_id", "model", "place", "since", "problem", "private", "identity", "else", "repeat"
]  # fmt: skip
Consent = Literal["refuel", "plan", "pay", "transfer", "proceed", "ready", "suspend", "price"]

_ASKING = re.compile(
    r"\b(?:(?:may|can|could|might) i (?:please |also |just )*(?:have|get|ask|know|see)|"
    r"(?:please|could you|can you|would you|will you|kindly|mind)\b.{0,60}\b(?:provid\w+|giv\w+|tell\w*|shar\w+|confirm\w*|verify\w*|stat\w+|send\w*|"
    r"let me know|specify|clarify|repeat|enter|remind|say|describe|explain|identify)|"
    r"what(?:'s| is| are|'re| was)?\b|which\b|who\b|where\b|how long\b|when\b|"
    r"i(?:'ll| will| would|'d| do)?(?: also| just| still| first| now| only)* (?:need|require|like to (?:have|know|get)|have to (?:ask|know)|want to know)|"
    r"let me know|we(?:'ll| will)? need)\b|^(?:and |also |then |first,? |please )*(?:provide|tell|give|share|confirm|state|verify|describe|specify)\b|\bplease\?|^(?:your|the) [^?]{2,60}\?|^and (?:your|the) "
)
_NAME = re.compile(
    r"\b(?:(?:full|first|last|complete|legal|account holder'?s?|your|account) name|name (?:and|on|of the (?:account|customer|caller))|names?(?=[ ,]+(?:and|or|as|please|on)\b)|who am i (?:speaking|talking|chatting)|who i(?:'m| am) (?:speaking|talking)|what(?:'s| is) (?:your|the) name|^name\b|[,:] name\b)"
)
_NO_NAME = re.compile(
    r"\b(?:access point name|apn name|app(?:'s)? name|network name|plan name|name of the (?:network|app|plan)|wi-?fi name)\b"
)
_NUMBER = re.compile(
    r"\b(?:(?:phone|mobile|cell|telephone|contact|callback|line|affected|wireless)(?: phone| line)? numbers?|number (?:of|for|on|associated|linked|that|you|with|do you|is|are)|your number|(?:which|what) number|(?:which|what) line|^number\b|numbers? (?:please|in question))\b"
)
_NO_NUMBER = re.compile(
    r"\b(?:number of (?:bars|gigabytes|gb|days)|serial number|card number|tracking number|bill number|imei|account number|customer number|confirmation number|security number)\b"
)
_CUSTOMER = re.compile(
    r"\b(?:customer (?:id|number|identification)|account (?:id|number)|client (?:id|number))\b"
)
_BIRTH = re.compile(
    r"\b(?:date of birth|birth ?dates?|birthdays?|dob|when were you born|day you were born|born on)\b"
)
_MODEL = re.compile(
    r"\b(?:(?:model|make|brand|kind|type|sort) of (?:phone|device|handset|smartphone)|(?:phone|device|handset)(?:'s)? (?:model|make|brand|type)|(?:what|which) (?:phone|device|handset|smartphone)\b(?! (?:number|shows|says))|what model|which model|(?:make|model) (?:and|or) (?:model|make)|iphone or android|android or (?:an )?iphone|last (?:four|4) digits of (?:the |your |its )?(?:phone |line )?number|in which (?:phone|device))\b"
)
_PLACE = re.compile(
    r"\b(?:abroad|overseas|travel(?:l?ing|l?ed)?|outside (?:of )?(?:the|your) (?:\w+ )?(?:country|us|u\.s|united states|home|usual|service|normal|coverage|network|area|region)\w*|"
    r"where (?:are you|you are|you're)|(?:your|current|present|physical) location|(?:which|what) (?:country|city|state|region)|at home\b|out of the country|"
    r"(?:currently )?located|foreign country|another country|in the (?:us|u\.s\.?|united states)|home (?:country|area|coverage)|different country)"
)
_SINCE = re.compile(
    r"\b(?:since when|how long|when (?:did|was|has) (?:this|the|it|that|your)\b.*\b(?:start|begin|first|happen|occur|notic)\w*|when it (?:started|began)|when you first|when did you (?:first )?notice)\b"
)
_PROBLEM = re.compile(
    r"\b(?:(?:describe|explain|clarify|elaborate|summari[sz]e)\b.{0,40}\b(?:issue|problem|trouble|happening|experienc\w+|symptoms?|situation|going on|details?)|"
    r"tell me (?:a (?:bit|little) )?more\b(?! about (?:how|yourself))|(?:a (?:bit|little) )?more (?:details?|information|about the (?:issue|problem))|"
    r"what (?:exactly )?(?:is|'s|seems to be|are) (?:the |your )?(?:issue|problem|matter|trouble|going on|happening|wrong|difficult\w+)|"
    r"what (?:exactly happens|(?:exactly )?(?:is happening|are you experiencing|seems to be))|what (?:issue|problem|trouble|kind of (?:issue|problem)|type of (?:issue|problem))|"
    r"what (?:can|may|could) i (?:help|do|assist)|how (?:can|may|could) i (?:help|assist)|what brings you|any error messages?|what error|reason for your (?:call|contact)|"
    r"(?:calls?|texts?),? (?:texts?|calls?|internet),? or|is it (?:only|just|all)|every time or)\b"
)
_PRIVATE = re.compile(
    r"\b(?:e-?mail(?: address)?|(?:home|billing|street|mailing|postal) address|zip(?: ?code)?|postal code|social security|ssn|passwords?|passcodes?|(?:account |security |sim |puk |your )pins?\b(?: codes?)?|pin code|puk(?: code)?|"
    r"credit card|debit card|card (?:number|details)|last (?:four|4) digits of your (?:card|ssn|social|account|payment)|payment method|security (?:question|answer|code)|imei|serial number|mother's maiden|"
    r"(?:which|what|your|current) (?:data |rate )?plan\b|operating system|software version|ios version|android version|how old)\b"
)
_PRIVATE_ASKED = re.compile(r"\b(?:upgrade|change|switch|different|another|new|larger|bigger|would you)\b")
_ELSE = re.compile(
    r"\b(?:anything else|any(?:thing)? other|something else|any (?:other|more|further|additional) (?:questions?|issues?|problems?|concerns?|help|assistance)|further assistance|"
    r"any questions|what else)\b"
)
_CHECKS_IDENTITY = re.compile(
    r"\b(?:is (?:that|this|it) (?:right|correct|you|accurate|the right|the correct|john)|(?:right|correct)\s*\?$|(?<!who )am i (?:speaking|talking|right|correct)|do i have (?:that|this|it) right|"
    r"(?:confirm|verify) (?:that )?(?:this|that|your|the|you)\b.{0,40}\b(?:name|number|birth|account|address)\b.{0,20}\b(?:is|are)\b)"
)
_REPEAT = re.compile(
    r"\b(?:repeat (?:that|it|your (?:last )?(?:message|answer))|say (?:that|it) again|didn't (?:catch|understand|get) (?:that|you|your)|rephrase)\b"
)

_OFFERED = re.compile(
    r"\b(?:would you(?: like| want| prefer| be (?:ok|okay|fine|willing|happy|interested|open|comfortable)| agree| care| rather)?|do you (?:want|wish|agree|accept|consent|approve|prefer|authori[sz]e|give|need|have (?:a preference|any objection))|"
    r"are you (?:ok|okay|fine|willing|happy|interested|comfortable|ready|prepared|agreeable|able to pay|open)|is (?:that|this|it) (?:ok|okay|fine|all right|alright|acceptable|good|agreeable)|"
    r"may i|can i|could i|shall i|should i|shall we|should we|can we|do i have your|how (?:much|many)|which (?:option|amount|would)|let me know (?:if|whether|how|which|what|when) you|please (?:confirm|let me know)|"
    r"want me to|like me to|if (?:that|this)(?:'s| is)(?: all)? (?:ok|okay|fine|good)|(?:ok|okay|alright|sound good|sounds good|agreed|does that (?:work|sound)|acceptable|that work for you)\s*\?|what would you|tell me (?:how much|how many|which|whether)|"
    r"i(?:'ll| will)? need your (?:confirmation|approval|consent|permission|agreement|go-ahead)|could you confirm|can you confirm|confirm (?:that|whether|if) you|to confirm|you can (?:either|choose)|your options)\b"
)
_REFUEL = re.compile(
    r"\b(?:refuel\w*|top(?:ping)?[- ]?up|top up|(?:add|buy|purchase|order)\w*(?: \w+){0,3} (?:data|gb|gigabytes?|gigs?)\b|"
    r"(?:extra|additional|more) (?:data|gb|gigabytes?|gigs?)|data (?:add-on|boost|pack|refill)|how (?:much|many) (?:data|gb|gigabytes?|gigs?|would you like to (?:add|refuel|purchase|buy)|do you want)|\d(?:\.\d+)? ?gb\b)"
)
_PLAN = re.compile(
    r"\b(?:(?:chang|switch|upgrad|mov)\w* (?:\w+ ){0,4}plans?|(?:different|another|new|larger|bigger|higher|other|better) (?:\w+ )?plans?|plan (?:change|upgrade)|upgrade)\b"
)
_LARGER_PLAN = re.compile(
    r"\b(?:plans? (?:with|that has|offering) (?:more|extra|additional) (?:data|gb)|(?:larger|bigger|higher) data plans?)\b"
)
_PAY = re.compile(
    r"\b(?:pay(?:ing)?\b|payments?\b|settle|clear (?:the|this|your) (?:bill|balance)|payment request|overdue (?:bill|balance|amount)|outstanding (?:bill|balance|amount))"
)
_SUSPEND = re.compile(
    r"\b(?:suspend (?:your|the) line|suspension of your line|pause your line|cancel (?:your|the) (?:line|account|plan|service))\b"
)
_TRANSFER = re.compile(
    r"\b(?:transfer\w*|human (?:agent|colleague|representative)|live agent|escalat\w+|hand(?:ed|ing)? (?:you )?over|specialist|connect(?:ing|ed)? you (?:with|to)|supervisor|pass(?:ing|ed)? you on|forward(?:ing|ed)? you)\b"
)
_READY = re.compile(
    r"\b(?:(?:are you|you're) (?:ready|near|next to|at your|with your|there|still (?:there|with me)|by your)|ready to (?:go|continue|proceed|start|begin)|do you have (?:your|the) (?:phone|device) (?:with|in|at|near|handy|nearby|on you)|have your phone (?:with|handy|ready|nearby)|shall we (?:begin|start|continue|proceed|get started|go on)|can we (?:begin|start|continue))\b"
)
_PRICE = re.compile(
    r"(?:\$ ?\d|\b\d+(?:\.\d+)? ?(?:usd|dollars?|bucks?|\$)|\busd ?\d|\bfree of charge|\bno (?:extra )?(?:cost|charge)\b|\bcosts? nothing)"
)
_PROCEED = re.compile(
    r"\b(?:would you like me to|shall i|should i|may i|can i|could i|want me to|do i have your|go ahead|proceed|is (?:that|this|it) (?:ok|okay|fine|all right|alright|acceptable)|sound good|sounds good|does that (?:work|sound)|okay\?|ok\?|are you (?:ok|okay|fine|comfortable|happy) with|do you agree|your (?:permission|consent|approval|go-ahead|confirmation)|shall we (?:try|do|go|move)|should we|how (?:much|many) (?:would|do|should|shall)|confirm that you(?:'d| would| want)|which (?:one |option )?(?:would|do) you (?:like|prefer|want)|what would you (?:like|prefer)|(?:would|do) you (?:like|want) (?:me to do )?(?:that|this|it|so)\b)"
)
_MAY_I_ASK = re.compile(
    r"\b(?:may|can|could) i (?:please |also |just )*(?:have|get|ask|know|help|assist|do for|be of)\b"
)

_HANDED_OVER = re.compile(
    r"\byou(?:'re| are)(?: now| currently)? being (?:transferred|connected|passed|handed|forwarded|put through|escalated|redirected)|\byou(?:'ve| have)(?: now| just)? been (?:transferred|connected|handed over)|"
    r"\bi(?:'m| am)(?: now| going to| just)? (?:transferring|connecting|handing|passing|forwarding|putting) you\b(?!.{0,40}\bpayment)|\bi(?:'ve| have)(?: now| just| already)? (?:transferred|connected|handed|passed|forwarded|escalated) (?:you|your case|this|the call|your call)\b(?: over| on)?(?: to|\b)|"
    r"^(?:okay,? |please hold,? )?transferring you\b|\btransferring you (?:now|to)\b|\b(?:your|the) (?:transfer|call)(?: has been| is(?: being| now)?) (?:initiated|in progress|transferred|complete)|\btransfer (?:is )?(?:in progress|initiated|successful)|"
    r"\bi(?:'ll| will)(?: now)? (?:transfer|connect|hand|pass|forward) you\b.{0,60}\b(?:now|right away|immediately)\b|\bi(?:'ll| will) now (?:transfer|connect|hand|pass) you\b|\b(?:a|our|the) (?:human )?(?:agent|colleague|specialist|representative) will (?:take over|be with you|assist you from here|continue)"
)
_CONDITIONAL = re.compile(
    r"\b(?:if|unless|before|would you|shall i|should i|may have to|might|could|until|whether|instead of|without|not|want me|don't|would have to|once|after|when|in case)\b"
)
_INTENT = re.compile(
    r"\b(?:i(?:'ll| will| am going to|'m going to)|i(?: will|'ll)? need to|i have to|i must|let me|we(?:'ll| will)|i(?:'d| would) like to|i can)(?: now| have to| need to)? (?:transfer|connect|hand|pass|escalate|forward)\b"
)
_FIXED = re.compile(
    r"\b(?:(?:should|will|ought to)(?: now| all| again| soon)*(?: be)?(?: fully| back)*(?: able to| working| work| restored| resolved| fixed| functional| operational| back| up| running| normal| have (?:service|signal|data|internet)| good)|"
    r"(?:is|are|has been|have been|was|'s)(?: now| fully| all| successfully| finally)* (?:resolved|fixed|restored|solved|working(?: again| now| properly| normally| correctly| fine)?|back to normal|up and running|sorted|back up|taken care of|functional|excellent again)|"
    r"(?:that|this) (?:resolves|fixes|solves|fixed|resolved|solved)|(?:fixed|resolved|solved|restored) (?:the|your) (?:issue|problem|service|connection)|(?:you're|we're|you are|we are|everything is|everything's|it's) all (?:set|good|done)|"
    r"glad (?:that )?(?:it|everything|your|we|i|the|to (?:hear|see|know))|happy (?:to hear|that it)|works? (?:again|now|properly)\b)"
)
_NOT_FIXED = re.compile(
    r"\b(?:not|isn't|n't|if|whether|once|after|when|until|sorry|still|unless|see if|hope|hopefully|try|let's|would|get)\b"
)
_ACCOUNT = re.compile(r"\b(?:account|bill|payment|identity|verified|customer|profile|plan)\b")
_GOODBYE = re.compile(
    r"\b(?:good ?bye|bye|have a (?:great|good|nice|wonderful|lovely|pleasant|fantastic|safe) (?:day|evening|night|one|weekend|trip|time|rest|journey|stay)|take care|"
    r"thank(?:s| you) for (?:contacting|calling|choosing|reaching|being a)|enjoy your (?:day|trip|stay)|chat (?:is|has been) (?:closed|ended)|closing (?:this|the) (?:chat|case|ticket)|i(?:'ll| will) close (?:this|the)|(?:this|the) (?:conversation|chat|session) (?:is|has) (?:now )?(?:over|closed|ended))"
)
_THANKED_FIRST = re.compile(r"^thank(?:s| you) for (?:contacting|calling|reaching)")
_YES = re.compile(
    r"^(?:yes|yeah|yep|sure|correct|exactly|right|of course|absolutely|please do|go ahead|that's right|that is right|indeed|definitely|certainly|ok(?:ay)?,? (?:please|do|go)|please go ahead)\b(?!.{0,20}\?)"
)
_NO = re.compile(r"^(?:no|nope|not yet|not necessary|that won't be|don't)\b")
_QUIET: Final = re.compile(
    r"\b(?:please (?:hold|wait|bear with)|hold on|one moment|just a moment|a moment|bear with me|give me a (?:moment|second|minute)|(?:let me|i'll|i will|i'm going to|i am)(?: now| just| quickly| first)* (?:check|look|pull|review|verify|see|find|do|process|send|take a look|access|get|apply|add|enable|resume|go ahead|checking|looking|go)|checking)"
)
_LISTED: Final[tuple[tuple[Topic, re.Pattern[str], re.Pattern[str] | None], ...]] = (
    ("name", _NAME, _NO_NAME),
    ("customer_id", _CUSTOMER, None),
    ("number", _NUMBER, _NO_NUMBER),
    ("birth", _BIRTH, None),
    ("model", _MODEL, None),
    ("since", _SINCE, None),
    ("private", _PRIVATE, _PRIVATE_ASKED),
)
_TOLD: Final = re.compile(
    r"^(?:i(?:'ve| have)|thank|thanks|we have|we've|based on|using|according to|great|now that i have)\b(?!.*\b(?:could you|can you|please|may i|what|i need|i'll need)\b)"
)


def asked(sentence: Sentence) -> Iterator[Topic]:
    """What a sentence wants to know of the customer."""
    text = sentence.text
    asking = sentence.asks or _ASKING.search(text) is not None
    if (
        sentence.headed
        and sentence.item
        and (_ASKING.search(sentence.headed) or sentence.headed.rstrip(": ").endswith("following"))
    ):
        asking = True
    if not asking or _TOLD.search(text):
        return
    for topic, pattern, exception in _LISTED:
        if pattern.search(exception.sub(" ", text) if exception and topic != "private" else text) and not (
            topic == "private" and exception and exception.search(text)
        ):
            yield topic
    if _PLACE.search(text) and _about_place(sentence):
        yield "place"
    if _PROBLEM.search(text):
        yield "problem"
    if _ELSE.search(text) and (sentence.asks or "let me know" in text):
        yield "else"
    if _REPEAT.search(text):
        yield "repeat"


def about_what(text: str) -> list[Consent]:
    """What a text is about that asks "shall I?" without saying what."""
    found: list[Consent] = []
    if _REFUEL.search(_LARGER_PLAN.sub("plan", text)):
        found.append("refuel")
    if _PLAN.search(text):
        found.append("plan")
    if not found and _PAY.search(text):
        found.append("pay")
    return found


def is_identity_check(text: str) -> bool:
    """Whether a text asks if what it says of the customer is right."""
    return _CHECKS_IDENTITY.search(text) is not None


def offered(sentence: Sentence) -> Iterator[Consent]:
    """What a sentence would have the customer agree to."""
    text = sentence.text
    if sentence.asks and _READY.search(text):
        yield "ready"
        return
    if not _OFFERED.search(text) or _MAY_I_ASK.search(text):
        return
    found = about_what(text)
    if _SUSPEND.search(text):
        found.append("suspend")
    if _TRANSFER.search(text) and sentence.asks:
        found = ["transfer"]
    if not found and sentence.asks and _PROCEED.search(text):
        found.append("proceed")
    yield from found


def names_price(text: str) -> bool:
    """Whether a text tells what something costs."""
    return _PRICE.search(text) is not None


def hands_over(sentence: Sentence) -> bool:
    """Whether a sentence says that the customer is being transferred."""
    if sentence.asks:
        return False
    found = _HANDED_OVER.search(sentence.text)
    return found is not None and not _CONDITIONAL.search(sentence.text[: found.start()])


def means_to_hand_over(sentence: Sentence) -> bool:
    """Whether the agent says that it will transfer the customer."""
    text = sentence.text
    found = _INTENT.search(text)
    if found is None or sentence.asks or not _TRANSFER.search(text):
        return False
    return not _CONDITIONAL.search(text[: found.start()])


def claims_fixed(sentence: Sentence) -> bool:
    """Whether the agent believes that the trouble is gone."""
    found = _FIXED.search(sentence.text)
    if found is None or sentence.asks or _ACCOUNT.search(sentence.text[: found.start()]):
        return False
    return not _NOT_FIXED.search(sentence.text)


def says_goodbye(sentence: Sentence) -> bool:
    """Whether the agent ends the talk."""
    return _GOODBYE.search(sentence.text) is not None and not _THANKED_FIRST.search(sentence.text)


def answers(text: str) -> bool | None:
    """Whether a text begins with a yes (True) or a no (False)."""
    if _YES.search(text):
        return True
    return False if _NO.search(text) else None


def asks_patience(sentence: Sentence) -> bool:
    """Whether the agent wants a moment of time."""
    return _QUIET.search(sentence.text) is not None


def _about_place(sentence: Sentence) -> bool:
    """Whether the question is where the customer is, not a remark about travelling in another question."""
    text = sentence.text
    if re.search(
        r"\b(?:roaming|mobile data|line)\b.{0,30}\b(?:travel|abroad|outside)", text
    ) and not re.search(r"\b(?:are|were) you\b", text):
        return False
    return (
        sentence.asks
        or re.search(r"\b(?:are you|you are|you're|your|where|which country|location)\b", text) is not None
    )
