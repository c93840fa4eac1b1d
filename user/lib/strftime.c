// strftime in the C locale.
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char *const days[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                   "Thursday", "Friday", "Saturday"};
static const char *const months[] = {"January",   "February", "March",    "April",
                                     "May",       "June",     "July",     "August",
                                     "September", "October",  "November", "December"};

static int is_leap(int year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

// Week of the year by ISO 8601, and the year that the week belongs to.
static int iso_week(const struct tm *tm, int *year) {
    int monday_based = (tm->tm_wday + 6) % 7;
    int week = (tm->tm_yday - monday_based + 10) / 7;
    *year = tm->tm_year + 1900;
    if (week < 1) {
        --*year;
        int january_first = ((tm->tm_wday - tm->tm_yday) % 7 + 7) % 7;
        // The last week of the year before: 53 if that year began on a Thursday, or was a leap
        // year that began on a Wednesday.
        return january_first == 5 || (january_first == 6 && is_leap(*year)) ? 53 : 52;
    }
    int days_left = 364 + is_leap(*year) - tm->tm_yday;
    if (week == 53 && days_left + monday_based < 3) {
        ++*year;
        return 1;
    }
    return week;
}

// By value: timegm normalizes what it is given.
static long seconds_since_1970(struct tm tm) {
    return timegm(&tm);
}

static int hour12(const struct tm *tm) {
    return tm->tm_hour % 12 == 0 ? 12 : tm->tm_hour % 12;
}

// A conversion that stands for others.
static const char *composed(char letter) {
    switch (letter) {
    case 'c': return "%a %b %e %H:%M:%S %Y";
    case 'D':
    case 'x': return "%m/%d/%y";
    case 'F': return "%Y-%m-%d";
    case 'r': return "%I:%M:%S %p";
    case 'R': return "%H:%M";
    case 'T':
    case 'X': return "%H:%M:%S";
    default: return NULL;
    }
}

// Text of one conversion; empty if it does not exist.
static void convert_field(char *buf, size_t size, char letter, const struct tm *tm) {
    int iso_year, week = iso_week(tm, &iso_year), year = tm->tm_year + 1900;
    switch (letter) {
    case 'a': snprintf(buf, size, "%.3s", days[tm->tm_wday]); break;
    case 'A': snprintf(buf, size, "%s", days[tm->tm_wday]); break;
    case 'b':
    case 'h': snprintf(buf, size, "%.3s", months[tm->tm_mon]); break;
    case 'B': snprintf(buf, size, "%s", months[tm->tm_mon]); break;
    case 'C': snprintf(buf, size, "%02d", year / 100); break;
    case 'd': snprintf(buf, size, "%02d", tm->tm_mday); break;
    case 'e': snprintf(buf, size, "%2d", tm->tm_mday); break;
    case 'g': snprintf(buf, size, "%02d", iso_year % 100); break;
    case 'G': snprintf(buf, size, "%d", iso_year); break;
    case 'H': snprintf(buf, size, "%02d", tm->tm_hour); break;
    case 'I': snprintf(buf, size, "%02d", hour12(tm)); break;
    case 'j': snprintf(buf, size, "%03d", tm->tm_yday + 1); break;
    case 'k': snprintf(buf, size, "%2d", tm->tm_hour); break;
    case 'l': snprintf(buf, size, "%2d", hour12(tm)); break;
    case 'm': snprintf(buf, size, "%02d", tm->tm_mon + 1); break;
    case 'M': snprintf(buf, size, "%02d", tm->tm_min); break;
    case 'n': snprintf(buf, size, "\n"); break;
    case 'p': snprintf(buf, size, "%s", tm->tm_hour < 12 ? "AM" : "PM"); break;
    case 'P': snprintf(buf, size, "%s", tm->tm_hour < 12 ? "am" : "pm"); break;
    case 's': snprintf(buf, size, "%ld", seconds_since_1970(*tm)); break;
    case 'S': snprintf(buf, size, "%02d", tm->tm_sec); break;
    case 't': snprintf(buf, size, "\t"); break;
    case 'u': snprintf(buf, size, "%d", tm->tm_wday == 0 ? 7 : tm->tm_wday); break;
    case 'U': snprintf(buf, size, "%02d", (tm->tm_yday + 7 - tm->tm_wday) / 7); break;
    case 'V': snprintf(buf, size, "%02d", week); break;
    case 'w': snprintf(buf, size, "%d", tm->tm_wday); break;
    case 'W': snprintf(buf, size, "%02d", (tm->tm_yday + 7 - (tm->tm_wday + 6) % 7) / 7); break;
    case 'y': snprintf(buf, size, "%02d", year % 100); break;
    case 'Y': snprintf(buf, size, "%d", year); break;
    case 'z': snprintf(buf, size, "+0000"); break;
    case 'Z': snprintf(buf, size, "UTC"); break;
    case '%': snprintf(buf, size, "%%"); break;
    default: snprintf(buf, size, "%%%c", letter); break;
    }
}

size_t strftime(char *buf, size_t size, const char *format, const struct tm *tm) {
    size_t used = 0;
    char piece[64];
    for (; *format; format++) {
        if (*format != '%' || format[1] == 0) {
            piece[0] = *format;
            piece[1] = 0;
        } else {
            format++;
            if ((*format == 'E' || *format == 'O') && format[1]) format++;  // as in the C locale
            const char *longer = composed(*format);
            if (longer) strftime(piece, sizeof(piece), longer, tm);
            else convert_field(piece, sizeof(piece), *format, tm);
        }
        size_t length = strlen(piece);
        if (used + length >= size) return 0;
        memcpy(buf + used, piece, length);
        used += length;
    }
    if (used >= size) return 0;
    buf[used] = 0;
    return used;
}
