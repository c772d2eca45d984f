"""What somebody has written in a mail, without what they quote and what their program adds.

No rule says how mail is quoted: these are the forms of the programs people use, in the languages
they use them in. What is not recognised stays: too much is better than too little.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

LONGEST = 100_000
"""Signs that are looked at."""
MOST_WRAPPED = 3
"""Lines that the sentence before a quote can be broken over."""
LONGEST_SAID = 400
"""Signs that sentence has; longer lines need not be compared with it."""
NEAR = 5
"""Lines in which the second line of a header block follows the first."""
MANY = 3
"""Lines of a header block that are no accident."""

_DATED = "|".join(
    (
        *(r"On .{4,200}\bwrote:", r"Am .{4,200}\bschrieb\b.{0,120}:", r"Le .{4,200}\ba écrit ?:"),
        *(r"El .{4,200}\bescribió:", r"Il .{4,200}\bha scritto:", r"Em .{4,200}\bescreveu:"),
        *(r"Op .{4,200}\bschreef\b.{0,120}:", r"Den .{4,200}\bskrev\b.{0,120}:"),
        *(r"W dniu .{4,200}\bpisze:", r"W dniu .{4,200}\bnapisał\S*:"),
        r"\d{4}-\d\d?-\d\d?,? .{2,160}<[^\s<>]+@[^\s<>]+>:",
    )
)
_BY = r".{2,160}<[^\s<>]+@[^\s<>]+> (?:wrote|schrieb|a écrit|escribió|ha scritto|escreveu) ?:"
SAID = re.compile(rf"(?:(?=.*\d)(?:{_DATED})|{_BY})\s*", re.IGNORECASE)
"""The sentence before a quote: who wrote it and when; one without either may be the writer's."""
PROGRAMS = re.compile(
    r"[^\s@]@[^\s@]|\b(?:19|20)\d\d\b|\d{1,2}[./-]\d{1,2}[./-]\d\d", re.IGNORECASE
)
"""What programs write above a quote and people seldom do: an address, or a date with its year."""
DIVIDER = re.compile(
    r"-{2,}\s*(?:Original Message|Original Appointment|Ursprüngliche Nachricht|Message d'origine"
    r"|Message original|Mensaje original|Messaggio originale|Mensagem original"
    r"|Oorspronkelijk bericht|Reply above this line)\s*-{2,}\s*|_{20,}\s*",
    re.IGNORECASE,
)
"""A line above a whole message that is not marked line by line."""
FROM = re.compile(r"\*?(?:From|Von|De|Da|Van|Från|Fra)\s*:\*?\s.+", re.IGNORECASE)
SENT = re.compile(
    r"\*?(?:Sent|Date|To|Subject|Gesendet|Datum|An|Betreff|Envoyé|À|Objet|Enviado|Fecha|Para"
    r"|Asunto|Assunto|Inviato|Data|A|Oggetto|Verzonden|Aan|Onderwerp|Skickat|Sendt|Till|Til)"
    r"\s*:\*?(?:\s.*)?",
    re.IGNORECASE,
)
"""The head of a quoted message, as Outlook writes it: `FROM`, and `SENT` soon after."""
SIGNATURE = re.compile(r"--\s?")
"""RFC 3676, 4.3; many programs drop the space."""
_SENT = "|".join(
    (
        *(r"Sent (?:from|with|via)(?: my)?", r"Gesendet (?:von|mit|aus)(?: meinem| meiner| der)?"),
        *(r"Envoyé (?:de|depuis|à partir de)(?: mon)?", r"Inviato d(?:al?|al mio)"),
        *(r"Enviado (?:desde|de|do|a partir do)(?: mi| meu)?", r"Skickat från(?: min)?"),
        *(r"(?:Verstuurd|Verzonden) (?:vanaf|vanuit|met)(?: mijn)?", r"Sendt fra(?: min)?"),
        r"Wysłan[eo] z(?: mojego)?",
    )
)
_PRODUCT = (
    r"(?:iPhone|iPad|iPod|Android|Samsung|Galaxy|Pixel|Huawei|Xiaomi|Redmi|OnePlus|Nokia|Xperia"
    r"|BlackBerry|Windows|Outlook|Yahoo|Proton|Gmail|GMX|Thunderbird|Tutanota|Tuta)"
)
_PHONE = (
    r"(?:phone|mobile(?: phone| device)?|smartphone|tablet|Handy|Mobiltelefon|móvil|celular"
    r"|cellulare|téléphone|portable|telefoon|mobil|telefon|telefonu)"
)
DEVICE = re.compile(
    rf"(?:{_SENT}) (?:(?:[\w-]+,? ){{0,2}}{_PRODUCT}\b.{{0,40}}|{_PHONE}[.!]?)"
    rf"|Von (?:meinem|meiner) (?:.{{0,20}}{_PRODUCT}\b.{{0,40}}|{_PHONE}) (?:aus )?gesendet[.!]?"
    r"|(?:Get|Holen Sie sich|Obtenir|Télécharger|Obtener|Obter|Ottieni|Scarica|Download)"
    r" Outlook (?:for|für|pour|para|per|voor) (?:iOS|Android|Mac)[.!]?",
    re.IGNORECASE,
)
"""What a telephone or a program writes under each mail, by the names of those that do.

A sentence that only begins so ("Sent from my warehouse") is the writer's.
"""


def written(text: str) -> str:
    """The text of an answer alone; "" when nothing is left."""
    lines = [_plain(line) for line in re.split(r"\r\n|\r|\n", text[:LONGEST])]
    lines = _without_marked(_before_unmarked(lines))
    lines = _before_signature(lines)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _plain(line: str) -> str:
    """Without the spaces that only look like some, nor those at the end of the line."""
    return re.sub("[\u200b\u200e\u200f\ufeff]", "", line).replace("\xa0", " ").rstrip()


def _before_unmarked(lines: Sequence[str]) -> Sequence[str]:
    """What stands above a quote whose lines carry no mark of their own: all below is quoted.

    Where nothing stands above it may not be a quote, or the answer is below: all of it stays.
    """
    answered = False
    for number, line in enumerate(lines):
        divides = bool(DIVIDER.fullmatch(line))
        if answered and (divides or _is_head(lines, number) or _is_unmarked(lines, number)):
            return lines[:number]
        answered = answered or bool(line and not divides and not _marked(line))
    return lines


def _is_head(lines: Sequence[str], number: int) -> bool:
    """Whether the head of a quoted message begins here, and not a sentence with a colon."""
    if not FROM.fullmatch(lines[number]):
        return False
    below = [each for each in lines[number + 1 : number + NEAR] if SENT.fullmatch(each)]
    head = [lines[number], *below]
    return len(head) >= MANY or (len(head) > 1 and any(map(PROGRAMS.search, head)))


def _is_unmarked(lines: Sequence[str], number: int) -> bool:
    """Whether a program says here who wrote what follows, and that carries no marks."""
    length = _said(lines, number)
    if not length or _followed_by_marked(lines, number + length):
        return False
    return bool(PROGRAMS.search(" ".join(lines[number : number + length])))


def _said(lines: Sequence[str], number: int) -> int:
    """How many lines the sentence before a quote has that begins here; 0 when none does."""
    if not lines[number]:
        return 0
    for length in range(1, MOST_WRAPPED + 1):
        piece = lines[number : number + length]
        sentence = " ".join(each.strip() for each in piece)
        if not all(piece) or _marked(piece[-1]) or len(sentence) > LONGEST_SAID:
            return 0
        if SAID.fullmatch(sentence):
            return length
    return 0


def _followed_by_marked(lines: Sequence[str], number: int) -> bool:
    """Whether the next line that is not empty is quoted."""
    following = (line for line in lines[number:] if line)
    return _marked(next(following, ""))


def _marked(line: str) -> bool:
    return line.lstrip().startswith(">")


def _without_marked(lines: Sequence[str]) -> list[str]:
    """What stands above, between and below quoted lines."""
    kept: list[str] = []
    number = 0
    while number < len(lines):
        length = _said(lines, number)
        if length and _followed_by_marked(lines, number + length):
            number += length
            continue
        if not _marked(lines[number]):
            kept.append(lines[number])
        number += 1
    return kept


def _before_signature(lines: Sequence[str]) -> Sequence[str]:
    """Without the signature, and without what a program adds to an answer: alone it may be one."""
    for number, line in enumerate(lines):
        if SIGNATURE.fullmatch(line):
            lines = lines[:number]
            break
    end = len(lines)
    while end and (not lines[end - 1] or DEVICE.fullmatch(lines[end - 1].strip())):
        end -= 1
    return lines[:end] or lines
