"""What mail programs of many languages write above history, below an answer and above a forward."""

from __future__ import annotations

import pytest

from connectors.email.quotes import separate

NEW = "Vielen Dank.\n\nDas Paket ist heute gekommen, es fehlt aber die Schraube."
OLD = "die Sendung ging gestern hinaus.\nIhr Versand"

ATTRIBUTIONS = {
    "gmail en": "On Mon, Feb 3, 2025 at 2:05 PM Support <support@example.org> wrote:",
    "gmail en-gb": "On Mon, 3 Feb 2025 at 14:05, Support <support@example.org> wrote:",
    "gmail de": "Am Mo., 3. Feb. 2025 um 14:05 Uhr schrieb Support <support@example.org>:",
    "gmail de wrapped": "Am Mo., 3. Feb. 2025 um 14:05 Uhr schrieb Ein Name, der lang ist <\n"
    "support@example.org>:",
    "gmail fr": "Le lun. 3 févr. 2025 à 14:05, Support <support@example.org> a écrit :",
    "gmail es": "El lun, 3 feb 2025 a las 14:05, Support (<support@example.org>) escribió:",
    "gmail it": "Il giorno lun 3 feb 2025 alle ore 14:05 Support <support@example.org> ha scritto:",
    "gmail nl": "Op ma 3 feb 2025 om 14:05 schreef Support <support@example.org>:",
    "gmail pt": "Em seg., 3 de fev. de 2025 às 14:05, Support <support@example.org> escreveu:",
    "gmail pl": "pon., 3 lut 2025 o 14:05 Support <support@example.org> napisał(a):",
    "gmail sv": "Den mån 3 feb. 2025 kl 14:05 skrev Support <support@example.org>:",
    "gmail da": "Den man. 3. feb. 2025 kl. 14.05 skrev Support <support@example.org>:",
    "gmail no": "man. 3. feb. 2025 kl. 14:05 skrev Support <support@example.org>:",
    "gmail fi": "ma 3. helmik. 2025 klo 14.05 Support (support@example.org) kirjoitti:",
    "gmail cs": "po 3. 2. 2025 v 14:05 odesílatel Support <support@example.org> napsal:",
    "gmail sk": "po 3. 2. 2025 o 14:05 Support <support@example.org> napísal(a):",
    "gmail tr": "Support <support@example.org>, 3 Şub 2025 Pzt, 14:05 tarihinde şunu yazdı:",
    "gmail ru": "пн, 3 февр. 2025 г. в 14:05, Support <support@example.org>:",
    "gmail uk": "пн, 3 лют. 2025 р. о 14:05 Support <support@example.org> пише:",
    "gmail bg": "На пн, 3.02.2025 г. в 14:05 Support <support@example.org> написа:",
    "gmail hu": "Support <support@example.org> ezt írta (időpont: 2025. febr. 3., H, 14:05):",
    "gmail ro": "În lun., 3 feb. 2025 la 14:05, Support <support@example.org> a scris:",
    "gmail el": "Στις Δευ 3 Φεβ 2025 στις 2:05 μ.μ., ο χρήστης Support <support@example.org> έγραψε:",
    "gmail hr": "pon, 3. velj 2025. u 14:05 Support <support@example.org> napisao je:",
    "gmail ca": "Missatge de Support <support@example.org> del dia dl., 3 de febr. 2025 a les 14:05:",
    "gmail lt": "2025-02-03, pr, 14:05 Support <support@example.org> rašė:",
    "gmail vi": "Vào Th 2, 3 thg 2, 2025 vào lúc 14:05 Support <support@example.org> đã viết:",
    "gmail id": "Pada Sen, 3 Feb 2025 pukul 14.05 Support <support@example.org> menulis:",
    "gmail he": "\u202bבתאריך יום ב׳, 3 בפבר׳ 2025 ב-14:05 מאת \u202aSupport\u202c\u200f "
    "<\u202asupport@example.org\u202c\u200f>:\u202c",
    "gmail ar": "في الاثنين، 3 فبراير 2025 في 14:05 كتب Support <support@example.org>:",
    "gmail ja": "2025年2月3日(月) 14:05 Support <support@example.org>:",
    "gmail zh": "Support <support@example.org> 于2025年2月3日周一 14:05写道：",
    "gmail zh-tw": "Support <support@example.org> 於 2025年2月3日 週一 下午2:05寫道：",
    "gmail ko": "2025년 2월 3일 (월) 오후 2:05, Support <support@example.org>님이 작성:",
    "gmail of 2016": "2025-02-03 14:05 GMT+01:00 Support <support@example.org>:",
    "apple mail en": "On 3 Feb 2025, at 14:05, Support <support@example.org> wrote:",
    "apple mail de": "Am 03.02.2025 um 14:05 schrieb Support <support@example.org>:",
    "apple mail fr": "Le 3 févr. 2025 à 14:05, Support <support@example.org> a écrit :",
    "apple mail es": "El 3 feb 2025, a las 14:05, Support <support@example.org> escribió:",
    "apple mail it": "Il giorno 3 feb 2025, alle ore 14:05, Support <support@example.org> ha scritto:",
    "apple mail ja": "2025/02/03 14:05、Support <support@example.org>のメール:",
    "iphone de": "Am 03.02.2025 um 14:05 schrieb Support:",
    "iphone zh": "在 2025年2月3日，14:05，Support <support@example.org> 写道：",
    "thunderbird en": "On 03/02/2025 14:05, Support wrote:",
    "thunderbird de": "Am 03.02.25 um 14:05 schrieb Support:",
    "thunderbird fr": "Le 03/02/2025 à 14:05, Support a écrit :",
    "thunderbird es": "El 3/2/25 a las 14:05, Support escribió:",
    "thunderbird nl": "Op 03-02-2025 om 14:05 schreef Support:",
    "thunderbird pl": "W dniu 3.02.2025 o 14:05, Support pisze:",
    "thunderbird cs": "Dne 03. 02. 25 v 14:05 Support napsal(a):",
    "thunderbird ru": "03.02.2025 14:05, Support пишет:",
    "yahoo en": "On Monday, February 3, 2025 at 02:05:12 PM GMT+1, Support <support@example.org> wrote:",
    "yahoo de": "Am Montag, 3. Februar 2025 um 14:05:12 MEZ hat Support <support@example.org> "
    "Folgendes geschrieben:",
    "yahoo fr": "Le lundi 3 février 2025 à 14:05:12 UTC+1, Support <support@example.org> a écrit :",
    "proton": "On Monday, February 3rd, 2025 at 14:05, Support <support@example.org> wrote:",
    "open-xchange de": "Support <support@example.org> hat am 03.02.2025 14:05 CET geschrieben:",
    "notes de": "Support/Versand/Firma@Firma schrieb am 03.02.2025 14:05:00:",
    "k9 de": "Am 3. Februar 2025 14:05:12 MEZ schrieb Support <support@example.org>:",
    "roundcube": "Am 2025-02-03 14:05, schrieb Support:",
    "kmail": "Am Montag, 3. Februar 2025, 14:05:12 CET schrieb Support:",
    "evolution": "Am Montag, dem 03.02.2025 um 14:05 +0100 schrieb Support:",
    "horde": "Zitat von Support <support@example.org>:",
    "libero": "Il 3 febbraio 2025 alle 14.05 Support <support@example.org> ha scritto:",
    "mail.ru": "Mon, 3 Feb 2025 14:05:12 +0300 от Support <support@example.org>:",
    "yandex": '03.02.2025, 14:05, "Support" <support@example.org>:',
    "zoho": "---- On Mon, 03 Feb 2025 14:05:12 +0100 Support <support@example.org> wrote ----",
    "tutanota": "3. Feb. 2025, 14:05 von support@example.org:",
    "spark": "Am 3. Feb. 2025, 14:05 +0100 schrieb Support <support@example.org>:",
    "gmail de, the other way round": "Support <support@example.org> schrieb am Mo., 3. Feb. 2025, 14:05:",
    "gmail, wrapped within the date": "On Mon, 3 Feb 2025 at\n14:05, Support <support@example.org> wrote:",
    "gmail fr, wrapped within the verb": "Le lun. 3 févr. 2025 à 14:05, Support <support@example.org> a\n"
    "écrit :",
    "a date of machines": "On 2025-02-03T14:05:12Z, Support <support@example.org> wrote:",
    "polymail": "On Mon, Feb 3, 2025 at 2:05 PM Support\n\n<\nmailto:Support <support@example.org>\n"
    "> wrote:",
}

HEADER_BLOCKS = {
    "outlook en": "From: Support <support@example.org>\nSent: Monday, 3 February 2025 14:05\n"
    "To: Anna Bauer\nSubject: RE: Order",
    "outlook de": "Von: Support <support@example.org>\nGesendet: Montag, 3. Februar 2025 14:05\n"
    "An: Anna Bauer\nBetreff: AW: Bestellung",
    "outlook fr": "De\xa0: Support <support@example.org>\nEnvoyé\xa0: lundi 3 février 2025 14:05\n"
    "À\xa0: Anna Bauer\nObjet\xa0: RE: Commande",
    "outlook es": "De: Support\nEnviado el: lunes, 3 de febrero de 2025 14:05\nPara: Anna\nAsunto: RE: x",
    "outlook it": "Da: Support\nInviato: lunedì 3 febbraio 2025 14:05\nA: Anna\nOggetto: R: x",
    "outlook nl": "Van: Support\nVerzonden: maandag 3 februari 2025 14:05\nAan: Anna\nOnderwerp: RE: x",
    "outlook pt": "De: Support\nEnviada em: segunda-feira, 3 de fevereiro de 2025\nPara: A\nAssunto: x",
    "outlook pl": "Od: Support\nWysłano: poniedziałek, 3 lutego 2025 14:05\nDo: Anna\nTemat: x",
    "outlook sv": "Från: Support\nSkickat: den 3 februari 2025 14:05\nTill: Anna\nÄmne: SV: x",
    "outlook da": "Fra: Support\nSendt: 3. februar 2025 14:05\nTil: Anna\nEmne: SV: x",
    "outlook fi": "Lähettäjä: Support\nLähetetty: maanantai 3. helmikuuta 2025\nVastaanottaja: A\nAihe: x",
    "outlook cs": "Od: Support\nOdesláno: pondělí 3. února 2025 14:05\nKomu: Anna\nPředmět: RE: x",
    "outlook tr": "Kimden: Support\nGönderildi: 3 Şubat 2025 Pazartesi\nKime: Anna\nKonu: YNT: x",
    "outlook ru": "От: Support\nОтправлено: 3 февраля 2025 г. 14:05\nКому: Anna\nТема: RE: x",
    "outlook hu": "Feladó: Support\nElküldve: 2025. február 3.\nCímzett: Anna\nTárgy: RE: x",
    "outlook el": "Από: Support\nΣτάλθηκε: Δευτέρα, 3 Φεβρουαρίου\nΠρος: Anna\nΘέμα: x",
    "outlook ja": "差出人: Support\n送信日時: 2025年2月3日 14:05\n宛先: Anna\n件名: RE: x",
    "outlook zh": "发件人: Support\n发送时间: 2025年2月3日 14:05\n收件人: Anna\n主题: 回复: x",
    "outlook zh-tw": "寄件者: Support\n寄件日期: 2025年2月3日\n收件者: Anna\n主旨: x",
    "outlook ko": "보낸 사람: Support\n보낸 날짜: 2025년 2월 3일\n받는 사람: Anna\n제목: x",
    "outlook he": "מאת: Support\nנשלח: יום שני 3 פברואר 2025\nאל: Anna\nנושא: x",
    "outlook below its line": "________________________________\nVon: Support\nGesendet: Montag\n"
    "An: Anna\nBetreff: AW: x",
    "outlook bold with mailto": "*Von:* Support [mailto:support@example.org]\n*Gesendet:* Montag\n"
    "*An:* 'Anna'\n*Cc:* Berta;\nCaesar\n*Betreff:* AW: x",
    "outlook, blank lines between": "From: Support <support@example.org>\n\nSent: Monday\n\nTo: Anna\n\n"
    "Subject: x",
    "outlook for mac": "From: Support <support@example.org>\nDate: Monday, 3 February 2025 at 14:05\n"
    "To: Anna <anna@example.com>\nSubject: Re: x",
    "outlook of old": "-----Original Message-----\nFrom: Support\nSent: Monday\nTo: Anna\nSubject: x",
    "gmx, web.de": "Gesendet: Montag, 03. Februar 2025 um 14:05 Uhr\nVon: Support "
    "<support@example.org>\nAn: anna@example.com\nBetreff: Aw: x",
    "t-online": "-----Original-Nachricht-----\nBetreff: x\nDatum: 2025-02-03T14:05:12+0100\n"
    'Von: "Support" <support@example.org>\nAn: "Anna" <anna@example.com>',
    "orange": "envoyé : 3 février 2025 à 14:05\nde : Support <support@example.org>\nà : anna\n"
    "objet : Re: x",
    "zimbra fr": "----- Mail original -----\nDe: Support <support@example.org>\nÀ: anna\nEnvoyé: Lundi\n"
    "Objet: x",
    "samsung": "-------- Ursprüngliche Nachricht --------\nVon: Support\nDatum: 03.02.25 14:05 "
    "(GMT+01:00)\nAn: Anna\nBetreff: x",
    "blackberry": "Originalnachricht\nVon: Support\nGesendet: Montag\nAn: Anna\nBetreff: x",
    "em client": "------ Originalnachricht ------\nVon: Support\nAn: Anna\nGesendet: 03.02.2025\n"
    "Betreff: x",
    "proton": "------- Original Message -------",
    "qq": "------------------ 原始邮件 ------------------\n发件人: Support\n发送时间: 2025年\n收件人: A\n主题: x",
    "all in one line": "From: Support [mailto:support@example.org] Sent: Monday To: Anna Subject: RE: x",
    "two lines alone": "From: Support <support@example.org>\nDate: Mon, 3 Feb 2025 14:05:12 +0100",
    "zendesk": "##- Bitte geben Sie Ihre Antwort über dieser Zeile ein. -##",
    "freshdesk": "Please reply above this line",
    "kayako": "=-=-=-= Please reply above this line =-=-=-=",
    "jira": "—-—-—-—\nReply above this line.",
    "msn": "----Original Message Follows----\nFrom: Support\nTo: Anna\nSubject: x",
    "groupwise": '>>> "Support" <support@example.org> 03.02.2025 14:05 >>>',
    "labels and values on lines of their own": "From:\nSupport\nSent:\nMonday\nTo:\nAnna\nSubject:\nx",
    "notes": "Von:        Support/Firma\nAn:        Anna/Firma@Firma\nDatum:        03.02.2025 14:05\n"
    "Betreff:        x",
    "tobit": "Original Message processed by david®\nAW: x 3. Februar 2025, 14:05 Uhr",
}

LINES_OF_TELEPHONES = [
    "Sent from my iPhone",
    "Von meinem iPhone gesendet",
    "Envoyé de mon iPhone",
    "Enviado desde mi iPhone",
    "Inviato da iPhone",
    "Verstuurd vanaf mijn iPhone",
    "Enviado do meu iPhone",
    "Wysłane z iPhone'a",
    "Skickat från min iPhone",
    "Sendt fra min iPhone",
    "Lähetetty iPhonesta",
    "Odesláno z iPhonu",
    "iPhone'umdan gönderildi",
    "Отправлено с iPhone",
    "Надіслано з iPhone",
    "iPhoneから送信",
    "发自我的iPhone",
    "從我的 iPhone 傳送",
    "나의 iPhone에서 보냄",
    "Gesendet mit der GMX Mail App",
    "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.",
    "Holen Sie sich Outlook für Android<https://aka.ms/x>",
    "Get Outlook for iOS<https://aka.ms/x>",
    "Télécharger Outlook pour iOS",
    "Sent with Proton Mail secure email.",
    "Sent from my phone, please excuse the brevity.",
]

FORWARDS = [
    "---------- Forwarded message ---------",
    "---------- Weitergeleitete Nachricht ---------",
    "---------- Message transféré ---------",
    "---------- Messaggio inoltrato ---------",
    "---------- Doorgestuurd bericht ---------",
    "---------- Mensaje reenviado ---------",
    "---------- Mensagem encaminhada ---------",
    "-------- Weitergeleitete Nachricht --------",
    "Anfang der weitergeleiteten Nachricht:",
    "Begin forwarded message:",
    "Début du message réexpédié :",
    "Inizio messaggio inoltrato:",
    "-------- Пересылаемое сообщение --------",
    "-------- 转发邮件信息 --------",
]


@pytest.mark.parametrize("above", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS)
def test_history_marked_below_an_attribution_is_folded(above):
    marked = "\n".join(f"> {line}" for line in OLD.split("\n"))
    parts = separate(f"{NEW}\n\n{above}\n\n{marked}\n")
    assert (parts.text, parts.quoted) == (NEW, f"{above}\n\n{marked}")


@pytest.mark.parametrize("above", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS)
def test_history_without_marks_below_an_attribution_is_folded(above):
    parts = separate(f"{NEW}\n\n{above}\n\n{OLD}\n")
    assert (parts.text, parts.quoted) == (NEW, f"{above}\n\n{OLD}")


@pytest.mark.parametrize("above", [*ATTRIBUTIONS.values(), *HEADER_BLOCKS.values()])
def test_what_is_left_is_not_taken_apart_again(above):
    new = separate(f"{NEW}\n\n{above}\n\n{OLD}\n\n-- \nAnna\n").text
    assert separate(new).text == new == NEW


@pytest.mark.parametrize("above", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS)
def test_an_answer_below_marked_history_stays(above):
    parts = separate(f"{above}\n> {OLD.splitlines()[0]}\n\n{NEW}\n")
    assert parts.text == NEW


@pytest.mark.parametrize("above", HEADER_BLOCKS.values(), ids=HEADER_BLOCKS)
def test_history_below_a_block_of_headers_is_folded(above):
    parts = separate(f"{NEW}\n\n{above}\n\n{OLD}\n")
    assert (parts.text, parts.quoted) == (NEW, f"{above}\n\n{OLD}")


@pytest.mark.parametrize("line", LINES_OF_TELEPHONES)
def test_the_line_a_program_adds_is_no_new_word(line):
    parts = separate(f"{NEW}\n\n{line}\n\nAm 03.02.2025 um 14:05 schrieb Support:\n> alt\n")
    assert (parts.text, parts.signature) == (NEW, line)


@pytest.mark.parametrize("above", FORWARDS)
@pytest.mark.parametrize("words", ["", "Zur Info.\n\n"])
def test_a_forwarded_mail_is_shown_whole(words, above):
    text = f"{words}{above}\nVon: Anna <anna@example.com>\nDatum: 3.2.2025\nAn: Support\n\n{OLD}"
    parts = separate(text)
    assert (parts.text, parts.quoted, parts.is_mixed) == (text, "", True)


@pytest.mark.parametrize(
    "subject", ["WG: Lieferung", "Fwd: Order", "TR : Commande", "I: Ordine", "[EXT] FW: x"]
)
def test_a_subject_that_says_forwarded_shows_what_outlook_passes_on(subject):
    text = f"Zur Info\n\n{HEADER_BLOCKS['outlook de']}\n\n{OLD}"
    assert separate(text, subject).text == text
    assert separate(text, "AW: Lieferung").text == "Zur Info"
