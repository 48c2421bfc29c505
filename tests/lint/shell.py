"""Which commands a shell script runs, as far as its text tells."""

import re

# Of the shell itself: words of its grammar, and commands that it does without a program.
WORDS = frozenset("if then elif else fi for in do done while until case esac".split())
BUILTINS = frozenset(". : [ break cd continue echo eval exec exit export false local printf read return set shift "
                     "test trap true umask unset wait".split())
# Where a command may begin, or who runs another one; then what may come first, and the name.
COMMAND = (r"(?:^|[;|&(){}]|-exec\s|\bxargs(?:\s+-\w+)*\s)"
           r"(?=[^\S\n]*(?:(?:if|then|elif|else|do|while|until|exec|!|\w+=\S*)[^\S\n]+)*"
           r"([a-z.:\[][\w.-]*)(?![\w=]))")


def commands(script):
    """Names of programs, without those of the script's own functions."""
    code = code_of(script)
    own = set(re.findall(r"^\s*(\w+)\(\)", code, re.MULTILINE))
    found = set(re.findall(COMMAND, code, re.MULTILINE))
    return found - own - WORDS - BUILTINS


def code_of(script):
    """Without comments, sums and quoted text; what is in $(...) stands on a line of its own."""
    lines = [""]
    around = []  # of what is open: (what closes it, the line that goes on behind it)
    at, line, quote = 0, 0, ""
    while at < len(script):
        two, one = script[at:at + 2], script[at]
        at += 1
        if quote == "'":
            quote = "" if one == "'" else quote
        elif one == "\\":
            at += 1
        elif script.startswith("$((", at - 1):
            at = script.index("))", at) + 2
        elif two == "$(":
            around.append((quote, line))
            lines.append("")
            line, quote = len(lines) - 1, ""
            at += 1
        elif one == ")" and not quote and around:
            quote, line = around.pop()
            lines[line] += "$"
        elif one in "\"'" and one in (quote or "\"'"):
            quote = "" if quote else one
            lines[line] += "$"
        elif one == "#" and not quote and (not lines[line] or lines[line][-1].isspace()):
            end = script.find("\n", at)
            at = len(script) if end < 0 else end
        elif not quote:
            lines[line] += one
    return "\n".join(lines)
