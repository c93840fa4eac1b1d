// The line discipline: editing, end of file, signals, raw mode, output.
#include "abi/signal.h"
#include "base/ktest.h"
#include "io/line_discipline.h"

namespace {

// A line discipline with a screen that remembers what was shown.
struct Typist final : LineDiscipline::Effects {
    void show(ConstBytes bytes) override {
        for (u8 c : bytes) {
            if (shown_size < sizeof shown) shown[shown_size++] = static_cast<char>(c);
        }
    }
    void signal(int number) override { last_signal = number; }
    void stop_output(bool stop) override { stopped = stop; }

    void type(StringView text) {
        for (char c : text) line.input(static_cast<u8>(c), *this);
    }
    StringView read(usize size = sizeof got) {
        bool ended = false;
        usize count = line.take(Bytes(reinterpret_cast<u8*>(got), size), ended);
        line_ended = ended;
        return {got, count};
    }
    void set_local(tcflag_t flags) {
        struct termios settings = line.settings();
        settings.c_lflag = flags;
        line.set_settings(settings);
    }

    LineDiscipline line;
    char shown[256];
    usize shown_size = 0;
    char got[64];
    bool line_ended = false;
    int last_signal = 0;
    bool stopped = false;
};

}  // namespace

KTEST(io_terminal_gives_whole_lines) {
    Typist typist;
    typist.type("ab");
    EXPECT(!typist.line.readable());
    typist.type("\rcd\n");
    EXPECT(typist.line.readable());
    EXPECT_EQ(typist.line.available(), usize{6});
    EXPECT(typist.read(2) == "ab");
    EXPECT(!typist.line_ended);
    EXPECT(typist.read() == "\n");
    EXPECT(typist.line_ended);
    EXPECT(typist.read() == "cd\n");
    EXPECT(!typist.line.readable());
    EXPECT(StringView(typist.shown, typist.shown_size) == "ab\r\ncd\r\n");
}

KTEST(io_terminal_edits) {
    Typist typist;
    typist.type("xyz\x7f\x7f\x7f\x7f"
                "a b_c\x17"
                "d\x16\x03\n");
    EXPECT(typist.read() == "a d\x03\n");
    typist.type("gone\x15kept\n");
    EXPECT(typist.read() == "kept\n");
    EXPECT_EQ(typist.last_signal, 0);
    struct termios settings = typist.line.settings();
    settings.c_iflag |= IUTF8;
    typist.line.set_settings(settings);
    typist.type("a\xc3\xa9\x7f\n");  // two bytes, one character
    EXPECT(typist.read() == "a\n");
}

KTEST(io_terminal_ends_files) {
    Typist typist;
    typist.type("\x04");
    EXPECT(typist.line.readable());
    EXPECT(typist.read().empty());
    EXPECT(typist.line_ended);
    typist.type("ab\x04"
                "cd\n");
    EXPECT(typist.read(2) == "ab");  // takes the mark with it
    EXPECT(typist.read() == "cd\n");
}

KTEST(io_terminal_sends_signals) {
    Typist typist;
    typist.type("half\x03");
    EXPECT_EQ(typist.last_signal, SIGINT);
    typist.type("line\n");
    EXPECT(typist.read() == "line\n");  // the interrupted line is gone
    typist.type("\x1a");
    EXPECT_EQ(typist.last_signal, SIGTSTP);
    typist.type("\x1c");
    EXPECT_EQ(typist.last_signal, SIGQUIT);
    typist.type("\x13");
    EXPECT(typist.stopped);
    typist.type("\x11");
    EXPECT(!typist.stopped);
    typist.type("\x13\x03");
    EXPECT(!typist.stopped);
}

KTEST(io_terminal_can_be_raw) {
    Typist typist;
    typist.type("typed");
    typist.set_local(0);
    EXPECT(typist.read() == "typed");
    typist.type("\x03\x7f\x04\r");
    EXPECT(typist.read() == "\x03\x7f\x04\n");
    EXPECT_EQ(typist.last_signal, 0);
    typist.type("rest");
    typist.set_local(ICANON);
    EXPECT(typist.read() == "rest");
}

KTEST(io_terminal_survives_endless_lines) {
    Typist typist;
    for (int i = 0; i < 10'000; i++) typist.type("x");
    typist.type("\n");
    usize total = 0;
    while (typist.line.readable()) total += typist.read().size();
    EXPECT_EQ(total, usize{4096});
}
