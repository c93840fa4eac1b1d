// Terminals: attributes and names.
#include <errno.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

int tcgetattr(int fd, struct termios *attributes) {
    return ioctl(fd, TCGETS, attributes);
}

int tcsetattr(int fd, int when, const struct termios *attributes) {
    if (when < TCSANOW || when > TCSAFLUSH) {
        errno = EINVAL;
        return -1;
    }
    return ioctl(fd, TCSETS + (unsigned long)when, attributes);
}

int tcflush(int fd, int queue) {
    return ioctl(fd, TCFLSH, (long)queue);
}

int tcdrain(int fd) {
    return ioctl(fd, TCSBRK, 1l);
}

pid_t tcgetsid(int fd) {
    pid_t session;
    return ioctl(fd, TIOCGSID, &session) < 0 ? -1 : session;
}

void cfmakeraw(struct termios *attributes) {
    attributes->c_iflag &=
        ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
    attributes->c_oflag &= ~(tcflag_t)OPOST;
    attributes->c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
    attributes->c_cflag &= ~(tcflag_t)(CSIZE | PARENB);
    attributes->c_cflag |= CS8;
    attributes->c_cc[VMIN] = 1;
    attributes->c_cc[VTIME] = 0;
}

speed_t cfgetospeed(const struct termios *attributes) {
    return attributes->c_cflag & CBAUD;
}

speed_t cfgetispeed(const struct termios *attributes) {
    return cfgetospeed(attributes);
}

int isatty(int fd) {
    struct termios attributes;
    return tcgetattr(fd, &attributes) == 0;
}

char *ttyname(int fd) {
    static char name[64];
    char link[32];
    if (!isatty(fd)) return NULL;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, name, sizeof(name) - 1);
    if (length < 0) return NULL;
    name[length] = 0;
    return name;
}
