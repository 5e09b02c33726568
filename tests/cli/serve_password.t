#!/bin/bash
# SPDX-License-Identifier: MIT
# serve --set-password on a terminal: the terminal is as it was, whatever ends the question.
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
command -v python3 >/dev/null || { skip "python3 is not installed" && done_testing; exit; }

# on_terminal KEYS|SIGNAL...: how it ended. Each argument is sent when the next question is there, without echo.
cat >"$work/terminal.py" <<'PY'
import fcntl, os, pty, signal, subprocess, sys, termios, time

main, line = pty.openpty()
os.set_blocking(main, False)
before = termios.tcgetattr(line)
text = b''

def on_terminal():
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    for ignored in (signal.SIGINT, signal.SIGHUP):  # in the background, and below nohup
        signal.signal(ignored, signal.SIG_DFL)

def asks(count):
    global text
    try:
        text += os.read(main, 4096)
    except BlockingIOError:
        pass
    hidden = not termios.tcgetattr(line)[3] & termios.ECHO
    return hidden and text.count(b'New password: ') + text.count(b'Once more: ') == count

child = subprocess.Popen(sys.argv[1:3] + ['--set-password'], stdin=line, stdout=line, stderr=line, preexec_fn=on_terminal)
for count, sent in enumerate(sys.argv[3:], 1):
    end = time.monotonic() + 60
    while not asks(count):
        if time.monotonic() > end or child.poll() is not None:
            sys.exit(f'no question {count}: {text}')
        time.sleep(0.01)
    if sent.isupper():
        os.kill(child.pid, getattr(signal, sent))
    else:
        os.write(main, sent.encode().decode('unicode_escape').encode())
status = child.wait()
print(status, 'as it was' if termios.tcgetattr(line) == before else 'changed')
PY
on_terminal() { python3 "$work/terminal.py" "$program" serve "$@" 2>&1; }

is "$(on_terminal '\x03')" "-2 as it was" "Ctrl-C: ended by the signal, the terminal as it was"
is "$(on_terminal SIGTERM)" "-15 as it was" "SIGTERM: the same"
is "$(on_terminal SIGHUP)" "-1 as it was" "SIGHUP: the same"
is "$(on_terminal '\x04')" "1 as it was" "the end of the input: a failure"
ok "$([[ ! -e $XDG_CONFIG_HOME/keepsake/serve.password ]]; echo $?)" "no password was set"
is "$(on_terminal '\x1a' '\x03')" "-2 as it was" "Ctrl-Z, where nobody can continue it: asked again"
is "$(on_terminal 'correct horse\n' 'correct mouse\n')" "1 as it was" "two that differ: a failure"
is "$(on_terminal 'correct horse\n' '\x03')" "-2 as it was" "Ctrl-C at the second question"
is "$(on_terminal 'correct horse\n' 'correct horse\n')" "0 as it was" "a password is set"
is "$(stat -c %a "$XDG_CONFIG_HOME/keepsake/serve.password")" 600 "for its owner only"
done_testing
