"""The live view of tools/run: a line for every registration that changes."""

GREEN, RED, YELLOW, PLAIN = "\x1b[32m", "\x1b[31m", "\x1b[33m", "\x1b[0m"
COLOURS = {"REGISTERED": GREEN, "FAILED": RED}


class Progress:
    """Prints to `out`; colour only when `colour`."""

    def __init__(self, out, colour):
        self._out = out
        self._colour = colour
        self._shown = {}

    def say(self, text):
        print(text, file=self._out, flush=True)

    def show(self, rows):
        """Prints the rows that are not as they were at the last call. A refresh is no change: the
        row stays registered."""
        for position, row in enumerate(rows):
            now = view(row)
            if self._shown.get(position) != now:
                self._shown[position] = now
                self.say(self._line(row))

    def _line(self, row):
        state = f"{row['state']:<14}"
        if self._colour:
            state = COLOURS.get(row["state"], YELLOW) + state + PLAIN
        return f"{row['name']:<20} {row['aor']:<32} {state} {detail(row)}".rstrip()


def view(row):
    """What of a row makes a new line when it changes."""
    if row["registered"]:
        return ("registered", row["answered_by"])
    return (row["state"], row["reason"])


def detail(row):
    if row["registered"]:
        return (f"for {row['granted_expires']} s at {row['answered_by']} "
                f"({row['last_status']} {row['reason']})")
    if row["state"] == "FAILED":
        status = f"{row['last_status']} " if row["last_status"] else ""
        return f"{status}{row['reason']}"
    return ""
