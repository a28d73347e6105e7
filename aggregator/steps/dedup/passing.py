"""Lines of a text that change by themselves: how old it is, how often it was read, an invitation to subscribe."""

import re

from aggregator.steps.text import fold, spelled, words

# Of the first kind one must be there; a date alone may be what a timeline corrects.
_SIGNS = frozenset(
    words(
        """ago now updated modified edited published posted views view reads read comments comment shares likes
        reactions replies votes aktualisiert geändert veröffentlicht stand vor aufrufe gelesen lesezeit
        kommentare kommentar actualisé jour modifié publié vues lectures lecture commentaires commentaire
        partages actualizado modificado publicado hace visitas vistas lecturas comentarios comentario
        compartidos atualizado há visualizações leituras comentários comentário aggiornato modificato pubblicato
        fa visualizzazioni letture lettura commenti commento bijgewerkt gewijzigd gepubliceerd geleden weergaven
        reacties leestijd uppdaterad publicerad sedan visningar kommentarer oppdatert publisert opdateret
        udgivet siden lest læst zaktualizowano aktualizacja opublikowano temu wyświetleń odsłon komentarzy
        komentarze обновлено опубликовано назад просмотров просмотра просмотры комментариев комментария
        комментарии оновлено опубліковано тому переглядів коментарів güncellendi yayınlandı önce görüntülenme
        okunma yorum تحديث نشر قبل منذ مشاهدة مشاهدات تعليق تعليقات 更 前 阅 閱 閲 评 評 浏 瀏 发 發 コ"""
    )
)
_AROUND = frozenset(
    words(
        """last first just an a one on at by and about less than over moment yesterday today min mins minute
        minutes sec second seconds hour hours hr hrs day days week weeks month months year years time am pm utc
        gmt et est edt pt cet cest bst ist am um uhr und zuletzt gestern heute minuten stunde stunden tag tagen
        woche wochen monat monaten jahr jahren eine einer einem à le mis mise il y a et hier aujourd hui heure
        heures jour jours semaine semaines mois an ans de el la las los y ayer hoy minuto minutos hora horas día
        días semana semanas mes meses año años às em e ontem hoje dia dias mês ano anos alle il ieri oggi minuti
        ora ore giorno giorni settimana settimane mese mesi anno anni op om uur gisteren vandaag minuut dag
        dagen weken maand maanden för for senast sist minutter timme timmar timer time dagar dager dage godzinę
        godziny godzin minut minuty dni dzień wczoraj dziś минут минуты минуту часа часов час день дня дней
        вчера сегодня в хвилин годин годину dakika saat gün dün bugün دقيقة دقائق ساعة ساعات يوم أيام آخر في
        january february march april may june july august september october november december jan feb mar apr
        jun jul aug sep sept oct nov dec januar februar märz mai juni juli oktober dezember janvier février mars
        avril juin juillet août septembre octobre novembre décembre enero febrero marzo abril mayo junio julio
        agosto septiembre octubre noviembre diciembre 新 于 於 时 時 间 間 小 分 钟 鐘 天 日 年 月 秒 次 数 數
        量 读 讀 论 論 览 覽 布 表 条 條 人 メ ン ト 件 k m th st nd rd"""
    )
)
_MOST_WORDS = 14

_PARTS = re.compile(r"([|·•\n]|\s[-–—]\s)")
_INVITATION = re.compile(
    r"\W*(?:please |our |the |unser |bitte |jetzt )?"
    r"(?:(?:sign up|subscribe|register|join|get|receive)\b|newsletter|abonnieren|anmelden|melden|erhalten"
    r"|inscrivez|abonnez|recevez|suscrib[ea]|registra|recib[ea]|apuntate|inscreva|receba|assine|iscriviti|ricevi"
    r"|meld|schrijf|ontvang|подпи[шс]|получайте|підпи[шс]|zapisz|prenumerera|anmal|abonner|tilmeld|abone"
    r"|订阅|訂閱|اشترك)"
    r".*(?:newsletter|inbox|e-?mail|postfach|boite mail|boletin|boletim|nieuwsbrief|nyhe[td]sbrev|biuletyn"
    r"|рассылк|розсилк|bulten|通讯|電子報|电子报|النشره)"
    r"|newsletter\W*(?:sign up|subscribe|anmelden|abonnieren|inscription)?\W*$"
)
_MOST_CHARACTERS = 240


def lasting(text: str) -> str:
    """The text, whatever its typography, without what changes by itself."""
    lines = "\n".join(line for line in text.split("\n") if not _invites(line))
    return spelled("".join(part for part in _PARTS.split(lines) if not _passes(part)))


def _passes(part: str) -> bool:
    said = words(part) if len(part) <= _MOST_CHARACTERS else []
    return (
        0 < len(said) <= _MOST_WORDS
        and not _SIGNS.isdisjoint(said)
        and all(word[0].isdigit() or word in _SIGNS or word in _AROUND for word in said)
    )


def _invites(line: str) -> bool:
    return len(line) <= _MOST_CHARACTERS and bool(_INVITATION.match(fold(line)))
