"""Names of tags that forums give to posts whose question is answered."""

import re
from functools import cache

from bot.core.mention_text import flat, fold

_SOLVED = """
solved, resolved, answered, fixed, closed, done, complete, completed, finished, case closed
gelöst, erledigt, beantwortet, behoben, geschlossen, opgelost, afgehandeld, beantwoord
resuelto, solucionado, respondido, cerrado, resolvido, fechado, concluído
résolu, répondu, fermé, corrigé, risolto, chiuso, rozwiązane, zamknięte, rozwiązany
решено, решён, решен, закрыто, вирішено, закрито, çözüldü, kapandı, kapatıldı
selesai, terjawab, terpecahkan, nalutas, tapos na, đã giải quyết, đã xong, hoàn thành
हल, हल हो गया, suljhaya, تم الحل, محلول, مغلق, حل شد, حل شده, بسته
解決, 解決済, 解決済み, 已解決, 已解决, 解决, 完了, 해결, 해결됨, 해결 완료, 완료, แก้ไขแล้ว, แก้แล้ว, เสร็จสิ้น
"""


def says_solved(tag: str) -> bool:
    """Whether a tag of this name marks a post as solved: "✅ Solved", "[RESOLVED]", "Gelöst / Solved"."""
    names = {_name(part) for part in re.split(r"[,/|&·]", flat(tag))}
    return not names.isdisjoint(_names())


@cache
def _names() -> frozenset[str]:
    return frozenset(_name(flat(one)) for line in _SOLVED.strip().splitlines() for one in line.split(","))


def _name(text: str) -> str:
    return " ".join(fold(word) for word in re.findall(r"[^\W_]+", text))
