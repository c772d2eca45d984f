"""What people write in answers, as the programs they use send it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.channels.mail.quoted import LONGEST, written

QUOTE = "> Your order has shipped.\n>\n> -- \n> The shop\n"
FORMS = {
    "nothing quoted": ("Thanks!\n\nSee you.", "Thanks!\n\nSee you."),
    "line ends of the line": ("Thanks!\r\nSee you.\r\n", "Thanks!\nSee you."),
    "English": (
        f"Thanks!\n\nOn Mon, 2 Mar 2026 at 09:30, The hub <hub@shop.test> wrote:\n{QUOTE}",
        "Thanks!",
    ),
    "English, broken over lines": (
        f"Thanks!\n\nOn Mon, 2 Mar 2026 at 09:30, The hub\n<hub@shop.test>\nwrote:\n\n{QUOTE}",
        "Thanks!",
    ),
    "German": (
        f"Danke!\n\nAm Mo., 2. März 2026 um 09:30 Uhr schrieb The hub <hub@shop.test>:\n{QUOTE}",
        "Danke!",
    ),
    "German, of another program": (
        f"Danke!\n\nAm 02.03.26 um 09:30 schrieb The hub:\n{QUOTE}",
        "Danke!",
    ),
    "French": (f"Merci\n\nLe lun. 2 mars 2026 à 09:30, Le hub a écrit :\n{QUOTE}", "Merci"),
    "Spanish": (f"Gracias\n\nEl lun, 2 mar 2026 a las 9:30, El hub escribió:\n{QUOTE}", "Gracias"),
    "Italian": (f"Grazie\n\nIl giorno lun 2 mar 2026 Il hub ha scritto:\n{QUOTE}", "Grazie"),
    "Portuguese": (f"Obrigada\n\nEm seg., 2 de mar. de 2026, hub escreveu:\n{QUOTE}", "Obrigada"),
    "Dutch": (f"Bedankt\n\nOp ma 2 mrt 2026 om 09:30 schreef hub <h@s.nl>:\n{QUOTE}", "Bedankt"),
    "Swedish": (f"Tack\n\nDen mån 2 mars 2026 kl 09:30 skrev hub <h@s.se>:\n{QUOTE}", "Tack"),
    "Polish": (f"Dziękuję\n\nW dniu 2.03.2026 o 09:30, hub pisze:\n{QUOTE}", "Dziękuję"),
    "a date and an address": (
        f"Thanks!\n\n2026-03-02 9:30 GMT+01:00 The hub <hub@shop.test>:\n{QUOTE}",
        "Thanks!",
    ),
    "not marked line by line": (
        "Thanks!\n\nOn Mon, 2 Mar 2026, The hub <hub@shop.test> wrote:\n\nYour order has shipped.",
        "Thanks!",
    ),
    "Outlook": (
        "Thanks!\n\nFrom: The hub <hub@shop.test>\nSent: Monday, March 2, 2026 9:30 AM\n"
        "To: Ana <ana@example.com>\nSubject: Order 17\n\nYour order has shipped.",
        "Thanks!",
    ),
    "Outlook with a rule": (
        f"Thanks!\n\n{'_' * 32}\nFrom: The hub <hub@shop.test>\nSent: Monday\nTo: Ana\n\nShipped.",
        "Thanks!",
    ),
    "Outlook in bold": ("Ok\n\n*From:* The hub\n*Sent:* Monday\n*To:* Ana\n\nShipped.", "Ok"),
    "Outlook, German": (
        "Danke!\n\nVon: The hub <hub@shop.test>\nGesendet: Montag, 2. März 2026 09:30\n"
        "An: Ana\nBetreff: Bestellung 17\n\nUnterwegs.",
        "Danke!",
    ),
    "Outlook, French": (
        "Merci\n\nDe : Le hub <hub@shop.test>\nEnvoyé : lundi 2 mars 2026\nÀ : Ana\n\nParti.",
        "Merci",
    ),
    "original message": (
        "Thanks!\n\n-----Original Message-----\nFrom: The hub\n\nYour order has shipped.",
        "Thanks!",
    ),
    "original message, German": (
        "Danke!\n\n-----Ursprüngliche Nachricht-----\nVon: The hub\n\nUnterwegs.",
        "Danke!",
    ),
    "below the quote": (
        f"On Mon, 2 Mar 2026, The hub wrote:\n{QUOTE}\nThanks!",
        "Thanks!",
    ),
    "between the quotes": (
        "On Mon, 2 Mar 2026, The hub wrote:\n> When?\nTomorrow.\n\n> Where?\nAt home.",
        "Tomorrow.\n\nAt home.",
    ),
    "signature": ("Thanks!\n-- \nAna\n+34 600 000 001", "Thanks!"),
    "signature without the space": ("Thanks!\n--\nAna", "Thanks!"),
    "telephone": ("Thanks!\n\nSent from my iPhone", "Thanks!"),
    "telephone above a quote": (
        f"Thanks!\n\nGet Outlook for Android\n\nOn Mon, 2 Mar 2026, The hub wrote:\n{QUOTE}",
        "Thanks!",
    ),
    "telephone, German": ("Danke!\n\nVon meinem iPhone gesendet", "Danke!"),
    "telephone alone": ("Sent from my iPhone", "Sent from my iPhone"),
    "spaces that are none": ("Thanks!\u200b\n\n\xa0\n-- \nAna", "Thanks!"),
    "only a quote": (QUOTE, ""),
    "nothing": ("", ""),
    "a sentence that only begins so": (
        "On Monday I wrote to you.\nFrom: me\nto you.",
        "On Monday I wrote to you.\nFrom: me\nto you.",
    ),
    "what somebody said": (
        "On this John wrote:\nYes.\n\nWrite to Bob <bob@example.com>:\nhe knows.",
        "On this John wrote:\nYes.\n\nWrite to Bob <bob@example.com>:\nhe knows.",
    ),
    "dashes in a text": ("Yes -- of course.\n---\nNo.", "Yes -- of course.\n---\nNo."),
}


WHOLE = {
    "a place that is no telephone": "Sent from my warehouse this morning.",
    "a place that is no telephone, at the end": "It left.\nSent from my warehouse this morning.",
    "a side, German": "Von meiner Seite ist alles in Ordnung.",
    "a side at the end, German": "Ja.\n\nVon meiner Seite passt es.",
    "a telephone in a sentence, German": "Nein.\nVon meinem iPhone aus kann ich das nicht öffnen.",
    "a sender, Italian": "Va bene.\nInviato da Marco ieri sera.",
    "work, Dutch": "Ja.\nVerstuurd vanaf mijn werk",
    "a customer": "On page 12 the customer wrote:\nplease mend this",
    "a customer, further down": "It is wrong.\n\nOn page 12 the customer wrote:\nplease mend this",
    "a customer with an address": "On 2 Mar 2026 Bob <bob@example.com> wrote:\nplease mend this",
    "days": "From: Monday on\nTo: Friday\nI am away",
    "days, further down": "Hello.\n\nFrom: Monday on\nTo: Friday\nI am away",
    "hours, French": "Bonjour.\nDe: 10h\nA: 12h\nje suis là",
    "below an unmarked quote": "-----Original Message-----\nFrom: The hub\n\nShipped.\n\nThanks!",
}


@pytest.mark.parametrize("form", WHOLE)
def test_what_only_looks_like_a_quote_or_a_signature_stays(form: str):
    assert written(WHOLE[form]) == WHOLE[form]


SIGNED = (
    *(
        "Sent from my iPad",
        "Sent from my Verizon, Samsung Galaxy smartphone",
        "Sent from my phone.",
    ),
    *("Sent from Mail for Windows 10", "Sent from Yahoo Mail on Android", "Sent from Outlook"),
    *(
        "Sent with Proton Mail secure email.",
        "Get Outlook for iOS",
        "Gesendet von Mail für Windows",
    ),
    *("Gesendet von meinem Samsung Galaxy Smartphone.", "Von meinem Handy gesendet"),
    *("Envoyé de mon iPhone", "Envoyé depuis mon téléphone", "Enviado desde mi iPhone"),
    *("Enviado do meu celular", "Inviato da iPhone", "Inviato dal mio Samsung Galaxy"),
    *("Verstuurd vanaf mijn iPhone", "Skickat från min iPhone", "Sendt fra min iPad"),
    *("Wysłane z iPhone'a", "Télécharger Outlook pour Android"),
)


@pytest.mark.parametrize("line", SIGNED)
def test_what_telephones_and_programs_add_is_left_out(line: str):
    assert written(f"Yes.\n\n{line}\n\n{QUOTE}") == "Yes."


@pytest.mark.parametrize("form", FORMS)
def test_only_what_was_written_is_left(form: str):
    text, expected = FORMS[form]
    assert written(text) == expected


@given(st.text(st.sampled_from("ab >-:_<@\r\n\t\xa0OnwrteFm"), max_size=400))
def test_it_adds_nothing_and_what_it_leaves_stays(text: str):
    left = written(text)
    assert len(left) <= len(text)
    assert not any(line.startswith(">") for line in left.splitlines())


@pytest.mark.parametrize("line", ["On ", "Am x schrieb ", "<a@b", "> ", "From: x\n", "-", "_"])
def test_a_long_text_takes_no_long_time(line: str):
    # As much again as is looked at; what takes more than linear time would not end here.
    assert len(written(line * (2 * LONGEST // len(line)))) <= LONGEST
