// The two halves of a path; both may change their argument.
#pragma once

char *basename(char *path);
char *dirname(char *path);
