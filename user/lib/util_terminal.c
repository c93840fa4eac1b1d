// A terminal for programs that fill the whole screen: keys one by one, a screen of their own, and the
// way back. Reference: termios(3); the control sequences are those of ECMA-48 and xterm.
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "util.h"

static struct termios before;
static volatile int is_open;

static void say(const char *text, size_t size) {
    if (write(STDOUT_FILENO, text, size) < 0) return;  // a terminal that is gone shows nothing
}

int screen_open(int signals) {
    static const char own_screen[] = "\033[?1049h\033[2J\033[H";
    if (is_open) return 0;
    if (!isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &before) != 0) return -1;
    struct termios wanted = before;
    cfmakeraw(&wanted);
    if (signals) wanted.c_lflag |= ISIG;
    if (tcsetattr(STDIN_FILENO, TCSADRAIN, &wanted) != 0) return -1;
    is_open = 1;
    say(own_screen, sizeof own_screen - 1);
    return 0;
}

void screen_close(void) {
    static const char old_screen[] = "\033[0m\033[?25h\033[?1049l";
    if (!is_open) return;
    is_open = 0;
    say(old_screen, sizeof old_screen - 1);
    tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
}

static int number_of(const char *variable, int otherwise) {
    long long value;
    const char *text = getenv(variable);
    return text && parse_number(text, &value) && value > 0 && value < 1000 ? (int)value : otherwise;
}

void screen_size(int *rows, int *columns) {
    struct winsize size = {0};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) size.ws_row = size.ws_col = 0;
    *rows = size.ws_row ? size.ws_row : number_of("LINES", 24);
    *columns = size.ws_col ? size.ws_col : number_of("COLUMNS", 80);
}
