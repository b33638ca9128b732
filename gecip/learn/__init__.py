"""The course: exercises, hints in steps, and checks that say what is wrong and show no answer."""

from gecip.learn.checking import Verdict, check, hint, solution

__all__ = ["Verdict", "check", "hint", "solution"]
