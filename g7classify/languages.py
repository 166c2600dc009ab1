"""Frozen tables of the sentence splitter, one a language: data and look-up, no rules.

Words stand in lower case. Abbreviations stand without their last stop and without inner spaces: ``z. B.`` is ``z.b``.
The lists were written for the register of public affairs (laws, communiques, courts, police, press); they are meant
to be read and extended. Names of languages are ISO 639-1.
"""

from __future__ import annotations

from dataclasses import dataclass

from g7classify.errors import OptionError


@dataclass(frozen=True, slots=True)
class Language:
    """What the splitter knows of one language."""

    code: str
    """ISO 639-1 code."""
    common: frozenset[str]
    """Function words, by which the language is guessed and a line that cannot end a sentence is recognised."""
    letters: str
    """Letters and marks that hint at the language."""
    starters: frozenset[str]
    """Words that, with a capital, begin a sentence even after an abbreviation."""
    particles: frozenset[str]
    """Starters that also begin surnames (Le Pen, De Luca): the word after them decides."""
    joined: frozenset[str]
    """Abbreviations that never end a sentence (titles, ``e.g``)."""
    numbered: frozenset[str]
    """Abbreviations only before a number or a numeral (``no``, ``art``), ordinary words elsewhere."""
    may_end: frozenset[str]
    """Abbreviations that end a sentence only before a starter (``inc``, ``u.s``)."""
    closing: frozenset[str]
    """Abbreviations that end a sentence before any capital (``etc``)."""
    calendar: frozenset[str]
    """Months and days, which follow an ordinal, a number at a line start or a time of day."""
    citations: frozenset[str]
    """Words before a cardinal number: ``Article 5.`` at the start of a sentence is its marker."""
    ordinal_leads: frozenset[str]
    """Words before an ordinal written with a stop (``am 3. Oktober``); empty where ordinals have none."""
    capital_nouns: bool
    """Whether a capital may be a mere noun, so that it says little about a new sentence."""
    spaced_closers: str
    """Closing quotation marks that typography parts from the word by a space."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FRENCH = Language(
    code="fr",
    common=_words(
        "le la les un une des du de au aux et ou en dans par pour sur avec sans sous entre vers chez contre selon "
        "que qui dont où est sont a ont été ce cette ces son sa ses leur leurs il elle ils elles nous vous ne pas "
        "plus se mais ainsi à d' l' mme mm"
    ),
    letters="çêœâîû",
    starters=_words(
        "le la les l un une des du de d au aux ce cet cette ces celui celle ceux celles il elle ils elles on nous "
        "vous je son sa ses leur leurs notre nos c ceci cela ça en dans par pour sur avec sans sous selon depuis "
        "après avant pendant lors lorsque quand si mais or donc car et ou où que qui quoi quel quelle quels quelles "
        "comme ainsi aussi alors enfin puis ensuite cependant toutefois néanmoins pourtant tout toute tous toutes "
        "aucun aucune plusieurs certains certaines deux trois quatre à y ne personne rien malgré grâce parmi outre "
        "hier aujourd demain chaque vu considérant"
    ),
    particles=_words("le la de du des d l"),
    joined=_words(
        "m mm mme mmes mlle mlles me mes mgr dr drs pr prof st ste sts gén col cdt cne lt adj cf p.ex ex.p c.-à-d "
        "c.à.d env boul bd av apr dép éd min hab suppl spéc cons c.pén c.civ"
    ),
    numbered=_words("art arts al n no nos nᵒ nº p pp § ch chap fig vol réf tél parag l r d"),
    may_end=_words("etc.al s.a s.a.r.l s.a.s o.n.u u.e u.s u.s.a e.u av.j.-c apr.j.-c j.-c c.p op.cit jr"),
    closing=_words("etc s suiv sq"),
    calendar=_words(
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre janv févr avr juil "
        "sept oct nov déc"
    ),
    citations=_words(
        "article art articles chapitre section titre annexe alinéa § considérant figure tableau point partie livre"
    ),
    ordinal_leads=frozenset(),
    capital_nouns=False,
    spaced_closers="»",
)

_ENGLISH = Language(
    code="en",
    common=_words(
        "the a an of to in and or for on with by at from as is are was were be been has have had that which who "
        "this these those its their his her it they we not will would shall should may into under over between "
        "against than"
    ),
    letters="",
    starters=_words(
        "the a an this that these those it its he she they we you i his her their our there here in on at by for "
        "from with without under over after before during since until when while where if as although though "
        "because but and or so yet however moreover meanwhile nevertheless therefore thus both all some many most "
        "several no none nobody neither each every one two three what who why how to of not once only such another "
        "other is are was were do does did has have had will would can could should let"
    ),
    particles=frozenset(),
    joined=_words(
        "mr mrs ms messrs dr drs prof rev hon st ste sr gen maj col lt cpt capt cmdr cdr sgt cpl pvt adm brig insp "
        "supt sen rep gov pres amb atty e.g i.e eg ie cf viz vs v approx est al.seq et.al dept fig figs resp ca"
    ),
    numbered=_words("no nos tel art arts para paras sec secs ch chap vol vols pp p n fn cl reg ed c s pt §"),
    may_end=_words(
        "u.s u.k u.n u.s.a e.u d.c ph.d m.d b.a m.a ll.m ll.b inc ltd co corp bros plc jr esq assn univ ave blvd "
        "jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thurs fri sat sun"
    ),
    closing=_words("etc a.m p.m al"),
    calendar=_words(
        "january february march april may june july august september october november december jan feb mar apr jun "
        "jul aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday gmt utc cet est edt "
        "local"
    ),
    citations=_words(
        "article art section sec chapter rule part annex figure table paragraph schedule title regulation clause item"
    ),
    ordinal_leads=frozenset(),
    capital_nouns=False,
    spaced_closers="»",
)

_GERMAN = Language(
    code="de",
    common=_words(
        "der die das den dem des ein eine einen einem einer eines und oder in im an am auf aus bei mit nach von vom "
        "zu zum zur für über unter gegen durch um als auch nicht ist sind war wird werden hat haben dass sich sie "
        "er es wie bis ihre ihrer seine herr frau"
    ),
    letters="äöüß",
    starters=_words(
        "der die das den dem des ein eine einen einem einer eines er sie es wir ihr ich man dies diese dieser "
        "dieses diesen diesem jene jener sein seine seinen ihre ihren ihrer unser unsere in im an am auf aus bei "
        "beim mit nach von vom zu zum zur für über unter gegen durch um ohne seit während wegen trotz vor zwischen "
        "als auch aber doch denn und oder sowie wenn weil ob obwohl dass damit daher deshalb dennoch jedoch zudem "
        "außerdem allerdings dabei dazu danach dort hier nun nur noch schon so wie was wer wo warum wann welche "
        "welcher niemand keiner keine kein alle alles beide beiden viele einige mehrere zwei drei vier heute "
        "gestern morgen laut gemäß nichts jeder jede"
    ),
    particles=frozenset(),
    joined=_words(
        "hr hrn fr frl dr dres prof dipl ing mag med jur phil rer nat hc h.c st z.b zb d.h dh i.d.r i.v.m i.s.d "
        "i.s.v u.u z.t o.g s.o s.u i.a m.e a.d u.a v.a vgl bzw ca evtl ggf ggfs inkl exkl max mind mio mrd sog bspw "
        "insb einschl gem betr hrsg verf z z.z z.zt geb gest gen abt allg ausschl bes entspr gegr jhd lt oblt hptm "
        "vors stellv ehem i.h.v v.d d.j d.m"
    ),
    numbered=_words("abb tab abl bgbl nr nrn abs art artt ziff lit s bd rn rdnr rz kap anm az tel buchst §"),
    may_end=_words(
        "str jh jhdt n.chr v.chr chr a.m a.o e.v co kg min std e.g i.e u.s u.s.a b.a m.a jan feb apr aug sept okt "
        "nov dez jr"
    ),
    closing=_words("usw usf etc ff f u.ä u.v.m o.ä"),
    calendar=_words(
        "januar februar märz april mai juni juli august september oktober november dezember jänner feber jan feb "
        "mär apr jun jul aug sep sept okt nov dez"
    ),
    citations=_words(
        "artikel art § §§ paragraf paragraph absatz abs kapitel abschnitt nummer nr satz ziffer seite anhang "
        "abbildung tabelle punkt teil"
    ),
    ordinal_leads=_words(
        "am im der die das dem den des vom zum zur beim bis seit ab ein eine einem einen einer eines jeder jedem "
        "jeden dieser diesem diesen ihr ihre ihrem ihren ihrer sein seine seinem seinen seiner unser unserem und "
        "oder auf in nach vor mit aus von zu an bei als ins ans aufs fürs"
    ),
    capital_nouns=True,
    spaced_closers="",
)

_ITALIAN = Language(
    code="it",
    common=_words(
        "il lo la i gli le un uno una di del dello della dei degli delle a al allo alla ai agli alle da dal dalla "
        "dai in nel nella nei con su sul sulla per tra fra e o che chi cui non è sono ha hanno si come anche più ma "
        "se questo questa suo sua loro d' l'"
    ),
    letters="ìòù",
    starters=_words(
        "il lo la i gli le l d un uno una de di del della dei degli delle a al alla ai alle da dal dalla in nel nella "
        "nei con su sul sulla per tra fra e o ma se che chi come quando dove perché mentre dopo prima durante "
        "secondo questo questa questi queste quello quella ciò esso essa essi lui lei loro noi voi io suo sua suoi "
        "sue si non né anche ancora già poi inoltre tuttavia però quindi dunque infatti oggi ieri domani tutti "
        "tutte tutto ogni nessuno nessuna alcuni alcune molti molte entrambi due tre quattro ora così visto qui lì"
    ),
    particles=_words("lo la di del della dei de da dal d l"),
    joined=_words(
        "dott dott.ssa dottssa sig sigg sig.ra sig.na on avv prof prof.ssa ing arch geom rag sen dep min mons gen "
        "col magg ten mar brig s s.e s.s ss.aa cfr cf ad.es es p.es d.lgs dlgs d.l d.m d.p.r d.p.c.m l.r r.d "
        "c.d u.s f.lli spett egr gent.mo ill.mo on.le onn ca v circ distr dir pres segr sost proc"
    ),
    numbered=_words("art artt n nn co comma lett pag pagg p pp par cap sez nr rg tel fig tab vol §"),
    may_end=_words("s.p.a spa s.r.l srl s.n.c s.a.s c.p c.c c.p.p c.p.c u.e u.s.a o.n.u a.c d.c jr sec"),
    closing=_words("ecc etc ss segg seg"),
    calendar=_words(
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre gen feb apr "
        "mag giu lug ago set sett ott nov dic"
    ),
    citations=_words("articolo art capo titolo sezione allegato figura tabella comma punto parte § considerando"),
    ordinal_leads=frozenset(),
    capital_nouns=False,
    spaced_closers="»",
)

_SPANISH = Language(
    code="es",
    common=_words(
        "el la los las un una unos unas de del a al en y e o u que quien por para con sin sobre entre desde hasta "
        "hacia contra según no es son ha han fue se su sus lo le les como más pero si este esta estos estas"
    ),
    letters="ñ¿¡íóá",
    starters=_words(
        "el la los las un una unos unas de del al a en y e o u que quien quienes por para con sin sobre entre desde "
        "hasta hacia contra según durante tras ante bajo mientras cuando donde como si pero sino aunque porque este "
        "esta estos estas ese esa esos esas aquel aquella esto eso ello él ella ellos ellas nosotros yo usted "
        "ustedes su sus nuestro nuestra se no ni nunca nadie nada también además ya aún así entonces luego después "
        "antes hoy ayer mañana todo toda todos todas cada ningún ninguna algunos algunas muchos muchas ambos ambas "
        "dos tres cuatro ahora qué quién cómo cuándo dónde hay lo les le"
    ),
    particles=_words("la los las de del"),
    joined=_words(
        "sr sra sres sras srta dr dra dres prof profa d dña dn ud uds vd vds excmo excma ilmo ilma ilustre hno hna "
        "fr mons gral cnel tte sgto alm lic ing arq abg mtro mtra diput sen gob pdte pdta ee ff cc rr dd hh "
        "p.ej p.e ej cf cfr aprox av avda c ctra apdo dpto depto sto sta s.e s.m "
    ),
    numbered=_words(
        "art arts núm núms num no nos n n.º nº pág págs pag p pp ap inc fracc cap secc lit párr tel tfno fig vol §"
    ),
    may_end=_words("ee.uu eeuu uu u.e o.n.u s.a s.l s.a.u s.r.l s.l.u c.v ff.aa cc.aa a.c d.c rr.hh jr cía ltda"),
    closing=_words("etc a.m p.m ss"),
    calendar=_words(
        "enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre ene feb "
        "mar abr may jun jul ago sept oct nov dic"
    ),
    citations=_words(
        "artículo art capítulo sección título anexo figura tabla apartado punto parte § considerando disposición"
    ),
    ordinal_leads=frozenset(),
    capital_nouns=False,
    spaced_closers="»",
)

# Japanese marks its sentences by 。; what is Latin in a Japanese text is mostly English.
_JAPANESE = Language(
    code="ja",
    common=frozenset(),
    letters="",
    starters=_ENGLISH.starters,
    particles=_ENGLISH.particles,
    joined=_ENGLISH.joined,
    numbered=_ENGLISH.numbered,
    may_end=_ENGLISH.may_end,
    closing=_ENGLISH.closing,
    calendar=_ENGLISH.calendar,
    citations=_ENGLISH.citations,
    ordinal_leads=frozenset(),
    capital_nouns=False,
    spaced_closers="",
)

LANGUAGES: tuple[Language, ...] = (_FRENCH, _ENGLISH, _GERMAN, _ITALIAN, _JAPANESE, _SPANISH)
"""The tables in a fixed order."""

_BY_CODE = {language.code: language for language in LANGUAGES}


def by_code(code: str) -> Language:
    """Return the table of an ISO 639-1 code.

    Raises:
        OptionError: the splitter has no table for that language.
    """
    try:
        return _BY_CODE[code]
    except (KeyError, TypeError):
        supported = ", ".join(_BY_CODE)
        raise OptionError(
            f"language {code!r} is not supported; use one of {supported}, or None to have it guessed"
        ) from None
