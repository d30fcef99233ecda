"""Given names that stand for one another, German and English; a small table of common ones."""

from __future__ import annotations

from crm.contacts.normalise import fold

__all__ = ["canonical", "interchangeable"]

FAMILIES = tuple(
    tuple(fold(line).split())
    for line in """
    alexander alex sascha sasha xander
    alexandra alex sandra sandy
    andreas andi andy andrew drew
    anna anne anni ann annie annika
    anton toni tony anthony
    barbara babsi bärbel barb
    benjamin ben benny
    bernhard bernd
    birgit birgitta gitta gitte
    charles charlie chuck karl carl
    christian chris christoph christopher kit
    christina christine tina chris christa
    daniel dani danny dan
    david dave
    dieter didi
    dorothea doris dora dorothee
    edward ed eddie ted
    elisabeth elizabeth lisa elli liesel sissi liz beth betty lisbeth else ilse
    eva evi
    franz franzl francis frank
    franziska franzi
    friedrich fritz fred frederick frederic
    gabriele gabi gaby
    georg george jörg schorsch
    gerhard gerd
    gertrud trude gerti
    hans johannes johann john jonny johnny jack
    heinrich heinz heiner henry harry hinnerk
    helene leni lena helena helen
    günther günter gunther
    helmut hellmut
    herbert herb bert
    ingeborg inge
    jakob jacob jack
    james jim jimmy jamie
    jennifer jenny jen
    joachim jochen achim
    jonathan jon
    josef joseph sepp jupp joe josi
    joshua josh
    jürgen jogi
    karin karen
    katharina kathi kati käthe katja katrin kathrin catherine katherine kate kathy katie
    klaus claus niklas nikolaus nicholas nick
    kenneth ken
    kornelia cornelia conny nelly
    kurt curt konrad conrad
    lawrence larry laurence
    lukas lucas luke
    magdalena lena magda leni
    manfred manni manny
    manuela manu
    margarete margarethe grete gretel gretchen margaret maggie peggy meg marga rita
    maria marie mia mary mitzi
    matthias mathias matze matthew matt
    maximilian max maxi
    michael michi michel mike micha mick mickey
    michaela michi
    monika moni monica
    patricia pat patty trish
    patrick pat paddy
    peter pete
    philipp philip phil
    rebecca becky
    richard rick dick rich ricky
    robert rob bob bobby bert
    roland rolli
    rudolf rudi rolf rudolph
    samuel sam sammy
    sabine bine
    siegfried siggi
    stefan stephan steffen stephen steven steve steff
    stefanie stephanie steffi steff
    susanne susi susan sue susann suzanne
    theodor theo ted theodore
    therese resi theresa teresa tess
    thomas tom tommy
    timothy tim timo
    ulrich uli ulli
    ulrike uli ulli rike
    ursula uschi ulla
    waltraud traudl
    wilhelm willi willy william bill will billy
    wolfgang wolf wolfi
    """.strip().splitlines()
)

_FAMILIES_OF: dict[str, set[int]] = {}
for _number, _names in enumerate(FAMILIES):
    for _name in _names:
        _FAMILIES_OF.setdefault(_name, set()).add(_number)


def interchangeable(one: str, other: str) -> bool:
    """Whether two folded given names are forms of one: a table, or a beginning of it (Steff)."""
    if _FAMILIES_OF.get(one, set()) & _FAMILIES_OF.get(other, set()):
        return True
    short, long = sorted((one, other), key=len)
    return len(short) >= 3 and long.startswith(short)


def canonical(name: str) -> str:
    """One spelling for all forms of a given name that stands in one family only."""
    families = _FAMILIES_OF.get(name, set())
    return FAMILIES[next(iter(families))][0] if len(families) == 1 else name
