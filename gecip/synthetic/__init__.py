"""Invents a whole release in the real one's shape, with planted truths."""

from gecip.synthetic.answer_key import Answer, read_answers
from gecip.synthetic.demo import ensure_demo
from gecip.synthetic.programme import synthesise_release

__all__ = ["Answer", "ensure_demo", "read_answers", "synthesise_release"]
