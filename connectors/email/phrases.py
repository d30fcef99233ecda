"""The words by which mail programs begin a quotation or sign a mail, a line per language."""

from __future__ import annotations

import re

# Before the date: "On 3 Feb 2025 ...", "Am 03.02.2025 ...".
OPENERS = (
    "on|at",
    "am",
    "le",
    "el|en fecha",
    "op",
    "il|il giorno|in data",
    "em|no dia|a",
    "den|på",
    "w dniu|dnia|pon|wt|śr|czw|pt|sob|niedz",
    "vào|în|στις|dne|dňa|pada|tanggal|в|на",
)

# After it: "... wrote:", "... schrieb:".
VERBS = (
    "wrote|writes|said",
    "schrieb|schrieben|schreibt|geschrieben",
    "a écrit|écrivait|avez écrit|a ecrit|ecrit",
    "escribió|escribio|escribi|ha escrito|escribe",
    "schreef|schrijft|geschreven",
    "ha scritto|scrisse|scrive",
    "escreveu|escreveram|escreve",
    "skrev|skriver|skrifaði|kirjoitti",
    "napisał|napisał\\(a\\)|napisała|pisze",
    "napsal|napsal\\(a\\)|napsala|píše|napísal|napísal\\(a\\)|napísala|napisao|napisao je|napisala",
    "rašė|parašė|rakstīja|kirjutas|a scris|έγραψε|írta|ezt írta|yazdı|yazmış",
    "menulis|đã viết|va escriure|ha escrit",
    "написа\\w{1,2}|написав|пишет|писал|пише|је написао",
    "כתב|כתבה|كتب|كتبت|نوشت",
)

# The same in writings that put no blank between words.
UNSPACED_VERBS = "写道|寫道|写到|書きました|のメッセージ|님이 작성|작성:|เขียน"

# Programs that name the writer alone: "Zitat von Anna <anna@example.org>:".
QUOTERS = (
    "quoting|zitat von|citando a?|citation de|quotando|citaat van|citeren|citat från|cytowanie|"
    "missatge de"
)

# "I wrote you on 3 February:" tells a story; no mail program calls the writer so.
FIRST_PERSON = "i|we|ich|wir|je (?:vous|t[e'’])|j['’]ai|nous|yo|nosotros|ik|wij|eu|nós|jag|jeg|ja|já|я|мы|ho|abbiamo"

# Roles of a header block, as Outlook and its kind put it above the older mail.
LABELS: dict[str, str] = {
    "from": "from|von|de|da|van|från|fra|od|от|від|от кого|发件人|mittente|remitente|expéditeur"
    "|absender|lähettäjä|kimden|gönderen|feladó|από|差出人|送信者|寄件者|寄件人|보낸 사람|보낸사람"
    "|dari|de la|expeditor|מאת|من|frá|odesílatel|odosielateľ|nadawca|avsändare|afsender|avsender",
    "date": "sent|date|gesendet|gesendet am|datum|envoyé|envoyé le|date d'envoi|message du|enviado"
    "|enviado el|enviado em|enviada|enviada em|fecha|data|verzonden|inviato|skickat|sendt|dato"
    "|wysłano|отправлено|дата|发送时间|发送日期|日期|日時|送信日時|received|sent at|sent on"
    "|lähetetty|päivämäärä|pvm|odesláno|odoslané|dátum|tarih|gönderme tarihi|gönderildi|küldve"
    "|elküldve|trimis|στάλθηκε|ημερομηνία|надіслано|보낸 날짜|보낸 시간|날짜|寄件日期|傳送時間"
    "|dikirim|tanggal|נשלח|תאריך|التاريخ|date de l'envoi",
    "to": "to|an|à|a|para|aan|till|til|do|кому|收件人|pour|per|empfänger|destinataire|destinatario"
    "|vastaanottaja|kime|alıcı|címzett|către|προς|宛先|收件者|받는 사람|받는사람|kepada|komu|pro"
    "|אל|إلى|za",
    "cc": "cc|kopie|copie|copie à|kopia|copia|cópia|копия|копія|抄送|kopi|kopio|bilgi|副本|참조|bcc"
    "|másolatot kap",
    "subject": "subject|betreff|objet|sujet|asunto|onderwerp|oggetto|assunto|ämne|emne|temat|тема"
    "|主题|主旨|件名|aihe|předmět|predmet|konu|tárgy|subiect|θέμα|제목|perihal|subjek|נושא|الموضوع",
}

# Between dashes: "-----Original Message-----".
DIVIDERS = (
    "original message(?: follows)?|original appointment|reply message|original email|original",
    "ursprüngliche nachricht|originalnachricht|original-nachricht|urspr\\. nachricht",
    "ursprüngliche (?:e-?)?mail|original-mail",
    "message d['’]origine|message original|message initial|mail original|courriel original",
    "mensaje original|missatge original",
    "oorspronkelijk bericht|origineel bericht|originele bericht",
    "messaggio originale|messaggio originario",
    "mensagem original",
    "ursprungligt meddelande|originalmeddelande|oprindelig (?:meddelelse|besked)",
    "opprinnelig melding|alkuperäinen viesti|upprunaleg skilaboð",
    "oryginalna wiadomość|wiadomość oryginalna|původní (?:zpráva|e-mail)|pôvodná správa",
    "izvorna poruka|izvirno sporočilo|eredeti üzenet|mesajul? original|αρχικό μήνυμα",
    "özgün ileti|orijinal mesaj|orijinal ileti|pesan asli|thư gốc",
    "исходное сообщение|первоначальное сообщение|оригінальне повідомлення|вихідне повідомлення",
    "元のメッセージ|原始邮件|原始郵件|邮件原件|원본 메일|원본 메시지|הודעה מקורית|الرسالة الأصلية",
)

# Above a mail that is passed on: what follows is what the sender wants to show.
FORWARDS = (
    "(?:begin )?forwarded message|forwarded by .{1,80}",
    "(?:(?:anfang|beginn) der )?weitergeleiteten? (?:nachricht|e-mail|mail)|weitergeleitet von .{1,80}",
    "(?:début du )?message (?:transféré|réexpédié)|(?:début du )?message transmis",
    "(?:inicio del )?mensaje reenviado|missatge reenviat",
    "(?:begin )?doorgestuurd bericht|(?:inizio )?messaggio inoltrato",
    "(?:início da )?mensagem (?:re)?encaminhada",
    "vidarebefordrat (?:meddelande|brev)|videresendt (?:besked|melding|meddelelse)",
    "(?:välitetty|edelleenlähetetty) viesti|framsent skeyti",
    "(?:początek )?(?:przekazanej wiadomości|przekazywanej wiadomości)",
    "(?:przekazana wiadomość|wiadomość przekazana)|přeposlaná zpráva|preposlaná správa",
    "(?:proslijeđena|prosleđena) poruka|posredovano sporočilo|továbbított (?:üzenet|levél)",
    "mesaj redirecționat|προωθημένο μήνυμα|ileti(?:len|lmiş) (?:mesaj|ileti)|yönlendirilmiş ileti",
    "(?:пересылаемое|пересланное|перенаправленное) сообщение|переслане повідомлення",
    "転送(?:された)?メッセージ|转发的?邮件|转发邮件信息|轉寄的?郵件|전달된 (?:메시지|메일)|pesan terusan",
)

# What help desks put above the history that they send along; and Tobit's own divider.
REPLY_ABOVE = (
    "^original message processed by david",
    "(?:reply|respond|answer|write|response|message).{0,30} above (?:this|the) line",
    "above this line (?:to|will)|(?:edit|write|reply|type).{0,20} below this line",
    "(?:über|oberhalb) diese[rs]? (?:zeile|linie|trennlinie)",
    "au[ -]dessus de (?:cette|la) ligne|encima de esta línea|arriba de esta línea",
    "(?:boven|over) deze (?:lijn|regel)|(?:sopra|al di sopra di) (?:a )?questa (?:linea|riga)",
    "acima d(?:esta|a) linha|(?:ovanför|över) den här (?:linjen|raden)|ovanför denna (?:linje|rad)",
    "over denne (?:linj\\w{0,2})|(?:powyżej|nad) (?:tej linii|tą linią)|nad (?:tuto|tento) (?:čáru|řádek)",
    "выше этой (?:линии|строки|черты)|bu satırın üst\\w{1,4}|tämän (?:rivin|viivan) yläpuolelle",
)

# One of these stands in each of them, so that most mails need no closer look.
LINES = (
    "this line|the line|zeile|linie|ligne|línea|lijn|regel|linea|riga|linha|raden|denna rad|linje|linii|linią"
    "|čáru|řádek|линии|строки|черты|satır|rivin|viivan|by david"
)

# A line of its own that a telephone or a program adds.
SENT_FROM = (
    "sent (?:from|with|via|by|on)|get \\[?outlook for|from my iphone|download yahoo",
    "(?:von|aus) mein\\w* .{1,40} gesendet|gesendet (?:von|mit|aus|über)|diese nachricht wurde von"
    "|(?:outlook für \\w{3,8} (?:beziehen|herunterladen|abrufen)|holen sie sich outlook)"
    "|von .{1,30} gesendet$",
    "envoyé (?:de|depuis|avec|à partir)|(?:télécharge[rz]|obtenez|obtenir) outlook",
    "enviado (?:desde|con|por|do|de|a partir)|(?:obtener|obtén|baixar o|obter o) outlook"
    "|enviat (?:des|amb)",
    "verzonden (?:vanaf|met|vanuit|van)|verstuurd (?:vanaf|met|vanuit|van)|outlook voor"
    "|(?:download|haal) outlook",
    "inviato (?:da|dal|con|tramite)|(?:scarica|ottieni) outlook",
    "skickat från|sendt fra|lähetetty \\w{1,20}|sent frá|(?:skaffa|hämta|hent|få|hanki) outlook",
    "wysłan[eoy] z|odesláno z|odoslané z|poslano (?:iz|sa)|elküldve az|trimis de pe|στάλθηκε από",
    "(?:pobierz|uzyskaj) (?:program |aplikację )?outlook|\\w{1,15}['’]?\\w{0,6} gönderildi",
    "отправлено (?:с|из|от|через) |надіслано (?:з|із)|dikirim dari|được gửi từ",
    "從我的|发自|傳送自|從 .{1,20}傳送|.{1,12}から送信|나의 .{1,12}에서 보냄|נשלח מ|أرسلت من",
)

# "Sent from my phone, please excuse any typos": the only words that may follow a comma.
EXCUSES = (
    "excuse|typo|brevity|brief|short|pardon|sorry|forgive|entschuldig|kürze|tippfehler|verzeih"
    "|excus|faute|bref|disculp|errores|brevedad|scus|errori|brevità|excuus|typefout|beknopt"
)

# A subject that says that a mail is passed on: "WG: ...", "Fwd: ...".
FORWARD_SUBJECTS = (
    "fwd?|wg|tr|rv|i|doorst|enc|vb|videresendt|vl|pd|przek|ilt|továbbítás|转发|轉寄|転送"
)


OPENER = re.compile(rf"(?:{'|'.join(OPENERS)})\b\.?", re.IGNORECASE)
VERB = re.compile(
    rf"(?<![^\s,;()<>\"'’*_])(?:{'|'.join(VERBS)})(?!\w)|{UNSPACED_VERBS}", re.IGNORECASE
)
QUOTER = re.compile(rf"(?:{QUOTERS})\b", re.IGNORECASE)
TELLER = re.compile(rf"\b(?:{FIRST_PERSON})\b", re.IGNORECASE)
DIVIDER = re.compile(
    rf"[-–—_*=~#<>\s]{{2,40}}(?:{'|'.join(DIVIDERS)})\s{{0,3}}:?[-–—_*=~#<>\s]{{0,40}}",
    re.IGNORECASE,
)
BARE_DIVIDER = re.compile(rf"[*\s]{{0,4}}(?:{'|'.join(DIVIDERS)})[*:\s]{{0,4}}", re.IGNORECASE)
FORWARD = re.compile(
    rf"[-_*=>\s]{{0,40}}(?:{'|'.join(FORWARDS)})\s{{0,3}}[:：]?[-_*=<\s]{{0,40}}", re.IGNORECASE
)
DESK_LINE = re.compile(rf"(?:{'|'.join(REPLY_ABOVE)})", re.IGNORECASE)
SENT = re.compile(rf"[<(\[*_]{{0,3}}(?:{'|'.join(SENT_FROM)})", re.IGNORECASE)
EXCUSE = re.compile(EXCUSES, re.IGNORECASE)
PASSED_ON = re.compile(
    rf"\s{{0,3}}(?:\[[^\]]{{1,40}}\]\s?){{0,3}}(?:{FORWARD_SUBJECTS})\s?[:：]", re.IGNORECASE
)
ROLES = {label: role for role, labels in LABELS.items() for label in labels.split("|")}
LINE_WORDS = tuple(LINES.split("|"))
