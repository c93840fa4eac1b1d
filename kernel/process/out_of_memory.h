// What happens when a page fault finds no memory, and nothing could be reclaimed.
#pragma once

// Ends the process that has most memory in use (SIGKILL), unless one is on its way out already, and
// lets it run. The caller tries again, or is that process. Called with no locks held.
void relieve_memory();
