// mremap of what is not mapped is EFAULT; of odd addresses, sizes of zero and unknown flags EINVAL.
// not-on-qemu-user: it answers a size of zero with ENOMEM
#include "check.h"

int main(void) {
    char *memory = new_pages(4, MAP_PRIVATE);
    CHECK_FAILS((long)mremap(memory + 1, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EINVAL);
    CHECK_FAILS((long)mremap(memory, PAGE, 0, MREMAP_MAYMOVE), EINVAL);
    CHECK_FAILS((long)mremap(memory, PAGE, PAGE, 64), EINVAL);
    CHECK_OK(munmap(memory + 2 * PAGE, PAGE));
    CHECK_FAILS((long)mremap(memory, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE), EFAULT);
    CHECK_FAILS((long)mremap(memory + 2 * PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EFAULT);
    return 0;
}
