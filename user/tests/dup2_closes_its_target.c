// dup2 closes what its target was before; onto itself it does nothing, and dup3 refuses that.
#include "check.h"

int main(void) {
    int ends[2];
    char byte;
    CHECK_OK(pipe(ends));
    int root = (int)CHECK_OK(open("/", O_RDONLY));
    CHECK_IS(dup2(root, ends[1]), ends[1]);
    CHECK_IS(read(ends[0], &byte, 1), 0);  // its only writer is gone
    CHECK_IS(dup2(root, root), root);
    CHECK_OK(fcntl(root, F_GETFD));
    CHECK_FAILS(dup3(root, root, 0), EINVAL);
    CHECK_FAILS(dup2(root, -1), EBADF);
    return 0;
}
