// What is typed. Keys without a character of their own send sequences that begin with escape: those
// of ECMA-48, xterm and the Linux console are known.
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "edit.h"

#define SEQUENCE_MILLISECONDS 100  // a lone escape has nothing behind it for so long

static int wait_for_input(int milliseconds) {
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&input, 1, milliseconds);
}

int key_is_waiting(void) {
    return wait_for_input(0) == 1;
}

// -1: nothing came in time.
static int next_byte(void) {
    unsigned char byte;
    if (wait_for_input(SEQUENCE_MILLISECONDS) != 1) return -1;
    return read(STDIN_FILENO, &byte, 1) == 1 ? byte : -1;
}

static int letter_key(int letter, int modifier) {
    int is_word = modifier == 5 || modifier == 3;  // control or alt
    switch (letter) {
    case 'A': return KEY_UP;
    case 'B': return KEY_DOWN;
    case 'C': return is_word ? KEY_WORD_RIGHT : KEY_RIGHT;
    case 'D': return is_word ? KEY_WORD_LEFT : KEY_LEFT;
    case 'F': return is_word ? KEY_END_OF_TEXT : KEY_END;
    case 'H': return is_word ? KEY_START_OF_TEXT : KEY_HOME;
    default: return KEY_UNKNOWN;
    }
}

static int number_key(int number) {
    switch (number) {
    case 1:
    case 7: return KEY_HOME;
    case 2: return KEY_INSERT;
    case 3: return KEY_DELETE;
    case 4:
    case 8: return KEY_END;
    case 5: return KEY_PAGE_UP;
    case 6: return KEY_PAGE_DOWN;
    default: return KEY_UNKNOWN;
    }
}

// Behind "escape [": numbers with semicolons between, and a last byte.
static int read_sequence(void) {
    int numbers[2] = {0, 0}, count = 0, byte;
    while ((byte = next_byte()) >= 0 && byte < '@') {
        if (byte == ';') count = 1;
        else if (byte >= '0' && byte <= '9')
            numbers[count] = (numbers[count] * 10 + byte - '0') % 1000;
    }
    if (byte < 0) return KEY_UNKNOWN;
    if (byte != '~') return letter_key(byte, numbers[1]);
    int is_control = numbers[1] == 5, key = number_key(numbers[0]);
    if (is_control && key == KEY_HOME) return KEY_START_OF_TEXT;
    if (is_control && key == KEY_END) return KEY_END_OF_TEXT;
    return key;
}

static int read_escape(void) {
    int byte = next_byte();
    switch (byte) {
    case -1: return KEY_ESCAPE;
    case '[': return read_sequence();
    case 'O': return letter_key(next_byte(), 0);
    case 'b': return KEY_WORD_LEFT;
    case 'f': return KEY_WORD_RIGHT;
    case '<': return KEY_START_OF_TEXT;
    case '>': return KEY_END_OF_TEXT;
    default: return KEY_UNKNOWN;
    }
}

int read_key(void) {
    static const sigset_t none;
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    unsigned char byte;
    // Signals come here and nowhere else, so that none is missed.
    if (ppoll(&input, 1, NULL, &none) < 0) return errno == EINTR ? KEY_SIGNAL : KEY_GONE;
    ssize_t size = read(STDIN_FILENO, &byte, 1);
    if (size <= 0) return KEY_GONE;
    return byte == 27 ? read_escape() : byte;
}
