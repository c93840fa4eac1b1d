// The line discipline. See line_discipline.h.
#include "io/line_discipline.h"

#include "abi/signal.h"

namespace {

constexpr u8 ctrl(char c) { return static_cast<u8>(c & 0x1f); }

bool is_word(u16 c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

void show_text(const char* text, LineDiscipline::Effects& effects) {
    effects.show({reinterpret_cast<const u8*>(text), strlen(text)});
}

}  // namespace

// What a terminal on Linux starts with.
LineDiscipline::LineDiscipline() : settings_{} {
    settings_.c_iflag = ICRNL | IXON;
    settings_.c_oflag = OPOST | ONLCR;
    settings_.c_cflag = B38400 | CS8 | CREAD | HUPCL;
    settings_.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN;
    cc_t* controls = settings_.c_cc;
    controls[VINTR] = ctrl('C');
    controls[VQUIT] = ctrl('\\');
    controls[VERASE] = 0x7f;
    controls[VKILL] = ctrl('U');
    controls[VEOF] = ctrl('D');
    controls[VMIN] = 1;
    controls[VSTART] = ctrl('Q');
    controls[VSTOP] = ctrl('S');
    controls[VSUSP] = ctrl('Z');
    controls[VREPRINT] = ctrl('R');
    controls[VDISCARD] = ctrl('O');
    controls[VWERASE] = ctrl('W');
    controls[VLNEXT] = ctrl('V');
}

void LineDiscipline::set_settings(const struct termios& settings) {
    bool was_canonical = canonical();
    settings_ = settings;
    if (was_canonical != canonical() && count_ > 0 && (slot(count_ - 1) & kLineEnd) == 0) {
        // What has been typed so far can be read as it is.
        slot(count_ - 1) |= kLineEnd;
        lines_++;
        edited_ = 0;
    }
}

void LineDiscipline::input(u8 c, Effects& effects) {
    if (literal_) {
        literal_ = false;
        add(c, 0, effects);
        return;
    }
    if (!translate(c) || handle_flow(c, effects)) return;
    if (handle_signal(c, effects)) {
        // Who is signalled, or comes after, may write again.
        if ((settings_.c_iflag & IXON) != 0) effects.stop_output(false);
        return;
    }
    if (!canonical()) {
        add(c, 0, effects);
    } else if (!edit(c, effects)) {
        bool ends = c == '\n' || is_control(c, VEOL) || is_control(c, VEOL2);
        add(c, ends ? kLineEnd : 0, effects);
    }
}

// Carriage returns and newlines; false where the character is to be ignored.
bool LineDiscipline::translate(u8& c) const {
    if ((settings_.c_iflag & ISTRIP) != 0) c &= 0x7f;
    if (c == '\r') {
        if ((settings_.c_iflag & IGNCR) != 0) return false;
        c = (settings_.c_iflag & ICRNL) != 0 ? '\n' : c;
    } else if (c == '\n' && (settings_.c_iflag & INLCR) != 0) {
        c = '\r';
    }
    return true;
}

// Whether `c` is one of the characters that send a signal, and has done so.
bool LineDiscipline::handle_signal(u8 c, Effects& effects) {
    // BEGIN SOLUTION(files.terminal_signals)
    int number = is_control(c, VINTR)   ? SIGINT
                 : is_control(c, VQUIT) ? SIGQUIT
                 : is_control(c, VSUSP) ? SIGTSTP
                                        : 0;
    if (!flag(ISIG) || number == 0) return false;
    if (!flag(NOFLSH)) flush_input();
    echo(c, effects);
    effects.signal(number);
    return true;
    // END SOLUTION
    // STUB: (void)c, (void)effects;
    // STUB: panic("files.terminal_signals: yours to write");
    // UNTIL: (void)c, (void)effects;
    // UNTIL: return false;
}

bool LineDiscipline::handle_flow(u8 c, Effects& effects) {
    if ((settings_.c_iflag & IXON) == 0 || !(is_control(c, VSTOP) || is_control(c, VSTART))) {
        return false;
    }
    effects.stop_output(is_control(c, VSTOP));
    return true;
}

// Whether `c` edits the line being typed, and has done so.
bool LineDiscipline::edit(u8 c, Effects& effects) {
    if (is_control(c, VERASE)) {
        erase_one(effects);
    } else if (is_control(c, VKILL)) {
        erase_line(effects);
    } else if (is_control(c, VEOF)) {
        add(0, kLineEnd | kEndOfFile, effects);
    } else if (flag(IEXTEN) && is_control(c, VWERASE)) {
        erase_word(effects);
    } else if (flag(IEXTEN) && is_control(c, VLNEXT)) {
        literal_ = true;
    } else if (flag(IEXTEN) && is_control(c, VREPRINT)) {
        echo('\n', effects);
        for (usize i = count_ - edited_; i < count_; i++) echo(static_cast<u8>(slot(i)), effects);
    } else {
        return false;
    }
    return true;
}

void LineDiscipline::erase_one(Effects& effects) {
    bool continues = edited_ > 0;
    while (continues) {
        edited_--;
        count_--;
        u8 c = static_cast<u8>(slot(count_));
        unecho(c, effects);
        continues = edited_ > 0 && continues_character(c);
    }
}

void LineDiscipline::erase_word(Effects& effects) {
    while (edited_ > 0 && !is_word(slot(count_ - 1))) erase_one(effects);
    while (edited_ > 0 && is_word(slot(count_ - 1))) erase_one(effects);
}

void LineDiscipline::erase_line(Effects& effects) {
    if (flag(ECHOK) && !flag(ECHOKE)) {
        count_ -= edited_;
        edited_ = 0;
        echo('\n', effects);
    }
    while (edited_ > 0) erase_one(effects);
}

void LineDiscipline::add(u8 c, u16 mark, Effects& effects) {
    // The last place is kept for the end of the line; what does not fit rings the bell.
    usize room = kCapacity - count_;
    if (room == 0 || (canonical() && room == 1 && mark == 0)) {
        show_text("\a", effects);
        return;
    }
    slot(count_) = c | mark;
    count_++;
    edited_ = canonical() && mark == 0 ? edited_ + 1 : 0;
    lines_ += mark != 0 ? 1 : 0;
    if ((mark & kEndOfFile) == 0) echo(c, effects);
}

void LineDiscipline::echo(u8 c, Effects& effects) const {
    if (!flag(ECHO) && !(flag(ECHONL) && c == '\n')) return;
    if (flag(ECHOCTL) && (c < 0x20 || c == 0x7f) && c != '\n' && c != '\t') {
        u8 shown[2] = {'^', static_cast<u8>(c ^ 0x40)};
        effects.show({shown, 2});
        return;
    }
    u8 shown[2];
    effects.show({shown, output(c, shown)});
}

// Takes a character off the screen again.
void LineDiscipline::unecho(u8 c, Effects& effects) const {
    if (!flag(ECHO)) return;
    if (!flag(ECHOE)) {
        echo(control(VERASE), effects);
        return;
    }
    unsigned columns = continues_character(c)                     ? 0
                       : flag(ECHOCTL) && (c < 0x20 || c == 0x7f) ? 2
                                                                  : 1;
    for (; columns > 0; columns--) show_text("\b \b", effects);
}

usize LineDiscipline::take(Bytes to, bool& line_ended) {
    usize done = 0;
    line_ended = false;
    // An end-of-file mark right after what fits goes with it: else the next read would take it for
    // the end.
    while (count_ > edited_ && !line_ended && (done < to.size() || (slot(0) & kEndOfFile) != 0)) {
        u16 c = slot(0);
        start_ = (start_ + 1) % kCapacity;
        count_--;
        if ((c & kLineEnd) != 0) {
            lines_--;
            line_ended = canonical();
        }
        if ((c & kEndOfFile) == 0) to[done++] = static_cast<u8>(c);
    }
    return done;
}

usize LineDiscipline::available() const {
    return canonical() && lines_ == 0 ? 0 : count_ - edited_;
}

void LineDiscipline::flush_input() { start_ = count_ = edited_ = lines_ = 0; }

usize LineDiscipline::output(u8 c, u8 (&to)[2]) const {
    tcflag_t flags = settings_.c_oflag;
    if ((flags & OPOST) != 0 && (flags & ONLCR) != 0 && c == '\n') {
        to[0] = '\r';
        to[1] = '\n';
        return 2;
    }
    to[0] = (flags & OPOST) != 0 && (flags & OCRNL) != 0 && c == '\r' ? '\n' : c;
    return 1;
}
