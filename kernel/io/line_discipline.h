// The line discipline: what a terminal does with characters between the keyboard and read(2), and
// between write(2) and the screen. Pure logic: no locks, no device, no processes; the terminal that
// owns it brings those. Reference: termios(3).
#pragma once
#include "abi/termios.h"
#include "base/span.h"

class LineDiscipline : Immovable {
  public:
    // What input may cause.
    class Effects {
      public:
        virtual void show(ConstBytes bytes) = 0;  // on the screen, as they are
        virtual void signal(int number) = 0;      // to the foreground processes
        virtual void stop_output(bool stop) = 0;  // ^S and ^Q

      protected:
        ~Effects() = default;
    };

    LineDiscipline();

    const struct termios& settings() const { return settings_; }
    void set_settings(const struct termios& settings);

    // One character from the keyboard.
    void input(u8 c, Effects& effects);

    // Whether a read has something to return: a line in canonical mode, else a character.
    bool readable() const { return canonical() ? lines_ > 0 : count_ > 0; }
    // Takes at most to.size() characters, in canonical mode at most to the end of the line. None
    // from an end-of-file mark. `line_ended` tells that a read is to return what it has.
    usize take(Bytes to, bool& line_ended);
    usize available() const;
    void flush_input();

    // Output processing: writes the bytes that `c` becomes (1 or 2) to `to`.
    usize output(u8 c, u8 (&to)[2]) const;

    bool canonical() const { return flag(ICANON); }
    u8 control(unsigned index) const { return settings_.c_cc[index]; }

  private:
    static constexpr usize kCapacity = 4096;
    // Characters are kept with a mark that the line ends after them.
    static constexpr u16 kLineEnd = 0x100;
    static constexpr u16 kEndOfFile = 0x200;  // with kLineEnd: ends the line and is no character

    bool flag(tcflag_t local) const { return (settings_.c_lflag & local) != 0; }
    bool is_control(u8 c, unsigned index) const { return c == control(index) && c != 0; }
    u16& slot(usize position) { return ring_[(start_ + position) % kCapacity]; }

    // Whether the byte continues a UTF-8 character: it has no column of its own.
    bool continues_character(u8 c) const {
        return (settings_.c_iflag & IUTF8) != 0 && (c & 0xc0) == 0x80;
    }
    bool translate(u8& c) const;
    bool handle_signal(u8 c, Effects& effects);
    bool handle_flow(u8 c, Effects& effects);
    bool edit(u8 c, Effects& effects);
    void erase_one(Effects& effects);
    void erase_word(Effects& effects);
    void erase_line(Effects& effects);
    void add(u8 c, u16 mark, Effects& effects);
    void echo(u8 c, Effects& effects) const;
    void unecho(u8 c, Effects& effects) const;

    struct termios settings_;
    u16 ring_[kCapacity];
    usize start_ = 0;
    usize count_ = 0;       // characters in the ring
    usize edited_ = 0;      // of them, at the end, those of the line being typed
    usize lines_ = 0;       // line ends in the ring
    bool literal_ = false;  // the next character is taken as it is (^V)
};
