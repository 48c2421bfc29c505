"""The command line at a terminal: editing, completion, help, pages, prompts, and a line that is
lost."""

import signal

import pytest
from cli_terminal import CliTerminal


@pytest.fixture
def terminal(registered_lab):
    with CliTerminal(registered_lab) as made:
        yield made


def test_prompts_tell_the_mode_and_whether_a_save_is_needed(terminal):
    terminal.expect(r"^sbc1> $")
    terminal.press("enable\r")
    terminal.expect("Password: $")
    terminal.press("not-to-be-seen\r")
    assert "not-to-be-seen" not in terminal.expect(r"sbc1# $")
    terminal.type("configure voip", r"sbc1\(config-voip\)# $")
    terminal.type("sip-definition proxy-and-registration", r"sbc1\(sip-def-proxy-and-reg\)# $")
    terminal.type("registration-retry-time 11", r"sbc1\(sip-def-proxy-and-reg\)# $")
    terminal.type("activate", r"sbc1\(sip-def-proxy-and-reg\)\*# $")
    terminal.type("registration-retry-time 10", r"\*# $")
    terminal.type("exit", r"sbc1\(config-voip\)# $")
    terminal.type("exit", r"sbc1# $")
    terminal.press("exit\r")
    assert terminal.wait_end() == 0


def test_tab_completes_and_a_question_mark_helps_at_once(terminal):
    terminal.expect(r"> $")
    terminal.press("sh\t")
    terminal.expect(r"ow\s*$")  # the editor draws what is new, with moves of the cursor
    terminal.press("sys\t")
    terminal.expect(r"tem\s*$")
    terminal.press("u\t")
    terminal.expect(r"uptime +utilization[\s\S]*show system u$")
    terminal.press("?")
    terminal.expect(r"uptime +since its start[\s\S]*show system u$")
    terminal.press("p\t\r")
    terminal.expect(r"Uptime: \d+ days, [\s\S]*> $")
    terminal.press("\x1b[A\r")  # the line before
    terminal.expect(r"show system uptime\s*Uptime: [\s\S]*> $")
    terminal.press("ping \"a?b")  # no help inside of a text
    terminal.expect(r"a\s*\?\s*b$")
    terminal.press("\x15")
    terminal.type("shwo", r"did you mean 'show'\?\s+sbc1> $")


def test_long_output_comes_in_pages(registered_lab):
    with CliTerminal(registered_lab, height=10) as terminal:
        terminal.enable()
        terminal.press("show running-config\r")
        first = terminal.expect("--MORE--$")
        assert first.count("\n") == 10  # nine lines behind the command's own
        terminal.press("\r")
        assert terminal.expect("--MORE--$").count("\n") == 1
        terminal.press(" ")
        assert terminal.expect("--MORE--$").count("\n") == 9
        terminal.press("q")
        terminal.expect(r"sbc1# $")
        terminal.press("show running-config\r")
        terminal.expect("--MORE--$")
        terminal.press("\x03")
        terminal.expect(r"sbc1# $")
        for line in ("configure system", "cli-settings", "window-height 0", "exit", "exit"):
            terminal.type(line, r"# $")
        assert "--MORE--" not in terminal.type("show running-config", r"sbc1# $")
        terminal.press("exit\r")
        assert terminal.wait_end() == 0


def test_ctrl_c_forgets_the_line_and_ctrl_d_ends_the_session(terminal):
    terminal.expect(r"> $")
    terminal.press("show system upt\x03")
    terminal.expect(r"> $")
    terminal.press("enable\r")
    terminal.expect("Password: $")
    terminal.press("abc\x03")
    terminal.expect(r"> $")
    terminal.press("\x04")
    assert terminal.wait_end() == 0


def test_a_lost_line_ends_the_session_and_harms_nothing(registered_lab):
    terminal = CliTerminal(registered_lab, height=10)
    terminal.enable()
    terminal.press("show running-config full\r")
    terminal.expect("--MORE--$")
    terminal.hang_up()
    assert terminal.wait_end() in (1, -signal.SIGHUP)
    assert registered_lab.appliance.registrations()


def test_a_lost_appliance_is_told(make_lab):
    lab = make_lab()
    lab.wait_registered()
    with CliTerminal(lab) as terminal:
        terminal.expect(r"> $")
        lab.appliance.stop()
        terminal.press("show voip register board\r")
        terminal.expect(r"no appliance answers at \S+: [\s\S]*The appliance at \S+ is lost")
        assert terminal.wait_end() == 1


def test_a_session_outlives_its_connection(make_lab):
    """The appliance ends connections that are silent; a restart does the same to them."""
    lab = make_lab()
    lab.wait_registered()
    with CliTerminal(lab) as terminal:
        terminal.enable()
        lab.appliance.stop()
        lab.start_appliance()
        lab.wait_registered()
        assert "Registered" in terminal.type("show voip register board")


def test_the_terminal_is_given_back_as_it_was(registered_lab):
    """In a shell that notes the terminal's settings before and after."""
    before, after = (registered_lab.instance.folder / name for name in ("before", "after"))
    cli = f"{registered_lab.program} cli --socket {registered_lab.instance.socket}"
    words = ["sh", "-c",
             f"stty -a > {before}; {cli}; stty -a > {after}; cmp {before} {after} && echo same"]
    with CliTerminal(registered_lab, command=words) as terminal:
        terminal.expect(r"> $")
        terminal.press("exit\r")
        terminal.expect("same")
        assert terminal.wait_end() == 0
