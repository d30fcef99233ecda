"""Why a mail came back, as agents tell it apart: from status codes and from words.

The words come first where they speak: servers give 5.1.1 and 5.7.1 for nearly everything, and
half of all bounces have no code at all.
"""

from __future__ import annotations

import re

from crm.channels.contract import Failure

LONGEST_WORDS = 4_000
"""Characters of an explanation that are looked at: what follows is the mail that came back."""

_ADDRESS = re.compile(r"[\w.+=-]{1,64}@[\w.-]{1,255}")
_ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]\d)")
_SMTP = re.compile(r"(?<![\d.])([45]\d\d)(?![\d.]\d)")

_THING = r"(?:mail\s?box|inbox|account|user|recipient|address|alias|e-?mail)"
_ABSENT = r"(?:not found|do(?:es)? ?(?:n['o]t|not) exist|unknown|not known|not listed|invalid|no longer exists?)"

_WORDS: tuple[tuple[Failure, str], ...] = (
    # About us, the sender: whatever else it says, the address written to is not at fault.
    (
        Failure.REFUSED,
        r"sender (?:address |verif\w+ )?(?:rejected|failed|denied|verify failed)|of sender address"
        r"|sender .{0,40}does not exist|too many recipients|recipient preferences"
        r"|\b(?:spf|dkim|dmarc)\b|unauthenticated|senders? .{0,30}not allowed",
    ),
    (
        Failure.MAILBOX_FULL,
        rf"{_THING}.{{0,80}}\b(?:full|over ?quota|out of storage|exceed\w*|size limit)\b"
        r"|over ?quota|quota .{0,20}(?:exceed|full|violat|reached)|exceed\w* .{0,40}(?:quota|storage)"
        r"|exceed\w* (?:its |the )?(?:mailbox|disk)|insufficient (?:disk|system storage|storage)"
        r"|not enough (?:disk |storage )?space|(?:mailbox|disk|storage|quota) ?full"
        r"|(?:postfach|mailbox|konto|speicher).{0,60}(?:voll|überschritten|überfüllt)"
        r"|(?:kontingent|speicherplatz|quota).{0,40}(?:überschritten|erschöpft|aufgebraucht)"
        r"|bo[iî]te.{0,60}pleine|quota.{0,30}dépassé|buz[oó]n.{0,60}llen[oa]|cuota.{0,30}super"
        r"|casella.{0,60}piena|postvak.{0,60}\bvol\b|caixa.{0,60}cheia|skrzynk.{0,60}(?:pełn|przepełn)"
        r"|ящик.{0,40}переполнен|容量(?:超過|オーバー)|邮箱.{0,10}(?:已满|满)",
    ),
    (
        Failure.TOO_LARGE,
        r"(?:message|mail|size|attachment).{0,40}too (?:large|big)|too (?:large|big) (?:message|for)"
        r"|(?:message|mail).{0,30}(?:size|length).{0,30}(?:exceed|limit)|recipsizelimit|sizelimit"
        r"|exceed\w* .{0,40}(?:message|fixed|maximum).{0,20}(?:size|length)|(?:zu|too) gro(?:ß|ss)"
        r"|nachrichtengröße.{0,40}(?:überschr|grenze)|trop (?:volumineu|grand|gros)|demasiado grande"
        r"|troppo grande|te groot|(?:muito|demasiado) grande|zbyt duż|слишком больш",
    ),
    (
        Failure.SPAM,
        r"\bspam\b|\bjunk\b|\bu[bc]e\b|unsolicited|black ?list|block ?list|\b(?:dns|r)bl\b"
        r"|spamhaus|spamcop|blocked using|abuseat|spamsignature|phish|reputation|banned|message content rejected"
        r"|bulk mail|(?:content|mail) .{0,30}(?:looks|considered) .{0,20}(?:spam|bulk)|werbe-?mail"
        r"|(?:courrier )?indésirable|correo no deseado|posta indesiderata|спам|迷惑メール|垃圾邮件",
    ),
    (
        Failure.MAILBOX_CLOSED,
        rf"{_THING}.{{0,80}}(?:disabled|deactivated|inactive|suspended|closed|locked|frozen|expired)"
        rf"|(?:disabled|inactive|suspended|closed|deactivated) {_THING}"
        rf"|{_THING}.{{0,40}}no longer (?:on server|active|available|in use|valid|accept|used)"
        r"|no longer (?:work|employ|with (?:us|the))\w*|has moved|left the company"
        r"|(?:postfach|konto|adresse|benutzer|mailbox).{0,60}(?:deaktiviert|gesperrt|stillgelegt"
        r"|geschlossen|abgelaufen|nicht mehr (?:aktiv|gültig|erreichbar|verwendet))"
        r"|compte.{0,40}(?:désactivé|suspendu|fermé)|cuenta.{0,40}(?:desactiv|inhabilit|suspend|cerrad)"
        r"|(?:casella|account).{0,40}(?:disattivat|sospes|non (?:è )?più attiv)"
        r"|conta.{0,40}(?:desativad|suspens)|(?:gedeactiveerd|uitgeschakeld|opgeheven)"
        r"|konto.{0,40}(?:nieaktywn|zablokowan)|(?:ящик|учетная).{0,60}(?:заблокирован|отключен)",
    ),
    (
        Failure.NO_SUCH_DOMAIN,
        r"(?:host|domain)(?: or domain)?(?: name)? (?:(?:was )?not (?:be )?found|unknown)"
        r"|name service error"
        r"|domain .{0,60}(?:does ?n['o]t exist|does not exist|couldn't be found|invalid|unknown)"
        r"|(?:unknown|no such|invalid|illegal) (?:host|domain)|\bno (?:mx|a)\b.{0,20}(?:or a |record|for)"
        r"|null ?mx|nxdomain|could ?n[o']t find any host|unroute?able (?:mail )?domain"
        r"|\bdns\b.{0,40}(?:fail|error|not found|does not exist|lookup)|no route to (?:host|domain)"
        r"|(?:domain|domäne|rechnername|host).{0,80}(?:nicht gefunden|existiert nicht|unbekannt)"
        r"|(?:domaine|dominio|domínio|domein|domen).{0,60}(?:inexist|introuvable|no existe|n'existe"
        r"|non esiste|não existe|niet gevonden|bestaat niet|nie istnieje)|домен.{0,40}не (?:найд|сущ)",
    ),
    (
        Failure.NO_SUCH_ADDRESS,
        rf"(?:unknown|no such|invalid|bad)(?: or (?:illegal|invalid|unknown))? (?:\w{{1,20}} ){{0,2}}{_THING}"
        rf"|{_THING}(?: name)?.{{0,80}}\b{_ABSENT}|no (?:such |valid )?(?:mailbox|recipient|account)|there is no one"
        rf"|does ?n['o]t have an? .{{0,80}}account|not a (?:known|registered|valid) {_THING}"
        r"|address (?:not found|rejected|couldn't be found)|no such (?:person|local)|unknown local"
        r"|recip(?:ient)?notfound|adrnotfound|not listed in|unrout(?:e)?able(?: address)?|user unavailable"
        r"|recipient address rejected: access denied|wasn't found at|could ?n[o']t be found|user unknown"
        r"|check (?:if|that|whether) (?:the )?address|was ?n[o']t delivered to .{0,80}because the address"
        r"|(?:adresse|empfänger|benutzer|postfach|mailbox|teilnehmer|nutzer).{0,80}(?:nicht gefunden"
        r"|existiert nicht|unbekannt|ungültig|nicht bekannt|nicht vorhanden|nicht vergeben)"
        r"|unbekannte[rn]? (?:empfänger|adresse|benutzer|nutzer)|keine? .{0,20}(?:solche|gültige)"
        r"|(?:adresse|destinataire|utilisateur|bo[iî]te).{0,60}(?:invalide|inconnu|introuvable"
        r"|n.existe pas)|(?:usuario|direcci[oó]n|destinatario|buz[oó]n|cuenta).{0,60}(?:desconocid"
        r"|no (?:se )?(?:ha )?(?:encontr|existe)|incorrecta|inv[aá]lid)"
        r"|(?:destinatario|indirizzo|utente|casella).{0,60}(?:sconosciut|inesistent|non (?:esiste"
        r"|(?:è stat\w )?trovat|valid))|onbekende? (?:gebruiker|ontvanger|adres)"
        r"|(?:adres|ontvanger|gebruiker|postvak).{0,60}(?:bestaat niet|niet gevonden|onbekend|ongeldig)"
        r"|(?:usuário|destinatário|endereço).{0,60}(?:desconhecid|não (?:existe|foi encontr)|inválid)"
        r"|(?:adres|użytkownik|odbiorca).{0,60}(?:nie istnieje|nie znalezion|nieznan)"
        r"|(?:пользователь|адрес|получатель|ящик).{0,60}(?:не (?:найден|существует)|неизвест)"
        r"|(?:アドレス|宛先|ユーザ).{0,30}(?:見つかり|存在し|不明|間違)|不存在|存在しません",
    ),
    (
        Failure.UNREACHABLE,
        r"timed? ?out|requests to connect|socket error|connection (?:refused|reset|dropped|lost|failed)|could ?n[o']t connect"
        r"|unable to connect|cannot connect|unreachable|retry time|too long|queue lifetime"
        r"|(?:message|delivery).{0,30}expired|temporar|try again|service .{0,20}unavailable"
        r"|not respond|grey-?list|upstream error|too many (?:hops|connections)|frequency limited"
        r"|nicht erreich|zeitüberschreitung|zeitlimit|vorübergehend|délai|injoignable|no responde"
        r"|non raggiungibile|onbereikbaar|tempor[aá]ri|недоступ|hop count|routing loop|mail loop",
    ),
    (
        Failure.REFUSED,
        r"denied|not (?:allowed|permitted|accept|authori[sz])|reject|refus|polic(?:y|ies)|relay"
        r"|blocked|prohibit|forbidden|restricted|abgelehnt|abgewiesen|verweigert|nicht (?:erlaubt|gestattet)"
        r"|rechazad|rifiutat|respint|geweigerd|geblokkeerd|recusad|rejeitad|odrzucon|отклон|拒否|拒绝",
    ),
)
_SPEAKS = tuple((failure, re.compile(words, re.IGNORECASE)) for failure, words in _WORDS)

_CODES: dict[tuple[int, int], Failure] = {
    (1, 0): Failure.NO_SUCH_ADDRESS,
    (1, 1): Failure.NO_SUCH_ADDRESS,
    (1, 2): Failure.NO_SUCH_DOMAIN,
    (1, 3): Failure.NO_SUCH_ADDRESS,
    (1, 4): Failure.NO_SUCH_ADDRESS,
    (1, 6): Failure.MAILBOX_CLOSED,
    (1, 7): Failure.REFUSED,
    (1, 8): Failure.REFUSED,
    (1, 10): Failure.NO_SUCH_DOMAIN,
    (2, 1): Failure.MAILBOX_CLOSED,
    (2, 2): Failure.MAILBOX_FULL,
    (2, 3): Failure.TOO_LARGE,
    (3, 1): Failure.UNREACHABLE,
    (3, 2): Failure.UNREACHABLE,
    (3, 4): Failure.TOO_LARGE,
    (4, 4): Failure.NO_SUCH_DOMAIN,
}
"""Subject and detail of an enhanced status code (RFC 3463; 1.10: RFC 7505)."""

_SUBJECTS = {4: Failure.UNREACHABLE, 6: Failure.REFUSED, 7: Failure.REFUSED}
_REPLIES = {
    "421": Failure.UNREACHABLE,
    "450": Failure.UNREACHABLE,
    "451": Failure.UNREACHABLE,
    "452": Failure.MAILBOX_FULL,
    "551": Failure.MAILBOX_CLOSED,
    "552": Failure.MAILBOX_FULL,
    "553": Failure.NO_SUCH_ADDRESS,
    "554": Failure.REFUSED,
}
"""Reply codes of SMTP where they say more than that it failed (RFC 5321, 4.2.3)."""


def failure_of(words: str, status: str = "") -> Failure:
    """What a mail system's words and status code mean, in whatever language it speaks."""
    plain = " ".join(_ADDRESS.sub(" ", words[:LONGEST_WORDS]).split())
    for failure, speaks in _SPEAKS:
        if speaks.search(plain):
            return failure
    return _by_code(status) or _by_code(plain) or _by_reply(plain) or Failure.OTHER


def _by_code(text: str) -> Failure | None:
    """What the enhanced status codes say, the first that says anything."""
    for found in _ENHANCED.finditer(text):
        subject, detail = int(found[2]), int(found[3])
        meant = _CODES.get((subject, detail)) or _SUBJECTS.get(subject)
        if meant is not None:
            return meant
    return None


def _by_reply(text: str) -> Failure | None:
    codes = (_REPLIES.get(found[1]) for found in _SMTP.finditer(text))
    return next((meant for meant in codes if meant is not None), None)


def telling_line(text: str) -> str:
    """The line of an explanation that says most; "" where none says anything."""
    for failure, speaks in _SPEAKS:
        for line in text[:LONGEST_WORDS].splitlines():
            if failure is not Failure.REFUSED and speaks.search(_ADDRESS.sub(" ", line)):
                return line.strip()
    return ""
